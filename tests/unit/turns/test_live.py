"""Answers that belong to the turn: late readers miss nothing, nothing comes twice, and stopping is told."""

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import pytest

from apps.domain.catalogue import Hosting
from apps.domain.errors import OpenRouteError
from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity
from apps.domain.turn import (
    Accepted,
    Completed,
    Finish,
    Routed,
    Switched,
    TextDelta,
    TurnEvent,
    TurnRequest,
)
from apps.turns import live
from apps.turns.growing import GrowingText
from apps.turns.journal import Journal
from apps.turns.live import LiveTurn, Numbered
from apps.turns.operations import AppendTexts
from tests.support.turn_values import request

Script = Callable[[TurnRequest], AsyncIterator[TurnEvent]]


async def nowhere(_: AppendTexts) -> None:
    """Takes the journal and forgets it."""


@pytest.fixture
def launch(monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], LiveTurn]:
    """Launch a turn whose pipeline is the given script; the journal goes nowhere."""

    def _launch(script: Script) -> LiveTurn:
        async def answer(
            asked: TurnRequest, *, stop: Any, idempotency: Any, text: GrowingText
        ) -> AsyncIterator[TurnEvent]:
            async for event in script(asked):
                if isinstance(event, TextDelta):
                    text.append(event.text)
                yield event

        monkeypatch.setattr(live, "answer", answer)
        monkeypatch.setattr(live.runtime, "current", lambda: SimpleNamespace(journal=Journal(nowhere)))
        return live.launch(request())

    return _launch


def routed(asked: TurnRequest) -> Routed:
    return Routed(asked.turn, "small", Hosting.COMMERCIAL, "balanced", Sensitivity.CLEAN, (), ("Cheap.",))


def completed(asked: TurnRequest) -> Completed:
    return Completed(asked.turn, Finish.STOP, Usage(1, 1), 1, "small", 1)


def deltas(asked: TurnRequest, text: str, at: int = 0) -> list[TextDelta]:
    return [TextDelta(asked.turn, at + place, char) for place, char in enumerate(text)]


async def read(turn: LiveTurn, **place: int) -> list[Numbered]:
    return [entry async for batch in turn.events(**place) for entry in batch]


def text_of(entries: list[Numbered]) -> str:
    return "".join(entry.event.text for entry in entries if isinstance(entry.event, TextDelta))


class TestEvents:
    async def test_number_text_switches_and_the_end_and_nothing_before(
        self, launch: Callable[[Script], LiveTurn]
    ) -> None:
        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            for delta in deltas(asked, "ab"):
                yield delta
                await asyncio.sleep(0)
            yield completed(asked)

        turn = launch(script)
        await turn.accepted()
        entries = await read(turn)

        assert [entry.seq for entry in entries if isinstance(entry.event, Routed)] == [0]
        assert entries[-1].seq == 3
        assert text_of(entries) == "ab"

    async def test_a_late_reader_gets_everything_once(self, launch: Callable[[Script], LiveTurn]) -> None:
        gate = asyncio.Event()

        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            for delta in deltas(asked, "Hällo \U0001f642 "):
                yield delta
            await gate.wait()
            for delta in deltas(asked, "world", at=8):
                yield delta
            yield completed(asked)

        turn = launch(script)
        await asyncio.sleep(0.01)
        late = asyncio.create_task(read(turn))
        await asyncio.sleep(0.01)
        gate.set()
        entries = await late

        assert text_of(entries) == "Hällo \U0001f642 world"
        offsets = [(e.event.at, len(e.event.text)) for e in entries if isinstance(e.event, TextDelta)]
        assert all(at + size == after for (at, size), (after, _) in itertools.pairwise(offsets))

    @pytest.mark.parametrize("at", range(9))
    async def test_resumes_at_any_code_point(self, launch: Callable[[Script], LiveTurn], at: int) -> None:
        text = "Hä\U0001f642llo é!"[:9]

        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            for delta in deltas(asked, text):
                yield delta
            yield completed(asked)

        turn = launch(script)
        await turn.over()
        entries = await read(turn, at=at, seq=at)

        assert text[:at] + text_of(entries) == text
        assert isinstance(entries[-1].event, Completed)

    async def test_a_switch_that_the_reader_missed_comes_first_and_takes_text_back(
        self, launch: Callable[[Script], LiveTurn]
    ) -> None:
        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            yield Switched(asked.turn, "small", "large", Hosting.COMMERCIAL, "It failed.", 0)
            yield TextDelta(asked.turn, 0, "new text")
            yield completed(asked)

        turn = launch(script)
        await turn.over()
        entries = await read(turn, at=5, seq=0)

        kinds = [type(entry.event) for entry in entries]
        assert kinds == [Routed, Switched, TextDelta, Completed]
        assert text_of(entries) == "new text"


class TestAccepted:
    async def test_raises_why_nothing_is_on_record(self, launch: Callable[[Script], LiveTurn]) -> None:
        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            raise OpenRouteError("The limit is reached.")
            yield

        turn = launch(script)
        with pytest.raises(OpenRouteError, match="limit"):
            await turn.accepted()
        await turn.over()

    async def test_an_error_after_it_is_told_as_a_failure(self, launch: Callable[[Script], LiveTurn]) -> None:
        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield TextDelta(asked.turn, 0, "half")
            raise OpenRouteError("The store is away.")

        turn = launch(script)
        await turn.accepted()
        last = (await read(turn))[-1].event

        assert (last.partial, last.keeps) == (True, 4)  # type: ignore[union-attr]


