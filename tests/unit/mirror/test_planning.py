"""Outbox rows of a batch, without a database."""

from datetime import UTC, datetime, timedelta

from apps.core.writes import WriteSet
from apps.domain.ids import TenantId
from apps.mirror import planning
from apps.mirror.models import OutboxEntry

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACME, GLOBEX = TenantId(1), TenantId(2)


def marked(*marks: tuple[TenantId, str, int]) -> list[dict[str, object]]:
    writes = WriteSet()
    for later, (tenant, path, version) in enumerate(marks):
        planning.mark(writes, tenant, path, version, NOON + timedelta(seconds=later))
    (entries,) = writes.upserts.values()
    return list(entries.values())


class TestMark:
    def test_keeps_one_row_per_document_with_its_newest_version(self) -> None:
        rows = marked((ACME, "conversations/1", 1), (ACME, "conversations/1", 2))

        assert [(row["path"], row["version"]) for row in rows] == [("conversations/1", 2)]
        assert rows[0]["dirty_at"] == NOON + timedelta(seconds=1)

    def test_keeps_tenants_apart(self) -> None:
        assert len(marked((ACME, "conversations/1", 1), (GLOBEX, "conversations/1", 1))) == 2

    def test_makes_the_document_due_at_once_and_gives_it_a_new_chance(self) -> None:
        (row,) = marked((ACME, "conversations/1", 1))

        assert (row["due_at"], row["tries"], row["parked_at"], row["error"]) == (NOON, 0, None, "")

    def test_names_columns_that_exist(self) -> None:
        columns = {field.attname for field in OutboxEntry._meta.concrete_fields}

        assert planning.row(ACME, "a/b", 1, NOON).keys() <= columns
