"""Budgets are set, their periods made, and everything is on record."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import AuditEvent
from apps.budgets import selectors, services
from apps.budgets.models import BudgetPeriod
from apps.budgets.values import BudgetRecord
from apps.core import versions
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import BudgetId, TeamId, TenantId
from apps.tenants.models import Team, Tenant
from tests.support.factories.budgets import LedgerEntryFactory
from tests.support.factories.tenants import TeamFactory, TenantFactory

pytestmark = pytest.mark.django_db

MAY = datetime(2026, 5, 15, 12, tzinfo=UTC)
MAY_STARTS = datetime(2026, 4, 30, 22, tzinfo=UTC)  # midnight in Berlin
JUNE_STARTS = datetime(2026, 5, 31, 22, tzinfo=UTC)


@pytest.fixture
def acme() -> Tenant:
    tenant: Tenant = TenantFactory.create(slug="acme")
    return tenant


@pytest.fixture
def research(acme: Tenant) -> Team:
    team: Team = TeamFactory.create(tenant=acme, slug="research")
    return team


def upsert(tenant: Tenant, *, limit: int = 5_000_000, team: Team | None = None, **values: Any) -> BudgetRecord:
    wanted: dict[str, Any] = {"period": "month", "models": None, "actor": "user:1", "at": MAY} | values
    return services.upsert_budget(
        tenant=TenantId(tenant.pk), team=TeamId(team.pk) if team else None, limit=limit, **wanted
    )


def periods(budget: BudgetRecord) -> list[BudgetPeriod]:
    tenant = TenantId(Tenant.objects.get().pk)
    return list(BudgetPeriod.objects.for_tenant(tenant).filter(budget_id=budget.id).order_by("starts"))


def kinds(tenant: Tenant) -> list[str]:
    return list(AuditEvent.objects.for_tenant(TenantId(tenant.pk)).order_by("seq").values_list("kind", flat=True))


class TestUpsertBudget:
    def test_makes_the_running_and_the_next_period_in_the_tenants_time_zone(self, acme: Tenant) -> None:
        running, following = periods(upsert(acme))

        assert (running.starts, running.ends, running.limit) == (MAY_STARTS, JUNE_STARTS, 5_000_000)
        assert following.starts == JUNE_STARTS

    def test_is_recorded_and_seen_by_every_process(self, acme: Tenant) -> None:
        upsert(acme)

        assert kinds(acme) == ["budget.created"]
        assert versions.current(tenant=TenantId(acme.pk)) == 1

    def test_changes_nothing_the_second_time(self, acme: Tenant) -> None:
        assert upsert(acme) == upsert(acme)
        assert kinds(acme) == ["budget.created"]

    def test_lets_the_running_period_follow_and_keep_what_was_spent(self, acme: Tenant) -> None:
        budget = upsert(acme)
        BudgetPeriod.objects.for_tenant(TenantId(acme.pk)).filter(starts=MAY_STARTS).update(spent=7, reserved=2)

        upsert(acme, limit=9_000_000)

        running = periods(budget)[0]
        assert (running.limit, running.spent, running.reserved) == (9_000_000, 7, 2)
        assert kinds(acme) == ["budget.created", "budget.changed"]

    def test_counts_what_was_spent_in_the_period_before_the_budget_existed(self, acme: Tenant, research: Team) -> None:
        LedgerEntryFactory.create(tenant=acme, team_id=research.pk, amount=300, reserved_at=MAY)
        LedgerEntryFactory.create(tenant=acme, team_id=None, amount=50, reserved_at=MAY)
        LedgerEntryFactory.create(
            tenant=acme, team_id=research.pk, amount=9, reserved_at=MAY_STARTS - timedelta(hours=1)
        )

        assert periods(upsert(acme))[0].spent == 350
        assert periods(upsert(acme, team=research))[0].spent == 300
        assert periods(upsert(acme, models=["gpt-large"]))[0].spent == 0
        assert not selectors.drifts(TenantId(acme.pk))

    def test_grants_no_second_month_when_it_is_removed_and_put_back(self, acme: Tenant) -> None:
        budget = upsert(acme)
        BudgetPeriod.objects.for_tenant(TenantId(acme.pk)).filter(starts=MAY_STARTS).update(spent=7, carried=7)
        services.remove_budget(tenant=TenantId(acme.pk), budget=budget.id, actor="user:1", at=MAY)

        again = upsert(acme)

        assert again.id == budget.id
        assert periods(again)[0].spent == 7

    def test_keeps_budgets_for_different_models_apart(self, acme: Tenant) -> None:
        first = upsert(acme, models=["b", "a"])
        same = upsert(acme, models=("a", "b"))
        other = upsert(acme, models=["a"])

        assert first.id == same.id != other.id

    @pytest.mark.parametrize(
        ("values", "field"), [({"period": "year"}, "period"), ({"limit": -1}, "limit"), ({"models": []}, "models")]
    )
    def test_names_the_field_that_is_wrong(self, acme: Tenant, values: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidRequest) as refusal:
            upsert(acme, **values)

        assert set(refusal.value.fields) == {field}

    def test_knows_no_team_of_another_tenant(self, acme: Tenant) -> None:
        stranger = TeamFactory.create()

        with pytest.raises(NotFound):
            upsert(acme, team=stranger)


class TestRemoveBudget:
    def test_takes_the_limit_away(self, acme: Tenant) -> None:
        budget = upsert(acme)

        services.remove_budget(tenant=TenantId(acme.pk), budget=budget.id, actor="user:1", at=MAY)

        assert selectors.budgets(TenantId(acme.pk)) == ()
        assert selectors.periods(TenantId(acme.pk), MAY) == ()
        assert kinds(acme)[-1] == "budget.removed"

    def test_knows_no_budget_of_another_tenant(self, acme: Tenant) -> None:
        stranger = TenantFactory.create()
        budget = upsert(acme)

        with pytest.raises(NotFound):
            services.remove_budget(tenant=TenantId(stranger.pk), budget=budget.id, actor="user:1", at=MAY)

    def test_knows_no_budget_twice(self, acme: Tenant) -> None:
        with pytest.raises(NotFound):
            services.set_limit(tenant=TenantId(acme.pk), budget=BudgetId(404), limit=1, actor="user:1", at=MAY)


class TestEnsurePeriods:
    def test_makes_the_next_period_ahead(self, acme: Tenant) -> None:
        budget = upsert(acme)

        made = services.ensure_all_periods(now=JUNE_STARTS)

        assert made == 1
        assert [period.starts for period in periods(budget)][:2] == [MAY_STARTS, JUNE_STARTS]
        assert len(periods(budget)) == 3

    def test_takes_two_reads_and_no_lock_when_nothing_is_missing(
        self, acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        upsert(acme)

        with django_assert_num_queries(3):
            assert services.ensure_periods(tenant=TenantId(acme.pk), now=MAY) == 0

    def test_moves_the_end_of_the_running_month_when_the_time_zone_changes(self, acme: Tenant) -> None:
        budget = upsert(acme)
        Tenant.objects.filter(pk=acme.pk).update(timezone="America/New_York")

        assert services.ensure_periods(tenant=TenantId(acme.pk), now=MAY) == 2

        running, following = periods(budget)
        assert running.starts == MAY_STARTS
        assert running.ends == following.starts == datetime(2026, 6, 1, 4, tzinfo=UTC)

    def test_after_an_outage_a_call_finds_its_period_again(self, acme: Tenant) -> None:
        upsert(acme)
        august = datetime(2026, 8, 3, tzinfo=UTC)
        (stale,) = selectors.periods(TenantId(acme.pk), august)

        services.ensure_periods(tenant=TenantId(acme.pk), now=august)

        known = selectors.periods(TenantId(acme.pk), august)
        assert stale.ends < august
        assert len(selectors.applicable(known, None, "m", august)) == 1
