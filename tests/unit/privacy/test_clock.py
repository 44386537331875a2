"""The time that one text may cost: processor time of its thread, which is seldom asked for."""

from types import SimpleNamespace

import pytest

from apps.privacy.detection import clock
from apps.privacy.detection.clock import REGEX_TIMEOUT_S, Clock


class Times:
    """Both clocks, which the test moves, and how often the dear one was asked."""

    def __init__(self) -> None:
        self.wall, self.processor, self.asked = 100.0, 5.0, 0

    def thread_time(self) -> float:
        self.asked += 1
        return self.processor


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    times = Times()
    clocks = SimpleNamespace(monotonic=lambda: times.wall, thread_time=times.thread_time)
    monkeypatch.setattr(clock, "time", clocks)
    return times


class TestClock:
    def test_allows_a_pattern_its_longest_time_while_the_budget_cannot_be_used_up(self, times: Times) -> None:
        budget = Clock(3.0)
        times.wall += 1.9

        assert [budget.step() for _ in range(50)] == [REGEX_TIMEOUT_S] * 50
        assert times.asked == 1

    def test_allows_no_more_than_is_left(self, times: Times) -> None:
        budget = Clock(3.0)
        times.wall += 2.5
        times.processor += 2.5

        assert budget.step() == pytest.approx(0.5)

    def test_ends_when_the_processor_time_is_used_up(self, times: Times) -> None:
        budget = Clock(3.0)
        times.wall += 3.0
        times.processor += 3.0

        with pytest.raises(TimeoutError):
            budget.step()

    def test_does_not_count_what_the_thread_waited(self, times: Times) -> None:
        budget = Clock(3.0)
        times.wall += 60.0
        times.processor += 0.5

        assert budget.step() == REGEX_TIMEOUT_S
        times.wall += 1.4  # that long it cannot have used 2.5 seconds
        assert budget.step() == REGEX_TIMEOUT_S
        assert times.asked == 2
