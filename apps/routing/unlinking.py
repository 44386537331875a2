"""Cuts the link from what was observed to whom it was observed with. The figures stay."""

from collections.abc import Collection
from uuid import UUID

from apps.core import db
from apps.domain.ids import TenantId, new_id
from apps.routing.models import Outcome


def unlink(tenant: TenantId, sources: Collection[UUID]) -> int:
    """Give the observations of these sources another source that nothing else knows; returns how many there were.

    A signal that comes for one of these sources afterwards would count anew.
    """
    with db.atomic():
        rows = list(Outcome.objects.for_tenant(tenant).filter(turn_id__in=sources).order_by("id").select_for_update())
        others = {source: new_id() for source in {row.turn_id for row in rows}}
        for row in rows:
            row.turn_id = others[row.turn_id]
        Outcome.objects.for_tenant(tenant).bulk_update(rows, ["turn_id"], batch_size=500)
    return len(rows)
