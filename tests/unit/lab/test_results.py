"""The table of a run: means with intervals, per model and task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.lab import results
from apps.lab.results import Outcome


class TestTheInterval:
    @given(st.floats(0, 1), st.integers(1, 10_000))
    def test_holds_the_mean_and_stays_in_0_to_1(self, mean: float, n: int) -> None:
        low, high = results.interval(mean, n)

        assert 0.0 <= low <= mean + 1e-9
        assert mean - 1e-9 <= high <= 1.0

    def test_of_nothing_is_everything(self) -> None:
        assert results.interval(0.0, 0) == (0.0, 1.0)

    def test_is_wilsons(self) -> None:
        assert results.interval(0.5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)
        assert results.interval(1.0, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)

    @given(st.floats(0, 1), st.integers(1, 1_000))
    def test_narrows_with_more_answers(self, mean: float, n: int) -> None:
        few, many = results.interval(mean, n), results.interval(mean, 4 * n)

        assert many[1] - many[0] < few[1] - few[0]


class TestTheTable:
    def test_says_how_long_the_answers_that_came_took_in_the_middle(self) -> None:
        (overall, _) = results.table(
            [
                Outcome("small", "math", "checked", 1.0, 10, first_token_ms=100, duration_ms=2_000),
                Outcome("small", "math", "checked", 0.0, 10, first_token_ms=300, duration_ms=8_000),
                Outcome("small", "math", "checked", 1.0, 10, first_token_ms=200, duration_ms=3_000),
                Outcome("small", "math", "failed", None, 0, first_token_ms=None, duration_ms=60_000),
                Outcome("small", "math", "waiting", None, 0),
            ]
        )

        assert (overall.first_token_ms, overall.duration_ms) == (200, 3_000)
        assert results.table([Outcome("small", "math", "waiting", None, 0)])[0].duration_ms is None

    def test_counts_what_was_not_checked_apart(self) -> None:
        found = results.table(
            [
                Outcome("small", "math", "checked", 1.0, 10),
                Outcome("small", "math", "checked", 0.5, 10),
                Outcome("small", "coding", "failed", None, 0),
                Outcome("small", "coding", "skipped", None, 7),
                Outcome("large", "math", "checked", 0.0, 90),
            ]
        )

        assert [(r.model, r.task, r.mean, r.n, r.failed, r.skipped, r.cost) for r in found] == [
            ("large", "*", 0.0, 1, 0, 0, 90),
            ("large", "math", 0.0, 1, 0, 0, 90),
            ("small", "*", 0.75, 2, 1, 1, 27),
            ("small", "coding", None, 0, 1, 1, 7),
            ("small", "math", 0.75, 2, 0, 0, 20),
        ]
