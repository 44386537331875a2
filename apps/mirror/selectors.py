"""How far the mirror is behind."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

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