class TestSlowReader:
    async def test_gets_joined_text_instead_of_a_queue_of_its_own(self, launch: Callable[[Script], LiveTurn]) -> None:
        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            for delta in deltas(asked, "x" * 1000):
                yield delta
            yield completed(asked)

        turn = launch(script)
        await turn.over()
        batches = [batch async for batch in turn.events()]

        assert len(batches) == 1
        assert len(text_of(batches[0])) == 1000

    async def test_that_is_in_the_middle_when_the_answer_ends_loses_nothing(
        self, launch: Callable[[Script], LiveTurn]
    ) -> None:
        half, rest = asyncio.Event(), asyncio.Event()

        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            yield TextDelta(asked.turn, 0, "first ")
            half.set()
            await rest.wait()
            for delta in deltas(asked, "and last", at=6):
                yield delta
            yield completed(asked)

        turn = launch(script)
        await half.wait()
        seen: list[Numbered] = []
        async for batch in turn.events():
            seen += batch
            rest.set()
            await turn.over()

        assert text_of(seen) == "first and last"
        assert isinstance(seen[-1].event, Completed)

    async def test_costs_no_object_per_token(self, launch: Callable[[Script], LiveTurn]) -> None:
        shown, gate = asyncio.Event(), asyncio.Event()

        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            for delta in deltas(asked, "x" * 1000):
                yield delta
            shown.set()
            await gate.wait()
            yield completed(asked)

        turn = launch(script)
        await shown.wait()
        while_it_runs = self.kept_of(turn)
        gate.set()
        await turn.over()

        assert while_it_runs <= 2  # in the hands of the pipeline and of the turn
        assert (self.kept_of(turn), turn.text()) == (0, "x" * 1000)

    def kept_of(self, turn: LiveTurn) -> int:
        return sum(type(it) is TextDelta and it.turn == turn.turn for it in gc.get_objects())

    async def test_is_told_once_which_model_answers_and_each_switch(self, launch: Callable[[Script], LiveTurn]) -> None:
        read_one = asyncio.Event()

        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            await read_one.wait()
            yield TextDelta(asked.turn, 0, "half")
            yield Switched(asked.turn, "small", "large", Hosting.COMMERCIAL, "It failed.", 4)
            yield TextDelta(asked.turn, 4, " and half")
            yield completed(asked)

        turn = launch(script)
        seen: list[Numbered] = []
        async for batch in turn.events():
            seen += batch
            read_one.set()
            await turn.over()

        assert [type(entry.event) for entry in seen] == [Routed, Switched, TextDelta, Completed]
        assert text_of(seen) == "half and half"


TOLD = "The moon p\U0001f30dulls the sea."
SEAM = 11


def told(entries: list[Numbered], text: str = "", seq: int = 0) -> str:
    """What a reader shows that had so much: switches cut, texts stand at their offsets, nothing is missing."""
    owed = 0
    for entry in entries:
        if isinstance(entry.event, Switched):
            text, owed = text[: entry.event.keeps], entry.event.keeps
        elif isinstance(entry.event, TextDelta):
            assert entry.event.at == len(text)
            assert entry.seq > seq or len(text) < owed
            text += entry.event.text
        seq = max(seq, entry.seq)
    return text


class TestASeamInTheMiddle:
    """A switch that keeps text (adr 0008): whenever somebody comes, they have every code point once."""

    def begun(self, launch: Callable[[Script], LiveTurn]) -> tuple[LiveTurn, asyncio.Event, asyncio.Event]:
        """The turn, what lets it switch, and what lets it end."""
        switching, ending = asyncio.Event(), asyncio.Event()

        async def script(asked: TurnRequest) -> AsyncIterator[TurnEvent]:
            yield Accepted(asked.turn)
            yield routed(asked)
            for delta in deltas(asked, TOLD[:SEAM]):
                yield delta
            await switching.wait()
            yield Switched(asked.turn, "small", "large", Hosting.COMMERCIAL, "It broke off.", SEAM)
            await ending.wait()
            for delta in deltas(asked, TOLD[SEAM:], at=SEAM):
                yield delta
            yield completed(asked)

        return launch(script), switching, ending

    @pytest.mark.parametrize("at", range(len(TOLD) + 1))
    async def test_is_resumed_at_any_code_point(self, launch: Callable[[Script], LiveTurn], at: int) -> None:
        live_turn, switching, ending = self.begun(launch)
        switching.set()
        ending.set()
        await live_turn.over()
        # One number per code point; behind the seam the switch had one too.
        entries = await read(live_turn, at=at, seq=at + (at > SEAM))

        assert told(entries, TOLD[:at], at + (at > SEAM)) == TOLD
        assert [type(entry.event) for entry in entries].count(Switched) == (at <= SEAM)

    @pytest.mark.parametrize("at", range(SEAM + 1))
    async def test_is_told_to_who_comes_between_the_switch_and_the_rest(
        self, launch: Callable[[Script], LiveTurn], at: int
    ) -> None:
        live_turn, switching, ending = self.begun(launch)
        switching.set()
        await asyncio.sleep(0.01)
        reading = asyncio.create_task(read(live_turn, at=at, seq=at))
        await asyncio.sleep(0.01)
        ending.set()

        entries = await reading
        assert told(entries, TOLD[:at], at) == TOLD
        assert [entry.event.keeps for entry in entries if isinstance(entry.event, Switched)] == [SEAM]

    async def test_reaches_the_journal_without_a_gap(self, launch: Callable[[Script], LiveTurn]) -> None:
        live_turn, switching, ending = self.begun(launch)
        await asyncio.sleep(0.01)
        first = live_turn.unwritten()
        switching.set()
        ending.set()
        await live_turn.over()
        second = live_turn.unwritten()

        assert first is not None
        assert second is not None
        assert (first.at, first.text, second.at, second.text) == (0, TOLD[:SEAM], SEAM, TOLD[SEAM:])
