"""Verbs of budgets: limits are set and removed, their periods are made ahead. Calls reserve through `planning.Book`."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from django.db.models import Q, Sum

from apps.audit import services as audit
from apps.budgets import periods
from apps.budgets.models import Budget, BudgetPeriod, LedgerEntry
from apps.budgets.selectors import record_of
from apps.budgets.values import BudgetRecord
from apps.core import db, versions
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import BudgetId, TeamId, TenantId
from apps.tenants import selectors as tenants

log = structlog.get_logger(__name__)

MAX_MODELS = 64
MAX_LIMIT = 10**15
"""A thousand million dollars: sums of limits and spendings stay far inside 64 bits."""


def upsert_budget(
    *,
    tenant: TenantId,
    team: TeamId | None,
    period: str,
    limit: int,
    models: Collection[str] | None,
    actor: str,
    at: datetime,
) -> BudgetRecord:
    """Set the limit, in micro-dollars, of a tenant or team per `period`, for all models (None) or for the named ones.

    The running period follows at once: what is spent and reserved in it stays, and what was spent in it before the
    budget existed counts. Setting the same again changes nothing and is not audited.

    Raises:
        InvalidRequest: unknown period, a limit below zero or above `MAX_LIMIT`, or an empty list of models.
        NotFound: the team is not the tenant's.
    """
    names = _checked(period, limit, models)
    scope = _scope(tenant, team, names)
    with db.atomic():
        known = Budget.objects.for_tenant(tenant)
        whose = Q(team=None) if team is None else Q(team_id=team)
        row = known.filter(whose, period=period, models_digest=_digest(names)).first()
        if row is not None and row.removed_at is None and row.limit == limit:
            return record_of(row)
        before = row.limit if row is not None and row.removed_at is None else None
        row = row or Budget(tenant_id=tenant, team_id=team, period=period, models_digest=_digest(names))
        row.limit, row.model_names, row.removed_at = limit, names, None
        row.save()
        _renew(row, _zone(tenant), scope, at)
        _follow(row, at, count_earlier=before is None)
        body = {"team": team, "period": period, "limit": limit, "models": names, "before": before}
        kind = "budget.created" if before is None else "budget.changed"
        audit.change(tenant=tenant, kind=kind, actor=actor, subject=f"budget:{row.pk}", body=body, at=at)
    return record_of(row)


def set_limit(*, tenant: TenantId, budget: BudgetId, limit: int, actor: str, at: datetime) -> BudgetRecord:
    """`upsert_budget` for a budget that is known by its id.

    Raises:
        NotFound: no such budget of this tenant is in force.
        InvalidRequest: the limit is out of range.
    """
    with db.atomic():
        row = Budget.objects.for_tenant(tenant).filter(pk=budget, removed_at=None).first()
        if row is None:
            raise NotFound
        return upsert_budget(
            tenant=tenant, team=_team(row), period=row.period, limit=limit, models=row.model_names, actor=actor, at=at
        )


def remove_budget(*, tenant: TenantId, budget: BudgetId, actor: str, at: datetime) -> None:
    """Take a limit away. What is reserved in its periods is still settled there.

    Raises:
        NotFound: no such budget of this tenant is in force.
    """
    with db.atomic():
        if not Budget.objects.for_tenant(tenant).filter(pk=budget, removed_at=None).update(removed_at=at):
            raise NotFound
        subject = f"budget:{budget}"
        audit.change(tenant=tenant, kind="budget.removed", actor=actor, subject=subject, body={}, at=at)


def ensure_periods(*, tenant: TenantId, now: datetime) -> int:
    """Make the current and the next period of every budget of a tenant; returns how many rows were made or moved.

    A changed time zone moves the end of the running period. Running it again changes nothing.
    """
    tz = _zone(tenant)
    rows = list(Budget.objects.for_tenant(tenant).filter(removed_at=None).order_by("id"))
    if all(_has_periods(tenant, rows, tz, now)):  # the usual case takes no lock
        return 0
    with db.atomic():
        changed = sum(_renew(row, tz, _scope(tenant, _team(row), row.model_names), now) for row in rows)
        if changed:
            versions.bump(tenant=tenant)
    log.info("budgets.periods_made", tenant=tenant, count=changed)
    return changed


def ensure_all_periods(*, now: datetime) -> int:
    """`ensure_periods` for every tenant, each in its own transaction."""
    return sum(ensure_periods(tenant=tenant.id, now=now) for tenant in tenants.tenants())


def _zone(tenant: TenantId) -> ZoneInfo:
    return periods.zone(tenants.tenant(tenant).timezone)


def _has_periods(tenant: TenantId, rows: Iterable[Budget], tz: ZoneInfo, now: datetime) -> Iterator[bool]:
    known: dict[int, list[periods.Bounds]] = defaultdict(list)
    found = BudgetPeriod.objects.for_tenant(tenant).filter(ends__gt=now).order_by("starts", "id")
    for budget, starts, ends in found.values_list("budget_id", "starts", "ends"):
        known[budget].append((starts, ends))
    return (periods.renewal(row.period, tz, now, known[row.pk]).changes == 0 for row in rows)


def _checked(period: str, limit: int, models: Collection[str] | None) -> list[str] | None:
    fields = {}
    if period not in periods.KINDS:
        fields["period"] = f"{period!r} is none of {', '.join(periods.KINDS)}."
    if not 0 <= limit <= MAX_LIMIT:
        fields["limit"] = f"The limit must lie between 0 and {MAX_LIMIT} micro-dollars."
    if models is not None and not 1 <= len(models) <= MAX_MODELS:
        fields["models"] = f"Name one to {MAX_MODELS} models, or leave the list out for all models."
    if fields:
        raise InvalidRequest("The budget is not valid.", fields=fields)
    return None if models is None else sorted(set(models))


def _digest(names: list[str] | None) -> str:
    return "" if names is None else hashlib.sha256("\n".join(names).encode()).hexdigest()


def _team(row: Budget) -> TeamId | None:
    return None if row.team_id is None else TeamId(row.team_id)


def _scope(tenant: TenantId, team: TeamId | None, names: list[str] | None) -> str:
    """Who is limited, in words: `the company`, `team research`, `team research for gpt-mini`."""
    who = "the company"
    if team is not None:
        slug = next((known.slug for known in tenants.teams(tenant) if known.id == team), None)
        if slug is None:
            raise NotFound
        who = f"team {slug}"
    return f"{who} for {', '.join(names)}"[:120] if names else who


def _renew(row: Budget, tz: ZoneInfo, scope: str, now: datetime) -> int:
    """Make or move the period that contains `now` and the one after it; returns how many rows changed."""
    rows = BudgetPeriod.objects.for_tenant(TenantId(row.tenant_id))
    recent = rows.filter(budget=row, ends__gt=now - periods.LONGEST).order_by("starts", "id")
    known = list(recent.select_for_update())
    plan = periods.renewal(row.period, tz, now, [(period.starts, period.ends) for period in known])
    for place, (starts, ends) in reversed(plan.moved):  # the later one first: starts are unique
        rows.filter(pk=known[place].pk).update(starts=starts, ends=ends)
    for starts, ends in plan.made:
        BudgetPeriod.objects.create(
            tenant_id=row.tenant_id, budget=row, kind=row.period, scope=scope, starts=starts, ends=ends, limit=row.limit
        )
    return plan.changes


def _follow(row: Budget, now: datetime, *, count_earlier: bool) -> None:
    """Let the periods that have not ended take over the limit and, for a new budget, what was spent before it."""
    rows = BudgetPeriod.objects.for_tenant(TenantId(row.tenant_id))
    for period in rows.filter(budget=row, ends__gt=now).order_by("id").select_for_update():
        changes = {"limit": row.limit}
        missing = _ledger_sum(row, period) - period.spent if count_earlier else 0
        if missing > 0:
            changes |= {"carried": period.carried + missing, "spent": period.spent + missing}
        rows.filter(pk=period.pk).update(**changes)


def _ledger_sum(row: Budget, period: BudgetPeriod) -> int:
    rows = LedgerEntry.objects.for_tenant(TenantId(row.tenant_id))
    rows = rows.filter(reserved_at__gte=period.starts, reserved_at__lt=period.ends)
    ours = Q() if row.team_id is None else Q(team_id=row.team_id)
    if row.model_names is not None:
        ours &= Q(model__in=row.model_names)
    total: int = rows.filter(ours).aggregate(sum=Sum("amount", default=0))["sum"]
    return total
