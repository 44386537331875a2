"""After kill -9 in mid-stream every answer reaches its end, with neither beat nor worker running (promise P28)."""

import asyncio
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.audit import verifier
from tests.functional.companies import KILLED
from tests.support.journeys import Api, Frame, Socket, Transcript, events, is_done, within
from tests.support.patience import BUSY
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream
from tests.support.world import configuration

pytestmark = pytest.mark.server

SETTLED_S = 60.0
JOURNAL_S = 0.25


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory, _outside: Upstream, _inside: Upstream) -> Iterator[RealServer]:
    """A server of its own; the stories below follow one another on it."""
    config = configuration(KILLED, outside=_outside.base_url, inside=_inside.base_url)
    folder = tmp_path_factory.mktemp("mortal") / "server"
    with RealServer(folder, config=config, environment={"OPENROUTE_DRAIN_S": "3"}) as server:
        yield server


class Watcher:
    """Reads a socket and remembers what was on the screen when."""

    def __init__(self) -> None:
        self.shown = Transcript()
        self.moments: list[tuple[float, int]] = []
        self.frames: list[Frame] = []

    async def watch(self, socket: Socket) -> None:
        while True:
            frame = await socket.next(60)
            self.frames.append(frame)
            self.shown.take(frame)
            self.moments.append((time.monotonic(), len(self.shown.text)))

    def length_at(self, moment: float) -> int:
        """Code points that were on the screen at that moment."""
        return max((length for at, length in self.moments if at <= moment), default=0)


def turn_row(server: RealServer, turn: str) -> dict[str, Any]:
    (row,) = server.rows("select * from turns_turn where id = ?", turn.replace("-", ""))
    return dict(row)


def answer_row(server: RealServer, turn: str) -> dict[str, Any]:
    rows = server.rows(
        "select text, state, error from chat_message where turn_id = ? and role = 'assistant'", turn.replace("-", "")
    )
    return dict(rows[0])


def is_consistent(server: RealServer) -> bool:
    """In one look: no turn is closed while something is still reserved for it, none is open with nothing reserved."""
    (row,) = server.rows(
        "select count(*) as n from turns_turn t where t.state != 'refused' and (t.state = 'open') !="
        " exists (select 1 from budgets_reservation r where r.turn_id = t.id and r.state = 'held')"
    )
    return bool(row["n"] == 0)


