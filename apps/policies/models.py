"""A tenant's rules, version by version. Versions are never changed: each decision names the one it was taken under."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager
from apps.domain.ids import new_id


class Policy(models.Model):
    """Which version is in force; one row per tenant that ever had a policy of its own."""

    tenant = models.OneToOneField("tenants.Tenant", models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()


class PolicyVersion(models.Model):
    """One version of the document. `author` and `confirmed_by` are actors as the audit trail names them."""

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    document = models.JSONField()
    author = models.CharField(max_length=64)
    confirmed_by = models.CharField(max_length=64, blank=True, default="")
    comment = models.CharField(max_length=500, blank=True, default="")
    at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "version"], name="policies_version_unique")]


class Proposal(models.Model):
    """A change that waits for a second person. `base` is the version that it was made from."""

    class State(models.TextChoices):
        WAITING = "waiting"
        CONFIRMED = "confirmed"
        REJECTED = "rejected"

    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+")
    document = models.JSONField()
    base = models.PositiveIntegerField()
    author_id = models.BigIntegerField()
    author_is_officer = models.BooleanField()
    comment = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [models.Index(fields=["tenant", "state"], name="policies_proposal_state")]


class LabelException(models.Model):
    """One stored question that its author says is not private, and what compliance decided about it.

    `types` are those that were found in it when it was asked for. In force is what is `granted` and whose `until` has
    not come. `opened_by` is the officer who first read the question for it; its author is told.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"  # by its author, before or after it was granted
        ENDED = "ended"  # by an officer, or because its time was over

    OPEN = (State.WAITING, State.GRANTED)

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant = models.ForeignKey("tenants.Tenant", models.CASCADE, related_name="+", db_index=False)
    message = models.UUIDField()
    conversation = models.UUIDField()
    types = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    asked_by = models.BigIntegerField()
    asked_because = models.CharField(max_length=500)
    asked_at = models.DateTimeField()
    opened_by = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    decided_because = models.CharField(max_length=500, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "state", "-asked_at"], name="policies_exception_state"),
            models.Index(fields=["state", "until"], name="policies_exception_until"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "message"],
                name="policies_exception_open",
                condition=models.Q(state__in=["waiting", "granted"]),
            ),
        ]
