"""How far the money has run down, as this process knows it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from apps.budgets.values import PeriodRecord
from apps.domain.ids import BudgetId, PeriodId
from apps.domain.policy import Policy
from apps.turns.context import TenantContext
from apps.turns.levels import Levels
from tests.support.turn_values import NOON, candidate

MONTH, DAY = PeriodId(1), PeriodId(2)


def context(**used: float) -> TenantContext:
    """A company with two models and a budget per name."""
    periods = tuple(
        PeriodRecord(number, BudgetId(number), None, None, NOON, NOON + timedelta(days=1), used[name])
        for name, number in (("month", MONTH), ("day", DAY))
        if name in used
    )
    nobody: dict[Any, Any] = {}
    tenant: Any = None
    models = (candidate("a"), candidate("b"))
    return TenantContext(1, tenant, nobody, nobody, Policy(1), models, nobody, periods)


class TestLevels:
    def test_are_those_of_the_snapshot_until_something_is_heard(self) -> None:
        levels = Levels()

        assert levels.tightest(context(month=0.3, day=0.6), None, NOON) == 0.6
        levels.heard([(MONTH, 0.9)])
        assert levels.tightest(context(month=0.3, day=0.6), None, NOON) == 0.9

    def test_are_none_without_a_budget_and_at_most_all_of_it(self) -> None:
        assert Levels().tightest(context(), None, NOON) is None
        assert Levels().tightest(context(month=1.7), None, NOON) == 1.0

    def test_forget_what_was_longest_unheard_of(self) -> None:
        levels = Levels(limit=1)
        levels.heard([(MONTH, 0.9)])
        levels.heard([(DAY, 0.1)])

        assert levels.tightest(context(month=0.3), None, NOON) == 0.3

    def test_do_not_count_a_budget_that_leaves_models_over(self) -> None:
        known = context(month=0.9)
        partly = replace(known, periods=(replace(known.periods[0], models=frozenset({"a"})),))

        assert Levels().tightest(partly, None, NOON) is None
