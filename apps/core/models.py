"""Rows that belong to the plumbing: versions of what processes cache, the processes themselves, and background jobs."""

from typing import ClassVar, Self

from django.db import models

from apps.core.tenancy import TenantManager
from apps.domain.ids import new_id


class Version(models.Model):
    """A counter per tenant and kind that is bumped in the transaction of each change and polled by every process.

    `kind` is `config` (policy, catalogue, budgets, keys: the snapshot is loaded again) or `access` (sessions, people:
    open sockets check themselves again). Tenant 0 is the installation: a bump there concerns every tenant.
    """

    tenant_id = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "kind"], name="core_version_unique")]


class Process(models.Model):
    """A running web process. Turns name it as their owner; when its heartbeat is stale their sweeper closes them."""

    boot_id = models.UUIDField(primary_key=True, default=new_id)
    kind = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(db_index=True)


class Job(models.Model):
    """Background work that takes effect once: the row is the queue and the lease, a Celery message only wakes it up.

    `kind` is the dotted name of the registered handler, `subject` its id; one row per pair, so that asking twice is
    asking once.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id)
    tenant_id = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    progress = models.FloatField(default=0.0)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "kind", "subject"], name="core_job_unique")]
        indexes = [models.Index(fields=["state", "due_at"], name="core_job_due")]


class Bookmark(models.Model):
    """How far a periodic reader has come in the audit trail of a tenant: `seq` is the last entry that it has read."""

    tenant_id = models.BigIntegerField()
    reader = models.CharField(max_length=32)
    seq = models.BigIntegerField(default=0)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_id", "reader"], name="core_bookmark_unique")]
