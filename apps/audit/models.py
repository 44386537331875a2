"""An append-only, hash-chained record per tenant. It stores ids, never foreign keys, so it outlives everything."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


class AuditHead(models.Model):
    """The end of a tenant's chain, a row of its own: locked last by every writer, for as short as a commit takes.

    `version` mirrors the tenant's `config` version, so that `open_turn`, which locks this row anyway, sees a change of
    rights or policy at once.
    """

    tenant_id = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    version = models.BigIntegerField(default=0)

    objects: ClassVar[TenantManager[Self]] = TenantManager()


class AuditEvent(models.Model):
    """What happened: ids, types, counts and keyed hashes, never content. Rows are never changed nor removed.

    `format` is the version of the canonical form that `hash` was computed over; `body` is canonical JSON text.
    """

    tenant_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    format = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()
    kind = models.CharField(max_length=48)
    actor = models.CharField(max_length=32)
    subject = models.CharField(max_length=128, blank=True, default="")
    body = models.TextField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "seq"], name="audit_event_seq")]
        indexes = [
            models.Index(fields=["tenant_id", "kind", "seq"], name="audit_event_kind"),
            models.Index(fields=["tenant_id", "actor", "seq"], name="audit_event_actor"),
            models.Index(fields=["tenant_id", "subject", "seq"], name="audit_event_subject"),
        ]


class Checkpoint(models.Model):
    """A signed statement: "at this time the chain of this tenant ended with this entry". Each is kept outside too."""

    tenant_id = models.BigIntegerField()
    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.CharField(max_length=128)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "seq", "key_id"], name="audit_checkpoint_unique")]
