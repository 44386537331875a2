"""Which periods a call counts against."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from apps.budgets.selectors import applicable, tightest
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


class TestTightest:
    MODELS = frozenset({"gpt-mini", "gpt-large"})

    def used(self, number: int, share: float, **changes: object) -> PeriodRecord:
        return replace(period(number), used=share, **changes)  # type: ignore[arg-type]

    def test_is_the_one_of_which_most_is_used(self) -> None:
        known = [self.used(1, 0.2), self.used(2, 0.7, team=RESEARCH), self.used(3, 0.9, team=SALES)]

        assert tightest(known, RESEARCH, self.MODELS, NOON, {}) == 0.7
        assert tightest(known, None, self.MODELS, NOON, {}) == 0.2

    def test_is_as_full_as_was_heard_last(self) -> None:
        known = [self.used(1, 0.2), self.used(2, 0.7)]

        assert tightest(known, None, self.MODELS, NOON, {PeriodId(1): 0.95, PeriodId(2): 0.1}) == 0.95

    def test_is_none_that_leaves_models_over(self) -> None:
        known = [self.used(1, 0.9, models=frozenset({"gpt-large"})), self.used(2, 0.3, models=self.MODELS | {"x"})]

        assert tightest(known, None, self.MODELS, NOON, {}) == 0.3
        assert tightest(known[:1], None, self.MODELS, NOON, {}) is None

    def test_is_running(self) -> None:
        known = [self.used(1, 0.9), self.used(2, 0.1, starts=NOON + DAY, ends=NOON + 2 * DAY)]

        assert tightest(known, None, self.MODELS, NOON + DAY, {}) == 0.1
