"""However a turn ends, it is settled once: by its reader, by a stop, by a defect, by the death of a process."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from apps.core import clock
from apps.domain.errors import Overloaded
from apps.domain.ids import new_id
from apps.domain.turn import Accepted, Completed, Failed, Finish, Routed, TextDelta, TurnEvent
from apps.turns import live, outcome, owners, pipeline, preparing, received, runtime, sweeper
from apps.turns.models import Turn, TurnChunk
from apps.turns.operations import AppendTexts, TextPiece
from apps.turns.stopping import StopSignal
from tests.integration.turns.conftest import House
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db


class TestAnEndBeforeTheEnd:
    @pytest.mark.parametrize("after", [Accepted, Routed, TextDelta])
    async def test_by_the_reader_settles_what_was_produced(
        self, house: House, wire: ScriptedAdapter, after: type[TurnEvent]
    ) -> None:
        house.set_budget(1_000_000)
        answering = pipeline.answer(house.request("How do tides work?", model="out-good"))
        async for event in answering:
            if isinstance(event, after):
                break
        await answering.aclose()
        await outcome.all_settled()

        turn = house.turn()
        assert (turn.state, turn.finish) == ("stopped", "stopped")
        assert house.budget() == (turn.cost, 0)
        assert house.audited() == ["turn.dispatched", "turn.stopped"]

    async def test_by_a_stop_is_told(self, house: House, wire: ScriptedAdapter) -> None:
        signal = StopSignal()

        async def stop(*_: object) -> None:
            signal.request()
            await asyncio.sleep(0)

        wire.script("out-good", Behaviour(before=stop))
        asked = house.request("How do tides work?", model="out-good")
        events = [event async for event in pipeline.answer(asked, stop=signal)]

        assert isinstance(events[-1], Completed)
        assert events[-1].finish is Finish.STOPPED

    async def test_by_a_defect_settles_and_lets_the_defect_rise(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        wire.script("out-good", Behaviour(("Half an ",), KeyError("a defect of ours")))
        with pytest.raises(KeyError):
            await house.ask("How do tides work?", model="out-good")

        turn = house.turn()
        assert (turn.state, turn.code) == ("failed", "internal_error")
        spent, reserved = house.budget()
        assert (spent, reserved) == (turn.cost, 0)
        assert spent > 0
        assert house.audited() == ["turn.dispatched", "turn.failed"]


class TestALiveTurn:
    async def test_tells_its_readers_of_a_defect(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-good", Behaviour(("Half an ",), KeyError("a defect of ours")))
        turn = live.launch(house.request("How do tides work?", model="out-good"))
        await turn.accepted()
        events = [entry.event async for batch in turn.events() for entry in batch]

        assert isinstance(events[-1], Failed)
        assert (events[-1].code, events[-1].keeps) == ("internal_error", len("Half an "))
        (error,) = await asyncio.gather(turn._task, return_exceptions=True)
        assert isinstance(error, KeyError)

    @pytest.mark.parametrize(
        ("error", "told"), [(DatabaseError("away"), Overloaded), (KeyError("defect"), received.Broken)]
    )
    async def test_tells_who_waits_for_its_record_that_there_is_none(
        self,
        house: House,
        wire: ScriptedAdapter,
        monkeypatch: pytest.MonkeyPatch,
        error: Exception,
        told: type[Exception],
    ) -> None:
        async def fail(*_: object) -> None:
            raise error

        monkeypatch.setattr(preparing, "load_context", fail)
        turn = live.launch(house.request("How do tides work?"))

        async with asyncio.timeout(2):
            with pytest.raises(told):
                await turn.accepted()
            await asyncio.gather(turn._task, return_exceptions=True)


class TestTheSweeper:
    async def test_closes_what_a_dead_process_left_and_nothing_else(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        now = clock.now()
        mine, dead = runtime.current().boot_id, new_id()
        owners.beat_heart(boot_id=mine, kind="web", now=now)
        living = await self._begun(house)
        runtime.current().boot_id = dead
        orphan = await self._begun(house)
        text = AppendTexts((TextPiece(orphan.request.turn, house.tenant, 0, 1, "Half an "),))
        await runtime.current().writer.submit(text)

        assert (sweeper.sweep(now=now), sweeper.sweep(now=now)) == (1, 0)
        turns = {turn.pk: turn for turn in Turn.objects.for_tenant(house.tenant)}
        swept = turns[orphan.request.turn]
        assert (swept.state, swept.code, swept.cost) == ("failed", "interrupted", swept.reserved)
        assert swept.estimated
        assert turns[living.request.turn].state == "open"
        assert house.budget() == (swept.reserved, turns[living.request.turn].reserved)
        await living.answering.aclose()
        await orphan.answering.aclose()  # a process that only seemed dead comes too late, and changes nothing
        await outcome.all_settled()
        assert house.audited().count("turn.swept") == 1
        assert Turn.objects.for_tenant(house.tenant).get(pk=orphan.request.turn).cost == swept.reserved

    async def test_forgets_the_journal_after_a_day(self, house: House, wire: ScriptedAdapter) -> None:
        begun = await self._begun(house)
        await runtime.current().writer.submit(
            AppendTexts((TextPiece(begun.request.turn, house.tenant, 0, 1, "Half an "),))
        )
        await begun.answering.aclose()

        assert sweeper.forget_old(now=clock.now() + timedelta(hours=23)) == 0
        assert sweeper.forget_old(now=clock.now() + timedelta(hours=25)) == 1
        assert not TurnChunk.objects.for_tenant(house.tenant).exists()

    async def _begun(self, house: House) -> "Begun":
        """A turn that has said half of its answer."""
        request = house.request("How do tides work?", model="out-good")
        answering = pipeline.answer(request)
        async for event in answering:
            if isinstance(event, TextDelta):
                break
        return Begun(request, answering)


class Begun:
    def __init__(self, request: Any, answering: AsyncGenerator[TurnEvent, None]) -> None:
        self.request, self.answering = request, answering
