"""How far the mirror is behind."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from apps.core.reading import batches
from apps.domain.ids import TenantId
from apps.mirror.models import OutboxEntry


@dataclass(frozen=True, slots=True)
class Backlog:
    """Documents that wait, those that were set aside, and when the oldest waiting one changed."""

    waiting: int
    parked: int
    oldest_at: datetime | None


def backlog(tenant: TenantId) -> Backlog:
    """What of this tenant is not mirrored yet."""
    waiting = Q(parked_at=None)
    found = OutboxEntry.objects.for_tenant(tenant).aggregate(
        waiting=Count("id", filter=waiting), parked=Count("id", filter=~waiting), oldest=Min("dirty_at", filter=waiting)
    )
    return Backlog(found["waiting"], found["parked"], found["oldest"])


@dataclass(frozen=True, slots=True)
class Mark:
    """One document that is to be copied."""

    path: str
    version: int
    dirty_at: datetime


def marks(tenant: TenantId) -> Iterator[tuple[Mark, ...]]:
    """Everything that waits in the outbox of a tenant, a bounded number at a time."""
    for batch in batches(OutboxEntry.objects.for_tenant(tenant), "path", "version", "dirty_at"):
        yield tuple(Mark(row["path"], row["version"], row["dirty_at"]) for row in batch)


def marks_of(tenant: TenantId, paths: Collection[str]) -> dict[str, list[Mark]]:
    """What waits in the outbox for each of these documents, as far as something does."""
    found: dict[str, list[Mark]] = {}
    rows = OutboxEntry.objects.for_tenant(tenant).filter(path__in=paths).order_by("path", "id")
    for path, version, dirty_at in rows.values_list("path", "version", "dirty_at"):
        found.setdefault(path, []).append(Mark(path, version, dirty_at))
    return found
