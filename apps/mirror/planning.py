"""Outbox rows of one batch of the writer: pure, no database."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from apps.core.writes import WriteSet
from apps.domain.ids import TenantId
from apps.mirror.models import OutboxEntry

CONFLICT = ("tenant_id", "path")


def row(tenant: TenantId, path: str, version: int, at: datetime) -> Mapping[str, Any]:
    """A document that is due at once. A change gives a parked document another chance: its content is new."""
    return {
        "tenant_id": tenant, "path": path, "version": version, "dirty_at": at, "due_at": at,
        "tries": 0, "parked_at": None, "error": "",
    }  # fmt: skip


def mark(writes: WriteSet, tenant: TenantId, path: str, version: int, at: datetime) -> None:
    """Say in this batch that a document changed, or was deleted. Marks of one document fall into one row."""
    writes.upsert(OutboxEntry, CONFLICT, **row(tenant, path, version, at))
