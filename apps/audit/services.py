"""Verbs of the audit trail. Entries are written just before COMMIT: an act and its record stand or fall together."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from apps.audit import exporting, planning, triggers, verification
from apps.audit.chaincheck import Report
from apps.audit.models import AuditHead
from apps.audit.planning import Chain, Entry
from apps.core import bulk, db, versions
from apps.core.writes import WriteSet
from apps.domain.ids import TenantId


def append(
    *, tenant: TenantId, kind: str, actor: str, subject: str = "", body: Mapping[str, Any], at: datetime
) -> None:
    """Queue an entry in the current `core.db.atomic()`; it is chained and written as its last statement.

    A savepoint that is rolled back takes its entries with it. If the entry cannot be written the whole transaction is
    rolled back: no effect without record (promise P26).

    Args:
        tenant: whose chain; `INSTALLATION` for providers, models and operators.
        kind: one of `audit.kinds.KINDS`.
        actor: `user:ID`, `key:ID`, `operator:ID` or `system`.
        subject: what it is about, such as a turn's id or `team:ID`.
        body: ids, whole numbers and short enumerations; see `hygiene.body`.
        at: when it happened.

    Raises:
        RuntimeError: there is no surrounding `core.db.atomic()`.
        UnknownKind, UnfitForAudit: the caller has a defect.
        AuditUnavailable: the trail cannot be written.
    """
    _queue(planning.entry(tenant=tenant, kind=kind, actor=actor, subject=subject, body=body, at=at))


def change(*, tenant: TenantId, kind: str, actor: str, subject: str = "", body: Mapping[str, Any], at: datetime) -> int:
    """`append`, and let every process see the change: bumps the tenant's `config` version, which it returns.

    The head carries the new version, so that a turn that is opened after the commit decides by the changed rules.
    """
    entry = planning.entry(tenant=tenant, kind=kind, actor=actor, subject=subject, body=body, at=at)
    version = versions.bump(tenant=tenant, kind="config")
    _queue(entry, version)
    return version


def create_head(tenant: TenantId) -> None:
    """Begin a tenant's chain. Idempotent."""
    with db.atomic():
        AuditHead.objects.for_tenant(tenant).get_or_create(tenant_id=tenant)


def checkpoint(tenant: TenantId, *, at: datetime) -> bool:
    """Verify what was added since the last checkpoint, sign the end of the chain, and take a copy outside.

    Returns False when nothing was added. Raises `verification.ChainBroken` instead of signing a broken chain.
    """
    return verification.checkpoint(tenant, at=at)


def verify(*, tenant: TenantId, actor: str, at: datetime) -> Report:
    """Verify a whole chain against its hashes, head, checkpoints and the copies outside; itself on record (P25)."""
    report = verification.verify(tenant)
    with db.atomic():
        body: dict[str, Any] = {"intact": report.intact, "entries": report.entries}
        body["problems"] = [problem.code for problem in report.problems[:20]]
        if report.problems:
            body["first"] = report.problems[0].where
        append(tenant=tenant, kind="audit.verified", actor=actor, subject=f"tenant:{tenant}", body=body, at=at)
    verification.alarm(tenant, report, at=at)
    return report


def check(*, tenant: TenantId) -> Report:
    """`verify` that changes nothing, not even the trail: for whoever may only read."""
    return verification.verify(tenant)


def export(*, tenant: TenantId, out_dir: Path, actor: str, at: datetime) -> exporting.Exported:
    """Write the whole chain of a tenant to a new folder that `audit_verify` accepts; on record before it is written.

    Raises:
        ExportRefused: the folder exists and is not empty.
        ChainBroken: the newest part of the chain is not intact, so no checkpoint can be signed.
    """
    exporting.prepare(out_dir)
    with db.atomic():
        append(tenant=tenant, kind="audit.exported", actor=actor, subject=f"tenant:{tenant}", body={}, at=at)
    verification.checkpoint(tenant, at=at)
    return exporting.write(tenant=tenant, out_dir=out_dir, at=at)


def check_triggers() -> None:
    """Raise `triggers.TriggersMissing` unless the database itself refuses to change the trail. Called at start."""
    triggers.check()


@dataclass(slots=True)
class _Batch:
    """The entries of one transaction. They arrive one by one while its hooks run, and are then written together.

    An entry is a hook of its own, so that a savepoint that is rolled back drops exactly its entries.
    """

    entries: list[Entry] = field(default_factory=list)
    versions: dict[TenantId, int] = field(default_factory=dict)
    closing: bool = False

    def take(self, entry: Entry, version: int | None) -> None:
        if not self.closing:
            self.closing = True
            db.before_commit(self.write)
        self.entries.append(entry)
        if version is not None:
            self.versions[entry.tenant] = version

    def write(self) -> None:
        _write(self.entries, self.versions)


class _Current(threading.local):
    """The batch of this thread. A transaction lives on one thread, and on it no other one runs meanwhile."""

    batch = _Batch(closing=True)


_current = _Current()


def _queue(entry: Entry, version: int | None = None) -> None:
    if _current.batch.closing:
        _current.batch = _Batch()
    batch = _current.batch
    db.before_commit(lambda: batch.take(entry, version))


def _write(entries: Iterable[Entry], new_versions: Mapping[TenantId, int]) -> None:
    tenants = sorted({entry.tenant for entry in entries})
    with connection.cursor() as cursor:
        reads = [planning.reads(tenants)]
        rows = bulk.read(cursor, connection, reads)
        if len(rows.of(AuditHead)) < len(tenants):  # a tenant's first entry begins its chain
            for tenant in tenants:
                create_head(tenant)
            rows = bulk.read(cursor, connection, reads)
        chain = Chain(rows)
        for entry in entries:
            chain.add(entry)
        for tenant, version in new_versions.items():
            chain.set_version(tenant, version)
        writes = WriteSet()
        chain.write(writes)
        bulk.write(cursor, connection, writes)
