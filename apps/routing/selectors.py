"""Reads: what was measured of each model, as the decision takes it."""

from collections import defaultdict
from collections.abc import Mapping

from apps.core import clock
from apps.domain.catalogue import Profile
from apps.domain.ids import TenantId
from apps.routing import rows
from apps.routing.engine import cells, pace
from apps.routing.engine.profile import measured
from apps.routing.models import ModelProfile, ProfileCell


def profiles(tenant: TenantId) -> Mapping[str, Profile]:
    """The measured profile of each model that has one in this tenant, as of now. Two queries."""
    now = clock.now()
    found: dict[str, list[ProfileCell]] = defaultdict(list)
    rated = ProfileCell.objects.for_tenant(tenant).filter(total__gt=0.0)
    for row in rated.only("model", "task", "domain", *rows.CELL_FIELDS).order_by("model", "task", "domain"):
        found[row.model].append(row)
    return {
        row.model: measured(
            (cells.aged(rows.cell_of(cell), now) for cell in found[row.model]), pace.aged(rows.pace_of(row), now)
        )
        for row in ModelProfile.objects.for_tenant(tenant).order_by("model")
    }
