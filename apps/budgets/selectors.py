"""What budgets say, as frozen values."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Aggregate, Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from apps.budgets.models import Budget, BudgetPeriod, LedgerEntry, Reservation
from apps.budgets.values import (
    BudgetRecord,
    BudgetUndecided,
    Drift,
    Entry,
    Hold,
    Meter,
    Money,
    PeriodRecord,
    PeriodSums,
    UsageFigure,
    share,
)
from apps.core.reading import batches
from apps.core.tenancy import all_tenants
from apps.domain.ids import BudgetId, PeriodId, TeamId, TenantId, TurnId, UserId

PERIODS_AT_ONCE: Final = 200


def _names(budget: Budget) -> frozenset[str] | None:
    return None if budget.model_names is None else frozenset(budget.model_names)


def _team(budget: Budget) -> TeamId | None:
    return None if budget.team_id is None else TeamId(budget.team_id)


def record_of(budget: Budget) -> BudgetRecord:
    """The row as a value."""
    return BudgetRecord(BudgetId(budget.pk), _team(budget), budget.period, budget.limit, _names(budget))


def budgets(tenant: TenantId) -> tuple[BudgetRecord, ...]:
    """The limits in force, those of the tenant first."""
    rows = Budget.objects.for_tenant(tenant).filter(removed_at=None).order_by("team_id", "id")
    return tuple(record_of(row) for row in sorted(rows, key=lambda row: (row.team_id or 0, row.pk)))


def _in_force(tenant: TenantId) -> QuerySet[BudgetPeriod]:
    rows = BudgetPeriod.objects.for_tenant(tenant).filter(budget__removed_at=None)
    return rows.select_related("budget").order_by("id")


def periods(tenant: TenantId, now: datetime) -> tuple[PeriodRecord, ...]:
    """For the snapshot: of every budget in force the periods that have not ended, or else the one that ended last.

    The ended one stands for a budget whose next period is not made yet: `applicable` then refuses instead of
    overlooking the budget.
    """
    newest = _in_force(tenant).order_by().values("budget").annotate(newest=Max("id")).values("newest")
    rows = _in_force(tenant).filter(Q(ends__gt=now) | Q(id__in=newest))
    return tuple(
        PeriodRecord(
            PeriodId(row.pk),
            BudgetId(row.budget_id),
            _team(row.budget),
            _names(row.budget),
            row.starts,
            row.ends,
            share(row.spent + row.reserved, row.limit),
        )
        for row in rows
    )


def applicable(known: Sequence[PeriodRecord], team: TeamId | None, model: str, now: datetime) -> tuple[PeriodId, ...]:
    """The periods that a call of this team to this model counts against at this moment, in lock order. Pure.

    Raises:
        BudgetUndecided: a budget applies but has no period for this moment; the call must be refused.
    """
    concerned = [
        period for period in known if period.team in (None, team) and (period.models is None or model in period.models)
    ]
    running = {period.budget: period.id for period in concerned if period.starts <= now < period.ends}
    if len(running) < len({period.budget for period in concerned}):
        raise BudgetUndecided
    return tuple(sorted(running.values()))


def tightest(
    known: Sequence[PeriodRecord],
    team: TeamId | None,
    models: Collection[str],
    now: datetime,
    newer: Mapping[PeriodId, float],
) -> float | None:
    """The highest share that is used of a running period which all these models of the team count against. Pure.

    A budget for some of the models alone does not say that money runs out: the others can still answer.

    Args:
        newer: shares by period that were learnt since the snapshot.

    Returns:
        None when no budget limits all of them.
    """
    shares = [
        newer.get(period.id, period.used)
        for period in known
        if period.team in (None, team)
        and period.starts <= now < period.ends
        and (period.models is None or period.models.issuperset(models))
    ]
    return max(shares, default=None)


def meters(tenant: TenantId, now: datetime) -> tuple[Meter, ...]:
    """How the running periods of all budgets in force stand, the tenant's own first."""
    rows = _in_force(tenant).filter(starts__lte=now, ends__gt=now)
    found = [Meter(record_of(row.budget), row.starts, row.ends, row.spent, row.reserved) for row in rows]
    return tuple(sorted(found, key=lambda meter: (meter.budget.team or 0, meter.budget.id)))


def meter(tenant: TenantId, team: TeamId | None, now: datetime) -> tuple[Meter, ...]:
    """`meters` of the budgets that limit this team: its own and the tenant's (None: the tenant's alone)."""
    return tuple(found for found in meters(tenant, now) if found.budget.team in (None, team))


def held_periods(turns: Iterable[TurnId]) -> dict[TurnId, tuple[PeriodId, ...]]:
    """For sweepers, who close turns that they did not open: the periods in which these turns hold something."""
    found: dict[TurnId, list[PeriodId]] = {turn: [] for turn in turns}
    with all_tenants():
        rows = Reservation.objects.filter(turn_id__in=found, state=Reservation.State.HELD, period__isnull=False)
    for turn, period in rows.order_by("period_id", "id").values_list("turn_id", "period_id"):
        found[TurnId(turn)].append(PeriodId(period or 0))
    return {turn: tuple(dict.fromkeys(periods)) for turn, periods in found.items()}


