"""The end of each chain as a pure value: entries go in, rows to write come out. For the writer and `services`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from apps.audit import canonical, hygiene, kinds
from apps.audit.models import AuditEvent, AuditHead
from apps.core import faults
from apps.core.writes import Read, Rows, WriteSet
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId


class AuditUnavailable(OpenRouteError):
    """The entry cannot be written, so the act is refused; nothing was done (promise P26)."""

    code, status = "audit_unavailable", 503
    retry_after_s = 5.0

    def __init__(self, detail: str = "The audit trail cannot be written, so nothing was done. Try again.") -> None:
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, checked and ready to be chained. `body` is canonical JSON text."""

    tenant: TenantId
    kind: str
    actor: str
    subject: str
    body: str
    at: datetime


def entry(*, tenant: TenantId, kind: str, actor: str, subject: str, body: Mapping[str, Any], at: datetime) -> Entry:
    """Check what a caller wants to have on record.

    Raises:
        UnknownKind, UnfitForAudit: the caller has a defect.
        AuditUnavailable: the test control `audit:fail` is active.
    """
    if faults.active("audit"):
        raise AuditUnavailable
    return Entry(tenant, kinds.check(kind), hygiene.actor(actor), hygiene.subject(subject), hygiene.body(body), at)


def reads(tenants: Iterable[TenantId]) -> Read:
    """The heads to be locked, in the order of their ids: the last locks that a transaction takes."""
    return Read(AuditHead, "tenant_id", tuple(sorted(set(tenants))), ("tenant_id", "seq", "hash", "version"))


class Chain:
    """The chains of one transaction, from their locked heads on."""

    def __init__(self, rows: Rows) -> None:
        self._heads = {
            TenantId(row["tenant_id"]): _Head(row["seq"], row["hash"], row["version"]) for row in rows.of(AuditHead)
        }
        self._events: list[dict[str, Any]] = []

    def append(
        self, tenant: TenantId, kind: str, actor: str, subject: str, body: Mapping[str, Any], at: datetime
    ) -> None:
        """Check and chain one entry; nothing is chained when it raises. Errors: those of `entry` and of `add`."""
        self.add(entry(tenant=tenant, kind=kind, actor=actor, subject=subject, body=body, at=at))

    def add(self, item: Entry) -> None:
        """Chain one checked entry. Raises `AuditUnavailable` when the tenant's head was not among the locked rows."""
        head = self._head(item.tenant)
        text = canonical.statement(
            tenant=item.tenant,
            seq=head.seq + 1,
            at=_moment(item.at),
            kind=item.kind,
            actor=item.actor,
            subject=item.subject,
            body=item.body,
        )
        previous, head.hash = head.hash, canonical.digest(head.hash, text)
        head.seq += 1
        head.changed = True
        self._events.append(
            {
                "tenant_id": item.tenant,
                "seq": head.seq,
                "format": canonical.FORMAT,
                "at": item.at,
                "kind": item.kind,
                "actor": item.actor,
                "subject": item.subject,
                "body": item.body,
                "prev_hash": previous,
                "hash": head.hash,
            }
        )

    def version(self, tenant: TenantId) -> int:
        """The `config` version that the locked head carries. Raises `AuditUnavailable` when it was not locked."""
        return self._head(tenant).version

    def set_version(self, tenant: TenantId, version: int) -> None:
        """Let the head carry a newer `config` version."""
        head = self._head(tenant)
        head.version = max(head.version, version)
        head.changed = True

    def write(self, writes: WriteSet) -> None:
        """Add the new events and the moved heads to what the transaction writes."""
        for values in self._events:
            writes.insert(AuditEvent, **values)
        for tenant, head in sorted(self._heads.items()):
            if head.changed:
                writes.update(AuditHead, tenant, seq=head.seq, hash=head.hash, version=head.version)

    def _head(self, tenant: TenantId) -> "_Head":
        head = self._heads.get(tenant)
        if head is None:
            raise AuditUnavailable(
                f"The audit chain of tenant {tenant} does not exist or is held, so nothing was done."
            )
        return head


# The entries of one batch share their time.
_moment = lru_cache(maxsize=64)(canonical.timestamp)


@dataclass(slots=True)
class _Head:
    seq: int
    hash: str
    version: int
    changed: bool = False
