"""The outbox in the database: one row per document, and how far the mirror is behind."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from apps.core import bulk, db
from apps.core.writes import WriteSet
from apps.domain.ids import TenantId
from apps.mirror import planning, selectors, services
from apps.mirror.models import OutboxEntry

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
ACME, GLOBEX = TenantId(1), TenantId(2)


def entry(path: str = "conversations/1") -> OutboxEntry:
    return OutboxEntry.objects.for_tenant(ACME).get(path=path)


class TestMark:
    def test_keeps_one_row_with_the_newest_version(self) -> None:
        services.mark(tenant=ACME, path="conversations/1", version=1, at=NOON)
        services.mark(tenant=ACME, path="conversations/1", version=2, at=LATER)

        assert (entry().version, entry().dirty_at) == (2, LATER)

    def test_gives_a_parked_document_a_new_chance(self) -> None:
        services.mark(tenant=ACME, path="conversations/1", version=1, at=NOON)
        OutboxEntry.objects.for_tenant(ACME).update(parked_at=NOON, tries=8, error="invalid")

        services.mark(tenant=ACME, path="conversations/1", version=2, at=LATER)

        assert (entry().parked_at, entry().tries, entry().error) == (None, 0, "")

    def test_means_the_same_from_the_writer(self) -> None:
        services.mark(tenant=ACME, path="conversations/1", version=1, at=NOON)
        writes = WriteSet()
        for path in ("conversations/1", "conversations/2"):
            planning.mark(writes, ACME, path, 5, LATER)
        with db.atomic(), connection.cursor() as cursor:
            bulk.write(cursor, connection, writes)

        assert [entry(path).version for path in ("conversations/1", "conversations/2")] == [5, 5]
        assert entry().due_at == LATER


class TestBacklog:
    def test_counts_what_waits_and_what_was_set_aside(self) -> None:
        for number in range(3):
            at = NOON + timedelta(seconds=number)
            services.mark(tenant=ACME, path=f"conversations/{number}", version=1, at=at)
        services.mark(tenant=GLOBEX, path="conversations/1", version=1, at=NOON)
        OutboxEntry.objects.for_tenant(ACME).filter(path="conversations/0").update(parked_at=NOON)

        assert selectors.backlog(ACME) == selectors.Backlog(waiting=2, parked=1, oldest_at=NOON + timedelta(seconds=1))

    def test_is_empty_when_all_is_mirrored(self) -> None:
        assert selectors.backlog(ACME) == selectors.Backlog(waiting=0, parked=0, oldest_at=None)
