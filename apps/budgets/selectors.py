"""What budgets say, as frozen values."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import Aggregate, Count, Max, Q, QuerySet, Sum

from apps.budgets.models import Budget, BudgetPeriod, LedgerEntry, Reservation
from apps.budgets.values import BudgetRecord, BudgetUndecided, Drift, Meter, PeriodRecord, UsageFigure
from apps.core.tenancy import all_tenants
from apps.domain.ids import BudgetId, PeriodId, TeamId, TenantId, TurnId, UserId


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
            PeriodId(row.pk), BudgetId(row.budget_id), _team(row.budget), _names(row.budget), row.starts, row.ends
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
    found = []
    for period in BudgetPeriod.objects.for_tenant(tenant).order_by("id"):
        rows = Reservation.objects.for_tenant(tenant).filter(period=period)
        held = rows.filter(state=Reservation.State.HELD).aggregate(sum=Sum("amount", default=0))["sum"]
        booked = period.carried + sum(_booked(tenant, rows.filter(state=Reservation.State.SETTLED)))
        if (booked, held) != (period.spent, period.reserved):
            found.append(Drift(PeriodId(period.pk), period.spent, booked, period.reserved, held))
    return tuple(found)


def _booked(tenant: TenantId, settled: QuerySet[Reservation]) -> Iterable[int]:
    attempts = set(settled.values_list("turn_id", "attempt"))
    turns = {turn for turn, _ in attempts}
    rows = LedgerEntry.objects.for_tenant(tenant).filter(turn_id__in=turns).order_by("id")
    return (row.amount for row in rows if (row.turn_id, row.attempt) in attempts)
