"""Which periods a call counts against."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.budgets.selectors import applicable
from apps.budgets.values import BudgetUndecided, PeriodRecord
from apps.domain.ids import BudgetId, PeriodId, TeamId

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RESEARCH, SALES = TeamId(1), TeamId(2)


def period(
    number: int, *, budget: int = 0, team: TeamId | None = None, models: frozenset[str] | None = None, days: int = 0
) -> PeriodRecord:
    starts = NOON + days * DAY
    return PeriodRecord(PeriodId(number), BudgetId(budget or number), team, models, starts, starts + DAY)


class TestApplicable:
    def test_takes_those_of_the_tenant_and_of_the_team(self) -> None:
        known = [period(3, team=RESEARCH), period(2, team=SALES), period(1)]

        assert applicable(known, RESEARCH, "gpt-mini", NOON) == (1, 3)

    def test_takes_those_of_the_tenant_alone_without_a_team(self) -> None:
        assert applicable([period(1), period(2, team=SALES)], None, "gpt-mini", NOON) == (1,)

    def test_leaves_out_budgets_for_other_models(self) -> None:
        known = [period(1, models=frozenset({"gpt-mini"})), period(2, models=frozenset({"gpt-large"}))]

        assert applicable(known, RESEARCH, "gpt-mini", NOON) == (1,)

    def test_changes_at_the_very_moment_at_which_the_next_period_starts(self) -> None:
        known = [period(1, budget=9), period(2, budget=9, days=1)]

        assert applicable(known, None, "m", NOON + DAY - timedelta(microseconds=1)) == (1,)
        assert applicable(known, None, "m", NOON + DAY) == (2,)

    def test_refuses_when_a_budget_has_no_period_for_this_moment(self) -> None:
        with pytest.raises(BudgetUndecided):
            applicable([period(1), period(2, days=-3)], None, "m", NOON)

    def test_does_not_mind_a_missing_period_of_another_team(self) -> None:
        assert applicable([period(1), period(2, team=SALES, days=-3)], RESEARCH, "m", NOON) == (1,)

    def test_is_empty_without_budgets(self) -> None:
        assert applicable([], RESEARCH, "m", NOON) == ()
