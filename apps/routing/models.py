"""What was learnt about models: measured profiles per kind of question, and the outcomes they rest on."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


class ModelProfile(models.Model):
    """What was measured of one model for one kind of question, in one tenant.

    `cell` is a task of `domain.intent.TASKS`, or `*` for all questions. `quality` is a mean in [0, 1] over `samples`
    observations; latencies are medians.
    """

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    model = models.CharField(max_length=128)
    cell = models.CharField(max_length=40)
    quality = models.FloatField()
    samples = models.PositiveIntegerField(default=0)
    first_token_ms = models.FloatField(null=True)
    tokens_per_s = models.FloatField(null=True)
    error_rate = models.FloatField(default=0.0)
    measured_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "model", "cell"], name="routing_profile_cell")]


class Outcome(models.Model):
    """One observation about an answer: what kind of question, which model, how good. Features only, never text."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    turn_id = models.UUIDField()
    model = models.CharField(max_length=128)
    task = models.CharField(max_length=40)
    domain = models.CharField(max_length=40)
    complexity = models.PositiveSmallIntegerField()
    signal = models.CharField(max_length=24)
    value = models.FloatField()
    at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn_id", "signal"], name="routing_outcome_once")]
        indexes = [models.Index(fields=["tenant", "model", "at"], name="routing_outcome_model")]