_SUMS: Final[Mapping[str, Aggregate]] = {
    "turns": Count("turn_id", distinct=True),
    "input": Sum("input_tokens", default=0),
    "output": Sum("output_tokens", default=0),
    "cost": Sum("amount", default=0),
    "guessed": Sum("amount", default=0, filter=Q(estimated=True)),
}


def _figure(model: str, sums: Mapping[str, int]) -> UsageFigure:
    return UsageFigure(model, sums["turns"], sums["input"], sums["output"], sums["cost"], sums["guessed"])


def usage_of_person(
    tenant: TenantId, user: UserId, starts: datetime, ends: datetime
) -> tuple[UsageFigure, tuple[UsageFigure, ...]]:
    """What one person's calls, reserved in `[starts, ends)`, did cost: in all, and per model."""
    rows = LedgerEntry.objects.for_tenant(tenant).filter(user_id=user, reserved_at__gte=starts, reserved_at__lt=ends)
    by_model: Iterable[Any] = rows.order_by("model").values("model").annotate(**_SUMS)
    return _figure("", rows.aggregate(**_SUMS)), tuple(_figure(sums["model"], sums) for sums in by_model)


def usage_of_teams(
    tenant: TenantId, teams: Iterable[TeamId], starts: datetime, ends: datetime
) -> dict[TeamId, UsageFigure]:
    """What these teams did cost, each in one figure: a breakdown could single a person out."""
    rows = LedgerEntry.objects.for_tenant(tenant).filter(reserved_at__gte=starts, reserved_at__lt=ends)
    return {team: _figure("", rows.filter(team_id=team).aggregate(**_SUMS)) for team in teams}


def usage_of_tenant(tenant: TenantId, starts: datetime, ends: datetime) -> UsageFigure:
    """What the whole company did cost."""
    rows = LedgerEntry.objects.for_tenant(tenant).filter(reserved_at__gte=starts, reserved_at__lt=ends)
    return _figure("", rows.aggregate(**_SUMS))


def drifts(tenant: TenantId) -> tuple[Drift, ...]:
    """Periods whose `spent` or `reserved` is not the sum of its entries. Healthy: none."""
    return tuple(
        Drift(sums.period, sums.spent, sums.carried + sums.booked, sums.reserved, sums.held)
        for sums in period_sums(tenant)
        if (sums.carried + sums.booked, sums.held) != (sums.spent, sums.reserved)
    )


def period_sums(tenant: TenantId) -> Iterator[PeriodSums]:
    """Every period with what its rows add up to, in the order of ids; a bounded number of rows in memory."""
    periods = BudgetPeriod.objects.for_tenant(tenant)
    for batch in batches(periods, "budget_id", "limit", "carried", "spent", "reserved", size=PERIODS_AT_ONCE):
        ids = [row["pk"] for row in batch]
        booked, held = _booked(tenant, ids), _held(tenant, ids)
        for row in batch:
            period = PeriodId(row.pop("pk"))
            budget = BudgetId(row.pop("budget_id"))
            yield PeriodSums(period, budget, booked=booked.get(period, 0), held=held.get(period, 0), **row)


def _held(tenant: TenantId, periods: Sequence[int]) -> dict[int | None, int]:
    rows = Reservation.objects.for_tenant(tenant).filter(period__in=periods, state=Reservation.State.HELD)
    return dict(rows.order_by("period").values_list("period").annotate(sum=Sum("amount")))


def _booked(tenant: TenantId, periods: Sequence[int]) -> dict[int | None, int]:
    entry = LedgerEntry.objects.for_tenant(tenant).filter(turn_id=OuterRef("turn_id"), attempt=OuterRef("attempt"))
    rows = Reservation.objects.for_tenant(tenant).filter(period__in=periods, state=Reservation.State.SETTLED)
    costs = rows.annotate(cost=Coalesce(Subquery(entry.values("amount")[:1]), 0))
    return dict(costs.order_by("period").values_list("period").annotate(sum=Sum("cost")))


def money_of(tenant: TenantId, turns: Collection[TurnId]) -> dict[TurnId, Money]:
    """What reservations and ledger hold of these turns, whatever their state."""
    holds: dict[TurnId, list[Hold]] = {turn: [] for turn in turns}
    entries: dict[TurnId, list[Entry]] = {turn: [] for turn in turns}
    reserved = Reservation.objects.for_tenant(tenant).filter(turn_id__in=holds).order_by("attempt", "id")
    for row in reserved.values("turn_id", "attempt", "amount", "period_id", "state"):
        period = None if row["period_id"] is None else PeriodId(row["period_id"])
        holds[TurnId(row["turn_id"])].append(Hold(row["attempt"], row["amount"], period, row["state"]))
    booked = LedgerEntry.objects.for_tenant(tenant).filter(turn_id__in=holds).order_by("attempt", "id")
    for turn, attempt, model, amount, estimated in booked.values_list(
        "turn_id", "attempt", "model", "amount", "estimated"
    ):
        entries[TurnId(turn)].append(Entry(attempt, model, amount, estimated))
    return {turn: Money(tuple(holds[turn]), tuple(entries[turn])) for turn in holds}


def turns_with_money(tenant: TenantId) -> Iterator[frozenset[TurnId]]:
    """The turns that reservations or entries name, a bounded number at a time; one may come more than once."""
    for model in (Reservation, LedgerEntry):
        for batch in batches(model.objects.for_tenant(tenant), "turn_id"):
            yield frozenset(TurnId(row["turn_id"]) for row in batch)
