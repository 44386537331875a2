"""When processes hear of new figures: at once after a quiet minute, then at most once a minute per tenant.

Figures are read from the snapshot that each process holds of a tenant. To bump its version makes all of them load it
again, which costs each some milliseconds: too much for every thumb, nothing once a minute. What comes in between is
told by beat (`tell`); where no beat runs, a snapshot is loaded again by its age.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from apps.core import db, versions
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId
from apps.routing.models import ModelProfile

EVERY: Final = timedelta(minutes=1)


def tell_or_mark(tenant: TenantId, changed: Sequence[ModelProfile], *, now: datetime) -> None:
    """Tell of these profiles' new figures, or mark them to be told, as the last of a transaction that locks them."""
    of_tenant = ModelProfile.objects.for_tenant(tenant)
    names = [profile.model for profile in changed]
    if of_tenant.filter(told_at__gt=now - EVERY).exists():
        of_tenant.filter(model__in=names).update(untold=True)
        return
    of_tenant.filter(model__in=names).update(untold=False, told_at=now)
    versions.bump(tenant=tenant)


def tell(*, now: datetime) -> int:
    """Tell of everything that is marked; returns of how many tenants. A second run finds none."""
    with all_tenants():
        marked = set(ModelProfile.objects.filter(untold=True).values_list("tenant_id", flat=True))
    for tenant in sorted(marked):
        with db.atomic():
            rows = ModelProfile.objects.for_tenant(TenantId(tenant)).filter(untold=True)
            names = list(rows.order_by("model").select_for_update(no_key=True).values_list("model", flat=True))
            rows.filter(model__in=names).update(untold=False, told_at=now)
            versions.bump(tenant=TenantId(tenant))
    return len(marked)
