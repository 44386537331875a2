"""The outbox: which documents are newer here than in the mirror. Rows hold paths and versions, never content."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager


class OutboxEntry(models.Model):
    """One document that is dirty. Its content is read when it is sent, so many changes are one delivery of the newest.

    The entry goes when the version that it names has been sent; a change in the meantime leaves it. `dirty_at` is the
    newest change, `due_at` the next try; `parked_at` says that a poison document was set aside (promise P34).
    """

    tenant_id = models.BigIntegerField()
    path = models.CharField(max_length=400)
    version = models.BigIntegerField()
    dirty_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True, default=None)
    error = models.CharField(max_length=100, blank=True, default="")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "path"], name="mirror_outbox_path")]
        indexes = [
            models.Index(fields=["tenant_id", "dirty_at"], name="mirror_outbox_dirty"),
            models.Index(fields=["due_at"], condition=models.Q(parked_at=None), name="mirror_outbox_due"),
        ]
