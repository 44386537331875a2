"""Statements built from `Model._meta` store and read exactly what the ORM does."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection

from apps.core import bulk
from apps.core.models import Job, Process, Version
from apps.core.writes import Read, WriteSet

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)

pytestmark = pytest.mark.django_db


def write(writes: WriteSet) -> None:
    with connection.cursor() as cursor:
        bulk.write(cursor, connection, writes)


def job(**values: object) -> dict[str, object]:
    base = {"id": ONE, "tenant_id": 7, "kind": "k", "subject": "s", "due_at": NOON, "created_at": NOON}
    return {**base, **values}


class TestInsert:
    def test_stores_what_the_orm_reads_as_equal(self) -> None:
        writes = WriteSet()
        writes.insert(Job, **job(payload={"ä": [1, None, "\U0001f642"]}, progress=0.25))
        write(writes)

        row = Job.objects.get(id=ONE, due_at=NOON)
        assert (row.payload, row.progress, row.created_at) == ({"ä": [1, None, "\U0001f642"]}, 0.25, NOON)
        assert (row.state, row.tries, row.error, row.lease_until) == ("waiting", 0, "", None)

    def test_fills_columns_that_one_row_names_and_another_does_not(self) -> None:
        writes = WriteSet()
        writes.insert(Job, **job(subject="a", error="late"))
        writes.insert(Job, **job(id=TWO, subject="b"))
        write(writes)

        assert dict(Job.objects.values_list("subject", "error")) == {"a": "late", "b": ""}


class TestUpdate:
    def test_changes_the_named_columns_of_the_named_rows_only(self) -> None:
        Process.objects.create(boot_id=ONE, kind="web", started_at=NOON, heartbeat_at=NOON)
        Process.objects.create(boot_id=TWO, kind="web", started_at=NOON, heartbeat_at=NOON)
        later = NOON.replace(hour=13)
        writes = WriteSet()
        writes.update(Process, ONE, heartbeat_at=later)
        write(writes)

        assert dict(Process.objects.values_list("boot_id", "heartbeat_at")) == {ONE: later, TWO: NOON}


class TestUpsert:
    def test_overwrites_where_the_key_exists_and_the_last_of_a_batch_wins(self) -> None:
        Version.objects.create(tenant_id=1, kind="config", value=3)
        writes = WriteSet()
        for value in (4, 5):
            writes.upsert(Version, ("tenant_id", "kind"), tenant_id=1, kind="config", value=value)
        writes.upsert(Version, ("tenant_id", "kind"), tenant_id=2, kind="config", value=1)
        write(writes)

        assert dict(Version.objects.values_list("tenant_id", "value")) == {1: 5, 2: 1}


class TestRead:
    def test_gives_python_values_of_the_wanted_rows_in_order(self) -> None:
        for number, state in ((ONE, "waiting"), (TWO, "done")):
            Job.objects.create(**job(id=number, subject=str(number), state=state, payload={"n": 1}))
        wanted = Read(Job, "id", (TWO, ONE), ("id", "due_at", "payload", "lease_until"), where=(("state", "waiting"),))
        with connection.cursor() as cursor:
            rows = bulk.read(cursor, connection, [wanted]).of(Job)

        assert rows == [{"id": ONE, "due_at": NOON, "payload": {"n": 1}, "lease_until": None}]

    def test_asks_nothing_for_no_ids(self, django_assert_num_queries: object) -> None:
        with django_assert_num_queries(0), connection.cursor() as cursor:  # type: ignore[operator]
            assert bulk.read(cursor, connection, [Read(Job, "id", (), ("id",))]).of(Job) == []