class TestKillingTheServerInMidStream:
    async def test_leaves_nothing_open_and_loses_a_quarter_of_a_second_at_most(
        self, mortal: RealServer, outside: Upstream
    ) -> None:
        outside.script("killed-cloud", Script(text="Before."), Script(tokens=3000, delay_s=0.02))
        watcher = Watcher()
        async with Socket(mortal, key=KILLED.key()) as socket, Api(mortal, KILLED.key()) as api:
            before, _ = await socket.answer("What came before?")
            streaming = await socket.ask("Tell me a long story.")
            watching = asyncio.create_task(watcher.watch(socket))
            calling = asyncio.create_task(api.ask("Tell me another one.", stream=True))
            await within(20, lambda: len(watcher.shown.text) > 200 and len(outside.calls()) == 3)
            outside.script("killed-cloud", Script(first_delay_s=60))
            hesitating = await self._asked_on_another_socket(mortal)
            await within(20, lambda: len(outside.calls()) == 4)

            await asyncio.to_thread(mortal.kill)
            killed_at = time.monotonic()
            watching.cancel()
            await asyncio.gather(watching, calling, return_exceptions=True)
        outside.cut_connections()
        await asyncio.to_thread(mortal.start)

        def everything_is_settled() -> bool:
            assert is_consistent(mortal)
            return mortal.rows("select 1 from turns_turn where state = 'open'") == []

        await within(BUSY * SETTLED_S, everything_is_settled)
        took = time.monotonic() - killed_at
        kept, turn = answer_row(mortal, streaming["turn"]), turn_row(mortal, streaming["turn"])
        due = watcher.length_at(killed_at - BUSY * JOURNAL_S)
        print(
            f"settled {took:.1f} s after the kill; {len(watcher.shown.text)} shown, {len(kept['text'])} kept, {due} due"
        )
        assert (kept["state"], kept["error"], turn["state"]) == ("partial", "interrupted", "failed")
        assert watcher.shown.text.startswith(kept["text"])
        assert len(kept["text"]) >= due
        assert (turn["cost"], turn["estimated"]) == (turn["reserved"], 1)
        silent = answer_row(mortal, hesitating["turn"])
        assert (silent["state"], silent["text"]) == ("failed", "")
        assert answer_row(mortal, before["turn"])["state"] == "ok"

    async def test_leaves_the_money_in_order(self, mortal: RealServer, outside: Upstream) -> None:
        """Three reservations were charged in whole, as estimates; nothing is held; the budget holds the sum."""
        (month,) = mortal.rows("select spent, reserved from budgets_budgetperiod where starts <= current_timestamp")
        ledger = mortal.rows("select amount, estimated from budgets_ledgerentry")

        assert sum(row["estimated"] for row in ledger) == 3
        assert (month["spent"], month["reserved"]) == (sum(row["amount"] for row in ledger), 0)

    async def test_lets_a_reader_resume_what_was_kept(self, mortal: RealServer) -> None:
        turn, text = self._streamed(mortal)
        async with Socket(mortal, key=KILLED.key()) as socket:
            for at in (0, 1, len(text) // 2, len(text)):
                await socket.send("resume", turn=turn, at=at, seq=0)
                frames = await socket.until("failed")
                assert Transcript(text[:at]).take(*frames).text == text
                assert (frames[-1]["partial"], frames[-1]["keeps"]) == (True, len(text))

    async def test_lets_the_conversation_go_on(self, mortal: RealServer, outside: Upstream) -> None:
        outside.script("killed-cloud", Script(text="And they lived on."))
        turn, text = self._streamed(mortal)
        async with Api(mortal, KILLED.key()) as api:
            conversation = (await api.record(turn))["conversation"]
        async with Socket(mortal, key=KILLED.key()) as socket:
            _, frames = await socket.answer("And then?", conversation=conversation)

        assert frames[-1]["type"] == "completed"
        assert [m["role"] for m in outside.calls()[-1].json["messages"]] == ["user", "assistant", "user"]
        assert outside.calls()[-1].json["messages"][1]["content"] == text

    async def test_leaves_a_chain_that_verifies(self, mortal: RealServer, tmp_path: Path) -> None:
        folder = tmp_path / "export"
        await asyncio.to_thread(mortal.manage, "audit_export", "--tenant", KILLED.slug, "--out", str(folder))

        report = verifier.verify(folder)
        assert report.intact, report.problems
        swept = mortal.rows("select subject from audit_auditevent where kind = 'turn.swept'")
        assert len(swept) == 3

    async def _asked_on_another_socket(self, server: RealServer) -> Frame:
        async with Socket(server, key=KILLED.key()) as socket:
            return await socket.ask("Think for a while.")

    def _streamed(self, server: RealServer) -> tuple[str, str]:
        """The answer that was cut, as kept: its turn and its text."""
        (row,) = server.rows("select turn_id, text from chat_message where state = 'partial'")
        turn: str = row["turn_id"]
        return f"{turn[:8]}-{turn[8:12]}-{turn[12:16]}-{turn[16:20]}-{turn[20:]}", row["text"]


class TestAnOrderlyEnd:
    async def test_lets_short_answers_end_and_keeps_what_long_ones_said(
        self, mortal: RealServer, outside: Upstream
    ) -> None:
        outside.script("killed-cloud", Script(tokens=60, delay_s=0.02), Script(tokens=3000, delay_s=0.02))
        async with Socket(mortal, key=KILLED.key()) as socket, Api(mortal, KILLED.key()) as api:
            short = await socket.ask("A short story, please.")
            await within(10, lambda: len(outside.calls()) == 1)
            long = await socket.ask("A long story, please.")
            await within(10, lambda: len(outside.calls()) == 2 and outside.calls()[1].output_tokens > 5)
            calling = asyncio.create_task(api.ask("Another long one, please.", stream=True))
            await within(10, lambda: len(outside.calls()) == 3 and outside.calls()[2].output_tokens > 5)
            mortal.terminate()
            began = time.monotonic()
            await within(30, lambda: mortal.exit_code is not None)
            (broken,) = await asyncio.gather(calling, return_exceptions=True)

        print(f"drained in {time.monotonic() - began:.1f} s")
        assert mortal.exit_code in {0, -signal.SIGTERM}  # uvicorn drains, then dies of the signal that it was sent
        assert answer_row(mortal, short["turn"])["state"] == "ok"
        kept = answer_row(mortal, long["turn"])
        assert kept["state"] == "stopped"
        assert kept["text"].startswith("tok0 tok1 tok2 tok3 tok4 ")
        if isinstance(broken, httpx.Response):
            assert not is_done(broken)
            assert events(broken)[-1]["error"]["code"]
        else:
            assert isinstance(broken, httpx.HTTPError)
        assert mortal.rows("select 1 from turns_turn where state = 'open'") == []
        assert is_consistent(mortal)
