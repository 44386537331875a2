"""An answer belongs to its turn: readers may leave, come back and come second, and see every code point once (P28)."""

import asyncio
import itertools
import time
from uuid import uuid4

import pytest

from tests.functional.companies import READING
from tests.support.journeys import Api, Socket, Transcript, of_type, within
from tests.support.patience import BUSY
from tests.support.server import RealServer
from tests.support.upstream import Script, Upstream

pytestmark = pytest.mark.server

STOPPED_MS = 500
TEXT = " ".join(f"𝔘𝔫𝔦{n} 🎈🇩🇪 é̀ 漢字 \U000103ff" for n in range(12))
"""Characters outside the basic plane, flags of two code points, combining marks."""
SLOW = Script(text=TEXT, delay_s=0.02)


class TestAReload:
    async def test_goes_on_at_the_code_point_that_was_reached(self, server: RealServer, outside: Upstream) -> None:
        """Five readers leave at different moments, each in the middle of a frame, and come back on new sockets."""
        outside.script("reading-cloud", SLOW)
        async with Socket(server, key=READING.key()) as socket:
            accepted = await socket.ask("Tell me a story.")
            readers = [self._leave_and_come_back(server, accepted["turn"], pause) for pause in (0, 0.1, 0.2, 0.4, 0.6)]
            whole, *resumed = await asyncio.gather(self._read(socket), *readers)

        assert whole == TEXT
        assert resumed == [TEXT] * 5

    async def test_may_ask_for_any_code_point_of_a_finished_answer(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", Script(text=TEXT))
        async with Socket(server, key=READING.key()) as socket:
            accepted, frames = await socket.answer("Tell me a story.")
            last = frames[-1]["seq"]
            for at in range(len(TEXT) + 1):
                await socket.send("resume", turn=accepted["turn"], at=at, seq=last - 1)
                assert Transcript(TEXT[:at]).take(*await socket.until("completed")).text == TEXT

    async def test_gets_bytes_that_were_torn_apart_in_one_piece(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", Script(text=TEXT[:60], bytewise=True))
        async with Socket(server, key=READING.key()) as socket:
            _, frames = await socket.answer("Tell me a story.")

        assert Transcript().take(*frames).text == TEXT[:60]

    async def _read(self, socket: Socket) -> str:
        return Transcript().take(*await socket.until("completed", "failed")).text

    async def _leave_and_come_back(self, server: RealServer, turn: str, pause: float) -> str:
        """Read for a while, close, drop a few code points of what was shown, resume at the rest."""
        async with Socket(server, key=READING.key()) as first:
            await first.send("resume", turn=turn, at=0, seq=0)
            seen = Transcript()
            until = time.monotonic() + pause
            while time.monotonic() < until or not seen.text:
                seen.take(await first.next())
        shown = seen.text[: max(0, len(seen.text) - 3)]
        await asyncio.sleep(pause / 2)
        async with Socket(server, key=READING.key()) as second:
            await second.send("resume", turn=turn, at=len(shown), seq=seen.seq)
            return Transcript(shown).take(*await second.until("completed", "failed")).text


class TestASecondSocket:
    async def test_of_the_same_person_sees_the_same_stream(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", SLOW)
        async with Socket(server, key=READING.key()) as first, Socket(server, key=READING.key()) as second:
            accepted, _ = await first.answer("Hello?")
            conversation = accepted["conversation"]
            await second.send("subscribe", conversation=conversation)
            assert (await second.until("state"))[-1]["running"] == []

            begun = await first.ask("Tell me a story.", conversation=conversation)
            mine, theirs = await asyncio.gather(first.until("completed"), second.until("completed"))

        said = [frame for frame in of_type(theirs, "message") if frame["role"] == "user"]
        assert [frame["text"] for frame in said] == ["Tell me a story."]
        assert Transcript().take(*mine).text == Transcript().take(*theirs).text == TEXT
        assert {frame["turn"] for frame in of_type(theirs, "delta")} == {begun["turn"]}

    async def test_that_comes_late_is_told_what_is_running(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", SLOW)
        async with Socket(server, key=READING.key()) as first, Socket(server, key=READING.key()) as second:
            accepted = await first.ask("Tell me a story.")
            await first.until("delta")
            await second.send("subscribe", conversation=accepted["conversation"])
            state = (await second.until("state"))[-1]
            await second.send("resume", turn=accepted["turn"], at=0, seq=0)
            frames = await second.until("completed")

        assert [running["turn"] for running in state["running"]] == [accepted["turn"]]
        assert state["running"][0]["seq"] > 0
        assert text_from(frames) == TEXT


class TestATabThatIsClosed:
    async def test_does_not_stop_the_answer(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", SLOW)
        async with Socket(server, key=READING.key()) as socket:
            accepted = await socket.ask("Tell me a story.")
            await socket.until("delta")
        turn = accepted["turn"].replace("-", "")

        def answered() -> bool:
            rows = server.rows("select text, state from chat_message where turn_id = ? and role = 'assistant'", turn)
            return [(row["text"], row["state"]) for row in rows] == [(TEXT, "ok")]

        await within(10, answered)
        async with Api(server, READING.key()) as api:
            pages = await api.client.get(f"/api/v1/conversations/{accepted['conversation']}/messages/")
        assert [message["text"] for message in pages.json()["results"]] == ["Tell me a story.", TEXT]

    async def test_before_it_was_told_that_the_question_is_on_record_does_not_stop_it_either(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("reading-cloud", Script(text=TEXT))
        question = str(uuid4())
        async with Socket(server, key=READING.key()) as socket:
            await socket.send("ask", id=question, text="Tell me a story.")
        async with Socket(server, key=READING.key()) as socket:
            accepted, frames = await socket.answer("Tell me a story.", id=question)

        assert Transcript().take(*frames).text == TEXT
        turns = server.rows("select id from turns_turn where client_id = ?", question)
        assert [row["id"] for row in turns] == [accepted["turn"].replace("-", "")]
        assert len(outside.calls()) == 1


class TestOneQuestionSentTwice:
    async def test_at_the_same_moment_is_one_question(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", SLOW)
        question = str(uuid4())
        async with Socket(server, key=READING.key()) as first, Socket(server, key=READING.key()) as second:
            for socket in (first, second, first):
                await socket.send("ask", id=question, text="Tell me a story.")
            accepted = [await first.accepted(), await second.accepted()]
            texts = [text_from(await socket.until("completed")) for socket in (first, second)]

        assert len({frame["turn"] for frame in accepted}) == 1
        assert texts == [TEXT, TEXT]
        assert len(outside.calls()) == 1

    async def test_on_a_branch_that_is_answering_waits_for_its_turn(
        self, server: RealServer, outside: Upstream
    ) -> None:
        outside.script("reading-cloud", SLOW)
        async with Socket(server, key=READING.key()) as socket:
            accepted = await socket.ask("Tell me a story.")
            follow_up = {"id": str(uuid4()), "text": "Go on.", "conversation": accepted["conversation"]}
            await socket.send("ask", **follow_up)
            refused = (await socket.until("error"))[-1]
            await socket.until("completed")
            _, frames = await socket.answer(**follow_up)

        assert (refused["code"], refused["id"]) == ("turn_running", follow_up["id"])
        assert frames[-1]["type"] == "completed"
        assert [message["role"] for message in outside.calls()[-1].json["messages"]] == ["user", "assistant", "user"]


class TestStop:
    async def test_acts_at_once_and_charges_what_was_produced(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", Script(tokens=500, delay_s=0.02))
        async with Socket(server, key=READING.key()) as socket:
            accepted = await socket.ask("Tell me a story.")
            seen = await socket.until("delta")
            began = time.monotonic()
            await socket.send("stop", turn=accepted["turn"])
            frames = await socket.until("completed")
            took_ms = (time.monotonic() - began) * 1000

        print(f"stop took {took_ms:.0f} ms")
        end, text = frames[-1], Transcript().take(*seen, *frames).text
        assert took_ms < BUSY * STOPPED_MS
        assert (end["finish"], end["usage"]["estimated"]) == ("stopped", True)
        (turn,) = server.rows(
            "select state, cost, reserved from turns_turn where id = ?", accepted["turn"].replace("-", "")
        )
        assert (turn["state"], turn["cost"]) == ("stopped", end["cost_microusd"])
        assert 0 < turn["cost"] < turn["reserved"]
        (kept,) = server.rows("select text, state from chat_message where id = ?", end["message"].replace("-", ""))
        assert (kept["text"], kept["state"]) == (text, "stopped")
        assert outside.bill() * 1_000_000 <= end["cost_microusd"]

    async def test_before_the_first_token_ends_the_answer_too(self, server: RealServer, outside: Upstream) -> None:
        outside.script("reading-cloud", Script(first_delay_s=15))
        async with Socket(server, key=READING.key()) as socket:
            accepted = await socket.ask("Tell me a story.")
            await socket.until("routed")
            began = time.monotonic()
            await socket.send("stop", turn=accepted["turn"])
            frames = await socket.until("completed")

        assert (time.monotonic() - began) * 1000 < BUSY * STOPPED_MS
        assert frames[-1]["finish"] == "stopped"


def text_from(frames: list[dict[str, object]]) -> str:
    """The text of a reader that asked twice for the same turn: later frames overwrite.

    A subscriber may be shown the running text before its `resume` has arrived: what it lacks comes with that.
    """
    text = ""
    begun = itertools.dropwhile(lambda frame: frame["type"] != "delta" or frame["at"] != 0, frames)
    for frame in begun:
        if frame["type"] == "delta":
            at, piece = frame["at"], frame["text"]
            assert isinstance(at, int)
            assert isinstance(piece, str)
            assert at <= len(text), "a hole"
            text = text[:at] + piece
    return text
