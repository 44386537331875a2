"""What budgets say about themselves, after the writer's batches have gone through a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.budgets import selectors, services
from apps.budgets.models import BudgetPeriod, LedgerEntry, Reservation
from apps.budgets.values import BudgetExceeded, BudgetRecord
from apps.core.store import BlockingStore
from apps.domain.ids import PeriodId, TeamId, TenantId, TurnId, UserId
from apps.tenants.models import Team, Tenant
from tests.support.books import NOON, TURNS, Books, line, settle
from tests.support.factories.budgets import LedgerEntryFactory
from tests.support.factories.tenants import TeamFactory, TenantFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Tenant:
    tenant: Tenant = TenantFactory.create(slug="acme")
    return tenant


@pytest.fixture
def research(acme: Tenant) -> Team:
    team: Team = TeamFactory.create(tenant=acme, slug="research")
    return team


def limit(tenant: Tenant, amount: int, team: Team | None = None, period: str = "month") -> BudgetRecord:
    return services.upsert_budget(
        tenant=TenantId(tenant.pk), team=TeamId(team.pk) if team else None, period=period, limit=amount, models=None,
        actor="user:1", at=NOON,
    )  # fmt: skip


def store(*periods: PeriodId) -> BlockingStore:
    """The real store over the planner of acts; it reads these periods."""
    planner = Books({})
    planner.read_periods = periods
    return BlockingStore(planner)


class TestBatchesInTheDatabase:
    def test_reserve_and_settle_at_every_level_and_leave_sound_sums(self, acme: Tenant, research: Team) -> None:
        limit(acme, 1_000)
        limit(acme, 300, research, "day")
        tenant = TenantId(acme.pk)
        levels = selectors.applicable(selectors.periods(tenant, NOON), TeamId(research.pk), "gpt-mini", NOON)
        books = store(*levels)

        def reserve(turn: TurnId, amount: int) -> object:
            return books.commit_now([lambda book: book.reserve(turn, 1, levels, amount, NOON, tenant)], NOON)[0]

        assert reserve(TURNS[0], 200) is None
        refusal = reserve(TURNS[1], 101)
        assert isinstance(refusal, BudgetExceeded)
        assert refusal.detail.startswith("The daily budget of team research is used up.")
        assert selectors.held_periods(TURNS[:2]) == {TURNS[0]: levels, TURNS[1]: ()}
        bill = line(amount=150, tenant=tenant)
        books.commit_now([settle(TURNS[0], bill), settle(TURNS[0], bill)], NOON)

        whole, team = selectors.meter(tenant, TeamId(research.pk), NOON)
        assert (whole.spent, whole.reserved, whole.left, whole.state) == (150, 0, 850, "open")
        assert (team.spent, team.left) == (150, 150)
        assert not selectors.drifts(tenant)
        entry = LedgerEntry.objects.for_tenant(tenant).get()
        assert (entry.amount, entry.reserved_at) == (150, NOON)

    def test_a_changed_row_is_noticed(self, acme: Tenant) -> None:
        limit(acme, 1_000)
        tenant = TenantId(acme.pk)
        (period,) = selectors.applicable(selectors.periods(tenant, NOON), None, "m", NOON)
        books = store(period)
        books.commit_now([lambda book: book.reserve(TURNS[0], 1, (period,), 10, NOON, tenant)], NOON)

        Reservation.objects.for_tenant(tenant).update(amount=9)

        (drift,) = selectors.drifts(tenant)
        assert (drift.reserved, drift.held) == (10, 9)


class TestMeter:
    def test_says_when_a_budget_is_low_or_used_up(self, acme: Tenant) -> None:
        limit(acme, 1_000)
        period = BudgetPeriod.objects.for_tenant(TenantId(acme.pk)).order_by("starts")[0]

        states = []
        for spent in (900, 901, 1_000):
            BudgetPeriod.objects.for_tenant(TenantId(acme.pk)).filter(pk=period.pk).update(spent=spent)
            states.append(selectors.meter(TenantId(acme.pk), None, NOON)[0].state)

        assert states == ["open", "low", "used_up"]

    def test_leaves_other_teams_out(self, acme: Tenant, research: Team) -> None:
        limit(acme, 5, TeamFactory.create(tenant=acme))

        assert selectors.meter(TenantId(acme.pk), TeamId(research.pk), NOON) == ()


class TestUsage:
    MAY = (datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))

    def test_sums_ones_own_calls_in_all_and_per_model(self, acme: Tenant) -> None:
        LedgerEntryFactory.create(tenant=acme, user_id=1, amount=30, reserved_at=NOON)
        LedgerEntryFactory.create(tenant=acme, user_id=1, amount=5, reserved_at=NOON, model="gpt-large", estimated=True)
        LedgerEntryFactory.create(tenant=acme, user_id=2, amount=99, reserved_at=NOON)

        total, by_model = selectors.usage_of_person(TenantId(acme.pk), UserId(1), *self.MAY)

        assert (total.turns, total.amount, total.estimated, total.input_tokens) == (2, 35, 5, 200)
        assert [(figure.model, figure.amount) for figure in by_model] == [("gpt-large", 5), ("gpt-mini", 30)]

    def test_counts_a_call_in_the_month_of_its_reservation(self, acme: Tenant) -> None:
        june = self.MAY[1]
        LedgerEntryFactory.create(tenant=acme, user_id=1, reserved_at=june - timedelta(seconds=1), at=june)

        assert selectors.usage_of_person(TenantId(acme.pk), UserId(1), *self.MAY)[0].turns == 1

    def test_is_nothing_for_strangers(self, acme: Tenant) -> None:
        LedgerEntryFactory.create(tenant=acme, user_id=1, reserved_at=NOON)
        stranger = TenantFactory.create()

        total, by_model = selectors.usage_of_person(TenantId(stranger.pk), UserId(1), *self.MAY)

        assert (total.amount, by_model) == (0, ())

    def test_sums_teams_and_the_company(self, acme: Tenant, research: Team) -> None:
        LedgerEntryFactory.create(tenant=acme, team_id=research.pk, amount=30, reserved_at=NOON)
        LedgerEntryFactory.create(tenant=acme, team_id=None, amount=5, reserved_at=NOON)

        tenant, team = TenantId(acme.pk), TeamId(research.pk)
        assert selectors.usage_of_teams(tenant, [team], *self.MAY)[team].amount == 30
        assert selectors.usage_of_tenant(tenant, *self.MAY).amount == 35
