"""What was learnt about models: measured profiles per kind of question, and the outcomes they rest on."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


class Paced(models.Model):
    """The columns of `engine.pace.Pace`: sums over attempts as of `paced_at`; sketches by bucket."""

    first_token = models.JSONField(default=dict)
    speed = models.JSONField(default=dict)
    answered = models.FloatField(default=0.0)
    errors = models.FloatField(default=0.0)
    refused = models.FloatField(default=0.0)
    truncated = models.FloatField(default=0.0)
    cost = models.FloatField(default=0.0)
    paced_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class ModelProfile(Paced):
    """What one tenant measured of one model, over all questions.

    Whoever changes anything measured of the model locks this row before (`batch.Batch`). `untold` says that processes
    hold older figures in memory; they were last told at `told_at`.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    model = models.CharField(max_length=128)
    changed_at = models.DateTimeField()
    untold = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "model"], name="routing_profile_once")]
        indexes = [models.Index(fields=["untold"], condition=models.Q(untold=True), name="routing_profile_untold")]


class ProfileCell(Paced):
    """The same for one kind of question, with the sums of `domain.catalogue.Cell` as of `rated_at`."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    model = models.CharField(max_length=128)
    task = models.CharField(max_length=40)
    domain = models.CharField(max_length=40)
    short = models.FloatField(default=0.0)
    total = models.FloatField(default=0.0)
    squares = models.FloatField(default=0.0)
    seen = models.FloatField(default=0.0)
    rated_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "model", "task", "domain"], name="routing_profile_cell")
        ]


class ProfileDay(Paced):
    """What was observed of one model on one day (UTC): nothing fades here. Charts are made of it."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    model = models.CharField(max_length=128)
    day = models.DateField()
    short = models.FloatField(default=0.0)
    total = models.FloatField(default=0.0)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "model", "day"], name="routing_profile_day")]
        indexes = [models.Index(fields=["day"], name="routing_day")]


class Outcome(models.Model):
    """One observation about an answer: what kind of question, which model, how good. Features only, never text.

    `turn_id` is the observation's source. `weight`, `importance` and `mark` say how the profile counted it
    (`engine.cells.Counted`). Rows with the signal `speed` say that an attempt was counted; their value is 1 for an
    answer that came, else 0, and their weight 0: they are no judgement.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    turn_id = models.UUIDField()
    model = models.CharField(max_length=128)
    task = models.CharField(max_length=40)
    domain = models.CharField(max_length=40)
    complexity = models.PositiveSmallIntegerField(default=0)
    signal = models.CharField(max_length=24)
    value = models.FloatField()
    at = models.DateTimeField()
    propensity = models.FloatField(null=True)
    weight = models.FloatField(default=0.0)
    importance = models.FloatField(default=1.0)
    mark = models.FloatField(default=0.0)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "turn_id", "model", "signal"], name="routing_outcome_once")
        ]
        indexes = [
            models.Index(fields=["tenant", "model", "at"], name="routing_outcome_model"),
            models.Index(fields=["at"], name="routing_outcome_age"),
        ]
