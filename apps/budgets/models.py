"""What things may cost and did cost. All amounts are integer micro-dollars."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from apps.core.tenancy import TenantManager
from apps.domain.ids import new_id
from apps.domain.turn import Channel


class Budget(models.Model):
    """A limit per period, of a whole tenant (`team` null) or of one team, for all models or for the named ones.

    Who is limited, how often and for which models is its identity; only `limit` changes. A removed budget stays as a
    row, so that taking it away and putting it back in the middle of a month does not grant a second month.
    """

    class Period(models.TextChoices):
        DAY = "day"
        WEEK = "week"
        MONTH = "month"
        TOTAL = "total"

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    team = models.ForeignKey("tenants.Team", models.CASCADE, related_name="+", null=True)
    period = models.CharField(max_length=5, choices=Period.choices)
    limit = models.BigIntegerField()
    model_names = models.JSONField(null=True, default=None)
    models_digest = models.CharField(max_length=64, blank=True, default="")
    """Of the sorted names; empty for all models. A unique constraint needs something comparable."""
    removed_at = models.DateTimeField(null=True, default=None)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "period", "models_digest"], condition=Q(team=None), name="budgets_budget_of_tenant"
            ),
            models.UniqueConstraint(
                fields=["tenant", "team", "period", "models_digest"],
                condition=Q(team__isnull=False),
                name="budgets_budget_of_team",
            ),
            models.CheckConstraint(condition=Q(limit__gte=0), name="budgets_budget_limit"),
        ]


class BudgetPeriod(models.Model):
    """One period of a budget, made ahead. The row that every reservation locks; the periods of a budget never overlap.

    `limit`, `kind` and `scope` (words for people) repeat the budget's, so that the writer reads one table.
    `carried` is the part of `spent` that was used in this period before the budget existed.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    budget = models.ForeignKey(Budget, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Budget.Period.choices)
    scope = models.CharField(max_length=120)
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    limit = models.BigIntegerField()
    carried = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["budget", "starts"], name="budgets_period_starts"),
            models.CheckConstraint(
                condition=Q(limit__gte=0, carried__gte=0, spent__gte=0, reserved__gte=0), name="budgets_period_amounts"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "ends"], name="budgets_period_ends")]


class Reservation(models.Model):
    """What one attempt of a turn may cost at most, held in one period until the turn ends.

    An attempt that counts against no budget holds one row without a period: so every call has its reservation, and a
    turn can be settled only while it holds something.
    """

    class State(models.TextChoices):
        HELD = "held"
        SETTLED = "settled"
        RELEASED = "released"

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    turn_id = models.UUIDField()
    attempt = models.PositiveSmallIntegerField()
    period = models.ForeignKey(BudgetPeriod, models.CASCADE, related_name="+", null=True)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.HELD)
    created_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn_id", "attempt", "period"], name="budgets_reservation_unique"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budgets_reservation_amount"),
        ]


class LedgerEntry(models.Model):
    """What one attempt did cost, once and for ever. Holds ids without foreign keys: it outlives people and keys.

    `reserved_at` says to which period it belongs, `at` when it was booked. `estimated`: the provider sent no usage
    and the figures are upper bounds.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    team_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField()
    key_id = models.BigIntegerField(null=True)
    turn_id = models.UUIDField()
    attempt = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=10, choices=[(channel.value, channel.value) for channel in Channel])
    model = models.CharField(max_length=128)
    provider = models.CharField(max_length=64)
    amount = models.BigIntegerField()
    input_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    cached_input_tokens = models.BigIntegerField(default=0)
    cache_write_tokens = models.BigIntegerField(default=0)
    reasoning_tokens = models.BigIntegerField(default=0)
    images = models.PositiveIntegerField(default=0)
    estimated = models.BooleanField(default=False)
    reserved_at = models.DateTimeField()
    at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn_id", "attempt"], name="budgets_ledger_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="budgets_ledger_amount"),
        ]
        indexes = [
            models.Index(fields=["tenant", "reserved_at"], name="budgets_ledger_tenant"),
            models.Index(fields=["tenant", "user_id", "reserved_at"], name="budgets_ledger_user"),
        ]
