"""How attempts went: rates, costs and latencies that follow the present."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.domain.observation import Speed
from apps.routing.engine import pace, sketch
from apps.routing.engine.pace import Pace
from tests.support.observations import attempt

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at_noon(**changes: Any) -> Speed:
    return attempt(**{"at": NOON, **changes})


def after(*speeds: Speed) -> Pace:
    found = Pace()
    for speed in speeds:
        found = pace.updated(found, speed)
    return found


class TestAttempts:
    def test_without_an_answer_have_no_cost_per_answer(self) -> None:
        found = after(at_noon(end="error", first_token_ms=None, tokens_per_s=None, cost_micro_usd=0))

        assert found.cost_per_answer() is None
        assert found.share(found.errors) == 1.0
        assert sketch.quantile(found.first_token, 0.5) is None

    def test_that_cost_and_failed_make_answers_dearer(self) -> None:
        found = after(at_noon(end="error", cost_micro_usd=500), at_noon(cost_micro_usd=1000))

        assert found.cost_per_answer() == pytest.approx(1500, rel=0.01)

    def test_have_no_rates_before_the_first(self) -> None:
        assert Pace().share(0.0) == 0.0


class TestTheMedian:
    def test_follows_a_model_that_became_slow_within_five_hundred_attempts(self) -> None:
        found = after(*[at_noon(first_token_ms=300.0) for _ in range(2000)])
        for _ in range(500):
            found = pace.updated(found, at_noon(first_token_ms=3000.0))

        assert sketch.quantile(found.first_token, 0.5) == pytest.approx(3000, rel=sketch.ERROR)

    def test_follows_the_days_where_few_ask(self) -> None:
        found = after(*[at_noon(first_token_ms=300.0) for _ in range(20)])
        for _ in range(5):
            found = pace.updated(found, at_noon(first_token_ms=3000.0, at=NOON + timedelta(days=21)))

        assert sketch.quantile(found.first_token, 0.5) == pytest.approx(3000, rel=sketch.ERROR)


class TestMerging:
    def test_brings_both_to_the_same_time(self) -> None:
        early, late = after(at_noon()), after(at_noon(at=NOON + pace.HALF_LIFE))

        assert pace.merged(early, late).attempts == pytest.approx(1.5)
        assert pace.merged(late, early) == pace.merged(early, late)

    def test_with_nothing_changes_nothing(self) -> None:
        found = after(at_noon(), at_noon(end="refused"))

        assert pace.merged(found, Pace()) == found
