"""Versions of what processes hold in memory: bumped in the transaction of each change, polled every second."""

from typing import Literal

from django.db.models import F

from apps.core import db
from apps.core.models import Version
from apps.domain.ids import TenantId

Kind = Literal["config", "access"]


def bump(*, tenant: TenantId, kind: Kind = "config") -> int:
    """Say that something of this tenant changed; returns the new version. Tenant 0 concerns every tenant.

    `config`: policy, catalogue, budgets, people, keys. `access`: sessions and rights; open sockets check themselves.
    """
    with db.atomic():
        changed = Version.objects.filter(tenant_id=tenant, kind=kind).update(value=F("value") + 1)
        if not changed:
            Version.objects.create(tenant_id=tenant, kind=kind, value=1)
        return current(tenant=tenant, kind=kind)


def current(*, tenant: TenantId, kind: Kind = "config") -> int:
    """The version as the database has it now; 0 when nothing ever changed."""
    values = Version.objects.filter(tenant_id=tenant, kind=kind).values_list("value", flat=True)
    return next(iter(values), 0)


def everything() -> dict[tuple[int, str], int]:
    """All versions, keyed by tenant and kind: what a poll reads, in one query."""
    rows = Version.objects.values_list("tenant_id", "kind", "value")
    return {(tenant, kind): value for tenant, kind, value in rows}
