"""Reads of the audit trail. Values out, no models; whoever shows them to people records the reading (promise P25)."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count

from apps.audit import canonical, signing
from apps.audit.chaincheck import Checkpoint, Event
from apps.audit.models import AuditEvent, AuditHead
from apps.audit.models import Checkpoint as CheckpointRow
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId

MAX_PAGE: Final = 200
BATCH: Final = 2_000


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One entry as people and programs read it."""

    seq: int
    at: datetime
    kind: str
    actor: str
    subject: str
    body: dict[str, Any]
    prev_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look for; an empty filter matches everything. `kind` ending in `.` matches all kinds of that noun."""

    kind: str = ""
    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first. `cursor` continues behind the last one; None at the end."""

    entries: tuple[AuditRecord, ...]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """Where a chain stands, and what was last signed and verified. `intact` None: never verified.

    `first_problem` says where that verification found the first fault (`entry 731004`); empty when it found none.
    """

    entries: int
    hash: str
    checkpoint_seq: int
    checkpoint_at: datetime | None
    verified_at: datetime | None
    intact: bool | None
    first_problem: str
    key_id: str
    public_key: str


def events(*, tenant: TenantId, filters: Filters, cursor: int | None = None, size: int = 50) -> Page:
    """One page of a tenant's entries, newest first.

    Args:
        cursor: the `cursor` of the page before, or None for the newest.
        size: at most `MAX_PAGE` are returned.
    """
    rows = AuditEvent.objects.for_tenant(tenant).order_by("-seq")
    if filters.kind.endswith("."):
        rows = rows.filter(kind__startswith=filters.kind)
    elif filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.actor:
        rows = rows.filter(actor=filters.actor)
    if filters.subject:
        rows = rows.filter(subject=filters.subject)
    if filters.since:
        rows = rows.filter(at__gte=filters.since)
    if filters.until:
        rows = rows.filter(at__lt=filters.until)
    if cursor is not None:
        rows = rows.filter(seq__lt=cursor)
    size = max(1, min(size, MAX_PAGE))
    found = [_record(row) for row in rows[: size + 1]]
    return Page(tuple(found[:size]), found[size - 1].seq if len(found) > size else None)


def status(tenant: TenantId) -> ChainStatus:
    """Where the tenant's chain stands; zeros before its first entry."""
    head = AuditHead.objects.for_tenant(tenant).first()
    newest = CheckpointRow.objects.for_tenant(tenant).order_by("-seq", "-id").first()
    verified = AuditEvent.objects.for_tenant(tenant).filter(kind="audit.verified").order_by("-seq").first()
    outcome = json.loads(verified.body) if verified else {}
    signer = signing.signer()
    return ChainStatus(
        entries=head.seq if head else 0,
        hash=head.hash if head else canonical.GENESIS,
        checkpoint_seq=newest.seq if newest else 0,
        checkpoint_at=newest.at if newest else None,
        verified_at=verified.at if verified else None,
        intact=bool(outcome["intact"]) if verified else None,
        first_problem=outcome.get("first", ""),
        key_id=signer.key_id,
        public_key=signer.key.public_key().public_bytes_raw().hex(),
    )


def head(tenant: TenantId) -> tuple[int, str]:
    """Number and hash of a chain's last entry."""
    row = AuditHead.objects.for_tenant(tenant).first()
    return (row.seq, row.hash) if row else (0, canonical.GENESIS)


def chains() -> tuple[TenantId, ...]:
    """Every tenant that has a chain, the installation included."""
    with all_tenants():
        return tuple(TenantId(tenant) for tenant in AuditHead.objects.order_by("pk").values_list("pk", flat=True))


def stream(tenant: TenantId, *, after: int = 0, until: int | None = None) -> Iterator[Event]:
    """The entries behind `after` up to `until` in order, a bounded batch at a time."""
    names = ("seq", "format", "at", "kind", "actor", "subject", "body", "prev_hash", "hash")
    while True:
        rows = AuditEvent.objects.for_tenant(tenant).filter(seq__gt=after).order_by("seq")
        if until is not None:
            rows = rows.filter(seq__lte=until)
        batch = list(rows.values(*names)[:BATCH])
        for row in batch:
            row["at"] = canonical.timestamp(row["at"])
            yield Event(tenant=tenant, **row)
        if len(batch) < BATCH:
            return
        after = batch[-1]["seq"]


def happened(tenant: TenantId, kinds: Collection[str], *, after: int, until: int) -> tuple[tuple[str, str], ...]:
    """Kind and subject of the entries of these kinds behind `after` up to `until`, in their order.

    Numbers have no holes and are given at the commit, so a reader that remembers the last one misses nothing.
    """
    rows = AuditEvent.objects.for_tenant(tenant).filter(kind__in=kinds, seq__gt=after, seq__lte=until)
    return tuple(rows.order_by("seq").values_list("kind", "subject"))


def stream_checkpoints(tenant: TenantId, *, after: int = 0, until: int | None = None) -> Iterator[Checkpoint]:
    """The signed checkpoints behind `after` up to `until`, in order."""
    rows = CheckpointRow.objects.for_tenant(tenant).filter(seq__gt=after).order_by("seq", "key_id")
    if until is not None:
        rows = rows.filter(seq__lte=until)
    for row in rows.iterator(BATCH):
        yield Checkpoint(
            seq=row.seq, tenant=tenant, hash=row.hash, at=canonical.timestamp(row.at), key_id=row.key_id,
            signature=row.signature,
        )  # fmt: skip


def kinds_of(tenant: TenantId, subjects: Collection[str], *, noun: str) -> dict[str, list[str]]:
    """The kinds of `noun` that the trail holds about each of these subjects, in their order."""
    found: dict[str, list[str]] = {subject: [] for subject in subjects}
    rows = AuditEvent.objects.for_tenant(tenant).filter(subject__in=found, kind__startswith=f"{noun}.")
    for subject, kind in rows.order_by("seq").values_list("subject", "kind"):
        found[subject].append(kind)
    return found


def repeated(tenant: TenantId, *, kind: str, actor: str) -> Iterator[tuple[str, int]]:
    """Subjects about which this actor did the same more than once, and how often."""
    rows = AuditEvent.objects.for_tenant(tenant).filter(kind=kind, actor=actor).order_by("subject")
    counted = rows.values_list("subject").annotate(times=Count("id")).filter(times__gt=1)
    yield from counted.iterator(BATCH)


def bodies(tenant: TenantId, subject: str) -> Iterator[dict[str, Any]]:
    """What was recorded about one subject, in its order."""
    rows = AuditEvent.objects.for_tenant(tenant).filter(subject=subject).order_by("seq")
    for body in rows.values_list("body", flat=True).iterator(BATCH):
        yield json.loads(body)


def _record(row: AuditEvent) -> AuditRecord:
    return AuditRecord(row.seq, row.at, row.kind, row.actor, row.subject, json.loads(row.body), row.prev_hash, row.hash)


def version(tenant: TenantId) -> int:
    """The `config` version that the head of the tenant's chain carries; 0 before the first change."""
    values = AuditHead.objects.for_tenant(tenant).values_list("version", flat=True)
    return next(iter(values), 0)
