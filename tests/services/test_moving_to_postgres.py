"""An installation that began on SQLite goes on on PostgreSQL: the same people, keys, books, chats and audit trails."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.functional.companies import SEALED
from tests.support import databases
from tests.support.journeys import Api, Socket
from tests.support.server import RealServer
from tests.support.stores import ROOT, FileStore, PostgresStore
from tests.support.upstream import Upstream
from tests.support.world import configuration, prices

pytestmark = [pytest.mark.services, pytest.mark.server]

TARGET = "openroute_moved"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(SEALED)).in_thread() as running:
        yield running


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> RealServer:
    """A stopped server on SQLite, with the demo company beside one that has a little history."""
    folder = tmp_path_factory.mktemp("old")
    config = configuration(SEALED, outside=upstream.base_url, inside=upstream.base_url)
    return RealServer(folder / "server", config=config, store=FileStore(folder / "server" / "state"))


def file_of(server: RealServer) -> Path:
    return server.folder / "state" / "openroute.sqlite3"


def change(server: RealServer, statement: str) -> None:
    """Change the stopped server's file."""
    with closing(sqlite3.connect(file_of(server))) as connection:
        connection.execute(statement)
        connection.commit()


def move(server: RealServer, target: str = TARGET) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "move_database", str(file_of(server))]
    environment = {**server.environment, **databases.addresses(target)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)


class TestTheMove:
    """The stories follow one another."""

    async def test_begins_with_a_living_installation(self, old: RealServer) -> None:
        with old:
            old.manage("demo")
            async with Api(old, SEALED.key()) as api, Socket(old, key=SEALED.key()) as socket:
                assert (await api.ask("What is the capital of France?")).status_code == 200
                await socket.answer("And of Spain?")

        assert old.rows("select count(*) as n from audit_auditevent")[0]["n"] > 20

    def test_waits_until_nothing_serves_the_source_any_more(self, old: RealServer) -> None:
        databases.create(TARGET)
        change(old, "insert into core_process values ('00', 'web', datetime('now'), datetime('now'))")

        refused = move(old)

        assert refused.returncode == 1
        assert "still runs on the source" in refused.stderr
        change(old, "delete from core_process")

    def test_wants_the_same_migrations_on_both_sides(self, old: RealServer) -> None:
        change(old, "insert into django_migrations (app, name, applied) values ('chat', '9999_x', datetime('now'))")

        refused = move(old)

        assert "differ in their migrations (chat.9999_x)" in refused.stderr
        change(old, "delete from django_migrations where name = '9999_x'")

    def test_changes_nothing_where_postgresql_does_not_take_a_row(self, old: RealServer) -> None:
        change(old, "update tenants_team set slug = printf('%0500d', 1) where slug = 'interns'")

        refused = move(old)

        assert "PostgreSQL does not take a row of tenants_team" in refused.stderr
        assert PostgresStore(databases.addresses(TARGET)).rows("select 1 from tenants_tenant") == []
        change(old, "update tenants_team set slug = 'interns' where length(slug) = 500")

    def test_copies_everything(self, old: RealServer) -> None:
        change(old, "update chat_message set text = 'a' || char(0) || 'b' where role = 'user'")

        moved = move(old)

        assert moved.returncode == 0, moved.stderr
        assert "every audit trail is intact" in moved.stdout
        new = PostgresStore(databases.addresses(TARGET))
        for figures in (
            "count(*) as n, max(id) as last from tenants_user",
            "sum(amount) as n from budgets_ledgerentry",
        ):
            assert new.rows(f"select {figures}") == old.rows(f"select {figures}")
        trail = "select tenant_id, seq, hash from audit_auditevent where kind != 'audit.verified' order by 1, 2"
        assert new.rows(trail) == old.rows(trail)
        assert {row["text"] for row in new.rows("select text from chat_message where role = 'user'")} == {
            "a\N{REPLACEMENT CHARACTER}b"
        }

    def test_is_made_once(self, old: RealServer) -> None:
        refused = move(old)

        assert refused.returncode == 1
        assert "The target is not empty" in refused.stderr

    async def test_lets_people_and_programs_go_on_with_what_they_have(
        self, old: RealServer, upstream: Upstream
    ) -> None:
        store = PostgresStore(databases.addresses(TARGET))
        new = RealServer(old.folder, config="", store=store)
        new.start()
        try:
            async with Api(new, SEALED.key()) as api, Socket(new, key=SEALED.key()) as socket:
                assert (await api.ask("What is the capital of Italy?")).status_code == 200
                await socket.answer("And of Portugal?")
            new.manage("audit_export", "--tenant", SEALED.slug, "--out", str(new.folder / "trail"))
            assert "INTACT" in new.manage("audit_verify", str(new.folder / "trail"))
        finally:
            new.stop()
            databases.drop(TARGET)
