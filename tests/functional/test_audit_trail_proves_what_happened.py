"""A real trail, exported and verified offline; nothing in the database can be changed or removed (promise P24)."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps

from apps.audit import verifier
from tests.functional.companies import HOLLOW, SEALED
from tests.support.journeys import Api, Socket
from tests.support.server import RealServer
from tests.support.stores import StoreRefused
from tests.support.upstream import Upstream
from tests.support.world import configuration

pytestmark = pytest.mark.server

Lines = list[str]


@pytest.fixture(scope="module")
def trail(server: RealServer, _outside: Upstream, _inside: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported trail of a company in which a few things have happened."""

    async def live() -> None:
        async with Api(server, SEALED.key()) as api, Socket(server, key=SEALED.key()) as socket:
            await api.ask("What is the capital of France?")
            await api.ask("Which bank is DE89370400440532013000 with?")
            await socket.answer("And of Spain?")
            await api.ask("Hello?", model="nobody")

    asyncio.run(live())
    folder = tmp_path_factory.mktemp("trail") / "export"
    server.manage("audit_export", "--tenant", SEALED.slug, "--out", str(folder))
    return folder


def events_of(folder: Path) -> Path:
    """The file with the entries."""
    (file,) = (path for path in folder.glob("*.jsonl") if path.name != verifier.CHECKPOINTS)
    return file


def edited(lines: Lines) -> Lines:
    """The third entry names somebody else."""
    entry = json.loads(lines[2])
    entry["actor"] = "user:4711"
    return [*lines[:2], json.dumps(entry, separators=(",", ":"), sort_keys=True) + "\n", *lines[3:]]


FORGERIES: dict[str, Callable[[Lines], Lines]] = {
    "an edit": edited,
    "a deletion in the middle": lambda lines: [*lines[:3], *lines[4:]],
    "a deletion of the first": lambda lines: lines[1:],
    "an insertion": lambda lines: [*lines[:4], lines[1], *lines[4:]],
    "two entries in another order": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "a tail that was cut": lambda lines: lines[:-1],
    "a long tail that was cut": lambda lines: lines[: len(lines) // 2],
    "nothing left": lambda lines: [],
}


class TestAnExportedTrail:
    def test_verifies(self, server: RealServer, trail: Path) -> None:
        printed = server.manage("audit_verify", str(trail))

        assert printed.startswith("INTACT")
        kinds = {json.loads(line)["kind"] for line in events_of(trail).read_text().splitlines()}
        assert {"turn.dispatched", "turn.completed", "request.refused", "audit.exported"} <= kinds

    def test_holds_no_content(self, trail: Path) -> None:
        text = "".join(path.read_text() for path in trail.iterdir())

        assert not any(word in text for word in ("capital", "France", "Spain", "DE89", "tok0"))

    @pytest.mark.parametrize("forgery", FORGERIES)
    def test_betrays_every_forgery(self, trail: Path, tmp_path: Path, forgery: str) -> None:
        forged = tmp_path / "forged"
        shutil.copytree(trail, forged)
        file = events_of(forged)
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(FORGERIES[forgery](lines)))

        report = verifier.verify(forged)

        assert not report.intact
        assert report.problems


class TestTheTrailInTheDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "update audit_auditevent set actor = 'user:4711' where id = (select max(id) from audit_auditevent)",
            "delete from audit_auditevent where id = (select max(id) from audit_auditevent)",
            "delete from audit_auditevent",
            "insert into audit_auditevent select * from audit_auditevent where true"
            " on conflict (id) do update set kind = 'x'",
            "update audit_checkpoint set hash = ''",
            "delete from audit_checkpoint",
        ],
    )
    def test_refuses_every_change(self, server: RealServer, trail: Path, statement: str) -> None:
        before = server.rows("select count(*) as n, max(hash) as last from audit_auditevent")
        with pytest.raises(StoreRefused, match=r"append-only|permission denied for table audit_"):
            server.store.execute(statement)

        assert server.rows("select count(*) as n, max(hash) as last from audit_auditevent") == before


class TestWithoutAnAuditTrail:
    async def test_nothing_is_sent_and_nothing_is_half_done(
        self, tmp_path: Path, outside: Upstream, inside: Upstream
    ) -> None:
        server = silenced(tmp_path, outside, inside)
        try:
            before = contents(server)
            async with Api(server, SEALED.key()) as api, Socket(server, key=SEALED.key()) as socket:
                answers = [await api.ask("Hello?", stream=stream) for stream in (False, True)]
                await socket.send("ask", id="11111111-1111-4111-8111-111111111111", text="Hello?")
                frame = await socket.next()
            async with Api(server, SEALED.key("adam")) as admin:
                answers.append(await admin.client.post("/api/v1/keys/", json={"name": "k", "scopes": ["chat"]}))
                policy = {"document": {"max_output_tokens": 7}}
                answers.append(await admin.client.put("/api/v1/policy/", json=policy))

            assert [answer.status_code for answer in answers] == [503] * 4
            assert (frame["type"], frame["code"]) == ("error", "audit_unavailable")
            assert contents(server) == before
            assert outside.requests == inside.requests == []
        finally:
            server.stop()


def silenced(folder: Path, outside: Upstream, inside: Upstream) -> RealServer:
    """A server whose audit trail cannot be written."""
    server = RealServer(
        folder / "server", config=configuration(SEALED, HOLLOW, outside=outside.base_url, inside=inside.base_url)
    )
    server.folder.mkdir()
    server.prepare()
    server.environment["OPENROUTE_FAULTS"] = "audit:fail"
    return server.start()


def contents(server: RealServer) -> dict[str, int]:
    """How many rows each table holds, but for what a process says of itself."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    own = {"core_process"}
    return {table: server.rows(f"select count(*) as n from {table}")[0]["n"] for table in tables if table not in own}
