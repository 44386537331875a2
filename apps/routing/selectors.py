"""Reads: what was measured of each model, as the decision takes it."""

from collections import defaultdict
from collections.abc import Mapping

from apps.domain.catalogue import Profile
from apps.domain.ids import TenantId
from apps.routing.models import ModelProfile

OVERALL = "*"


def profiles(tenant: TenantId) -> Mapping[str, Profile]:
    """The measured profile of each model that has one in this tenant."""
    rows: dict[str, list[ModelProfile]] = defaultdict(list)
    for row in ModelProfile.objects.for_tenant(tenant).order_by("model", "cell", "id"):
        rows[row.model].append(row)
    return {model: _profile(found) for model, found in rows.items()}


def _profile(rows: list[ModelProfile]) -> Profile:
    overall = next((row for row in rows if row.cell == OVERALL), None)
    return Profile(
        quality=tuple((row.cell, row.quality) for row in rows if row.cell != OVERALL),
        first_token_ms=overall.first_token_ms if overall else None,
        tokens_per_s=overall.tokens_per_s if overall else None,
        error_rate=overall.error_rate if overall else 0.0,
        samples=sum(row.samples for row in rows if row.cell != OVERALL),
    )
