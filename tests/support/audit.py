"""Audit trails for tests: made in memory, exported by the real exporter, and the guard lifted round a flush."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management.commands import flush as flush_command

from apps.audit import services, triggers
from apps.core import db
from apps.domain.ids import TenantId

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TENANT = TenantId(7)


def record(count: int, *, tenant: TenantId = TENANT, kind: str = "turn.completed") -> None:
    """So many entries, each in a transaction of its own."""
    for number in range(count):
        with db.atomic():
            services.append(
                tenant=tenant, kind=kind, actor="user:5", subject=f"turn:{number}", body={"number": number}, at=NOON
            )


def exported(folder: Path, *, entries: int = 12, checkpoints: int = 2, tenant: TenantId = TENANT) -> str:
    """An export of a fresh chain; returns the public key in hex."""
    for _ in range(checkpoints):
        record(entries // checkpoints, tenant=tenant)
        services.checkpoint(tenant, at=NOON)
    return services.export(tenant=tenant, out_dir=folder, actor="operator:1", at=NOON).public_key


@pytest.fixture(autouse=True, scope="session")
def flush_lifts_the_guard() -> Iterator[None]:
    """Tests with real transactions end with a flush on SQLite, which empties the append-only tables too."""
    flush = flush_command.Command.handle

    def handle(command: flush_command.Command, **options: Any) -> str | None:
        with triggers.lifted():
            return flush(command, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush_command.Command, "handle", handle)
        yield
