"""A small installation, one process over a file: its disk fills up, and somebody sets its clock."""

import asyncio
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.companies import LONG
from tests.support import crashes
from tests.support.journeys import Api, Browser, Socket, code, within
from tests.support.server import RealServer
from tests.support.stores import FileStore
from tests.support.upstream import Script, Upstream
from tests.support.world import Company, Model, configuration, prices

pytestmark = pytest.mark.server

FULL = Company("full", [Model("full-cloud", timeouts=LONG)], team_limit="1000.00")
JUMPY = Company("jumpy", [Model("jumpy-cloud", timeouts=LONG)], team_limit="1000.00", signs_in=True)
FORTY_DAYS = 40 * 86_400
LOG_BYTES = 64 * 1024
"""What the server's own log may grow by meanwhile; the journal of the database is larger by then."""
TABLES = (
    "turns_turn", "turns_attempt", "chat_conversation", "chat_message", "budgets_reservation", "budgets_ledgerentry",
    "audit_auditevent",
)  # fmt: skip


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(FULL, JUMPY)).in_thread() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    config = configuration(FULL, JUMPY, outside=upstream.base_url, inside=upstream.base_url)
    folder = tmp_path_factory.mktemp("full") / "server"
    folder.mkdir()
    (folder / "clock").touch()
    environment = {"OPENROUTE_CLOCK": f"@{folder / 'clock'}"}
    store = FileStore(folder / "state")
    with RealServer(folder, config=config, environment=environment, store=store) as server:
        yield server


class Disk:
    """The kernel refuses the server to write behind a place in any file, as it does when no block is left."""

    def __init__(self, server: RealServer) -> None:
        assert server._process is not None
        self._server, self._pid = server, server._process.pid
        self._before = resource.prlimit(self._pid, resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        log = (self._server.folder / "server.log").stat().st_size
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (log + LOG_BYTES, self._before[1]))

    def free(self) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, self._before)


def rows_of_all(server: RealServer) -> dict[str, int]:
    return {table: server.rows(f"select count(*) as n from {table}")[0]["n"] for table in TABLES}


class TestASmallInstallation:
    """One class, because one worker of a test run shall see it all."""

    async def test_on_a_full_disk_refuses_acts_and_keeps_what_is_running_until_there_is_room(
        self, server: RealServer, upstream: Upstream, tmp_path: Path
    ) -> None:
        disk = Disk(server)
        upstream.script("full-cloud", Script(text="Paris."))
        async with Api(server, FULL.key()) as api, Socket(server, key=FULL.key()) as socket:
            await self._grow(api, server)
            upstream.script("full-cloud", Script(tokens=20, delay_s=0.05))
            calls = len(upstream.calls()) + 1
            running = await socket.ask("Tell me a story.")
            disk.fill()
            try:
                await within(10, lambda: len(upstream.calls()) == calls and upstream.calls()[-1].completed)
                before = rows_of_all(server)
                refused = [await api.ask("And of Spain?") for _ in range(3)]
                on_the_socket = await self._refused(server)
                after = rows_of_all(server)
            finally:
                disk.free()
            frames = await socket.until("completed", "failed")
            again = await api.ask("And of Spain?")
        print([(answer.status_code, code(answer)) for answer in refused], on_the_socket)

        assert [answer.status_code for answer in refused] == [503] * 3
        assert on_the_socket == "overloaded"
        assert (after, len(upstream.calls())) == (before, calls + 1)
        assert frames[-1]["type"] == "completed"
        assert again.status_code == 200
        assert crashes.not_settled_once(server, [running["turn"]]) == {}
        assert crashes.open_turns(server) == 0
        crashes.check_books(server)
        crashes.verify_chain(server, FULL.slug, tmp_path / "export")

    async def _grow(self, api: Api, server: RealServer) -> None:
        """Until the database's journal is longer than the log will be, so that it is what hits the end."""
        journal = server.folder / "state" / "openroute.sqlite3-wal"
        while journal.stat().st_size < (server.folder / "server.log").stat().st_size + 2 * LOG_BYTES:
            answers = await asyncio.gather(*(api.ask("What is the capital of France?") for _ in range(8)))
            assert {answer.status_code for answer in answers} == {200}

    async def _refused(self, server: RealServer) -> str:
        async with Socket(server, key=FULL.key()) as socket:
            await socket.send("ask", id="3a1b2c3d-0000-4000-8000-000000000002", text="And of Portugal?")
            return str((await socket.until("accepted", "error"))[-1]["code"])

    async def test_charges_each_call_to_the_month_of_its_reservation_though_the_clock_is_set(
        self, server: RealServer, upstream: Upstream, tmp_path: Path
    ) -> None:
        """Forward by forty days in the middle of an answer, and back again in the middle of the next."""
        upstream.script("jumpy-cloud", Script(tokens=20, delay_s=0.05))
        browser = await asyncio.to_thread(Browser, server, JUMPY)
        async with Api(server, JUMPY.key()) as api, Socket(server, key=JUMPY.key()) as socket:
            turns, sessions = [], []
            for shift_s in (FORTY_DAYS, 0):
                turns.append((await socket.ask("Tell me a story."))["turn"])
                _set_clock(server, shift_s)
                assert (await socket.until("completed", "failed"))[-1]["type"] == "completed"
                answer = await api.ask("And of Spain?")
                assert answer.status_code == 200, answer.text
                turns.append(answer.headers["x-openroute-turn"])
                sessions.append((await asyncio.to_thread(browser.http.get, "/api/v1/me/")).status_code)
        months = [self._month(server, turn) for turn in turns]
        print(f"months of the reservations: {months}; a session: {sessions}")

        assert months[0] == months[3] != months[1] == months[2]
        assert sessions[0] == 401  # it has ended
        assert crashes.open_turns(server) == 0
        crashes.check_books(server)
        crashes.verify_chain(server, JUMPY.slug, tmp_path / "export")

    def _month(self, server: RealServer, turn: str) -> str:
        """When the period began in which this turn was reserved."""
        (row,) = server.rows(
            "select p.starts from budgets_reservation r join budgets_budgetperiod p on p.id = r.period_id"
            " where r.turn_id = ?",
            turn.replace("-", ""),
        )
        return str(row["starts"])


def _set_clock(server: RealServer, shift_s: int) -> None:
    (server.folder / "clock").write_text(f"+{shift_s}")
