"""Beat goes on at its intervals when somebody sets the clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Celery, beat

from apps.core import beat as ours

START = 1_800_000_000.0
EVERY_S = {"often": 5, "seldom": 600}


class Clocks:
    """A wall clock that can be set, and one that only passes."""

    def __init__(self) -> None:
        self.passed, self.set_by = 0.0, 0.0

    def time(self) -> float:
        return START + self.passed + self.set_by

    def monotonic(self) -> float:
        return self.passed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(ours, "time", clocks)
    return clocks


@pytest.fixture
def sent_within(clocks: Clocks) -> Callable[[float], list[str]]:
    """Let so many seconds pass; returns what was sent meanwhile."""
    app = Celery("test", broker="memory://", set_as_current=False)
    app.conf.update(timezone="UTC", result_expires=None)
    app.now = clocks.now
    app.conf.beat_schedule = {name: {"task": name, "schedule": timedelta(seconds=s)} for name, s in EVERY_S.items()}
    sent: list[str] = []

    class Scheduler(ours.SteadyScheduler):
        def apply_entry(self, entry: beat.ScheduleEntry, producer: Any = None) -> None:
            sent.append(entry.name)

    scheduler = Scheduler(app=app)

    def run(seconds: float) -> list[str]:
        sent.clear()
        end = clocks.passed + seconds
        while clocks.passed < end:
            clocks.passed += min(max(scheduler.tick(), 0.01), end - clocks.passed)
        return list(sent)

    return run


class TestSettingTheClock:
    @pytest.mark.parametrize("jump_s", [0.0, -86_400.0, -3.0, 86_400.0, 300.0])
    def test_changes_no_interval(
        self, clocks: Clocks, sent_within: Callable[[float], list[str]], jump_s: float
    ) -> None:
        sent_within(302)
        clocks.set_by += jump_s
        sent = sent_within(602)

        assert 118 <= sent.count("often") <= 121
        assert sent.count("seldom") == 1
