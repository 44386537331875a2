"""A tenant's rules, version by version. Versions are never changed: each decision names the one it was taken under."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


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
