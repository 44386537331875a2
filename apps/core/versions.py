"""Versions of what processes hold in memory: bumped in the transaction of each change, polled every second."""

from typing import Final, Literal

from django.db import transaction
from django.db.models import F

from apps.core import db, hints
from apps.core.models import Version
from apps.domain.ids import TenantId

Kind = Literal["config", "access"]
LOOK: Final = "versions"
"""Topic of the hint that a poll would find something. It names nothing: whoever hears it looks for himself."""


def bump(*, tenant: TenantId, kind: Kind = "config") -> int:
    """Say that something of this tenant changed; returns the new version. Tenant 0 concerns every tenant.

    `config`: policy, catalogue, budgets, people, keys. `access`: sessions and rights; open sockets check themselves.
    After the commit, processes that can be reached look at once instead of within a second.
    """
    with db.atomic():
        changed = Version.objects.filter(tenant_id=tenant, kind=kind).update(value=F("value") + 1)
        if not changed:
            Version.objects.create(tenant_id=tenant, kind=kind, value=1)
        transaction.on_commit(_tell)
        return current(tenant=tenant, kind=kind)


def _tell() -> None:
    hints.publish(LOOK, {}, here=True)


def current(*, tenant: TenantId, kind: Kind = "config") -> int:
    """The version as the database has it now; 0 when nothing ever changed."""
    values = Version.objects.filter(tenant_id=tenant, kind=kind).values_list("value", flat=True)
    return next(iter(values), 0)


def everything() -> dict[tuple[int, str], int]:
    """All versions, keyed by tenant and kind: what a poll reads, in one query."""
    rows = Version.objects.values_list("tenant_id", "kind", "value")
    return {(tenant, kind): value for tenant, kind, value in rows}
