"""Verbs of the mirror for paths that use the ORM; the hot path marks through `planning`."""

from datetime import datetime

from apps.core import db
from apps.domain.ids import TenantId
from apps.mirror import planning
from apps.mirror.models import OutboxEntry


def mark(*, tenant: TenantId, path: str, version: int, at: datetime) -> None:
    """Say that a document changed, in the transaction of the change; it is shipped later, in its newest state."""
    entry = OutboxEntry(**planning.row(tenant, path, version, at))
    overwritten = [name for name in planning.row(tenant, path, version, at) if name not in planning.CONFLICT]
    with db.atomic():
        OutboxEntry.objects.for_tenant(tenant).bulk_create(
            [entry], update_conflicts=True, unique_fields=planning.CONFLICT, update_fields=overwritten
        )
