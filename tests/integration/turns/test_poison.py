"""What the database refuses of a turn's end keeps neither that turn open nor any other: real planner, real store."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from django.db import OperationalError
from structlog.testing import capture_logs

from apps.budgets.models import Reservation
from apps.core import clock
from apps.domain.ids import TurnId, new_id
from apps.domain.turn import Completed, Failed, TextDelta, TurnEvent
from apps.turns import live, outcome, owners, pipeline, runtime, sweeper
from apps.turns.models import Turn
from apps.turns.operations import AppendTexts, TextPiece
from tests.integration.turns.conftest import House
from tests.integration.turns.test_pipeline import once
from tests.support import recorders
from tests.support.scripted_provider import ScriptedAdapter

pytestmark = pytest.mark.django_db

QUESTION = "How do tides work?"


@pytest.fixture(autouse=True)
def _recorders(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.OPENROUTE_RECORDERS = {**settings.OPENROUTE_RECORDERS, **recorders.NAMES}
    monkeypatch.setattr(recorders.STUBBORN, "away", True)


_abandoned: list[AsyncGenerator[TurnEvent, None]] = []


@pytest_asyncio.fixture(autouse=True)
async def _nothing_left() -> AsyncIterator[None]:
    """A process that only seemed dead goes on in the end, and changes nothing."""
    yield
    while _abandoned:
        await _abandoned.pop().aclose()
    await outcome.all_settled()


@pytest.fixture
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(outcome, "LONGEST_PAUSE_S", 0.02)


class TestAnAnswerThatCannotBeStored:
    async def test_ends_its_turn_failed_and_tells_its_readers(self, house: House, wire: ScriptedAdapter) -> None:
        turn = live.launch(house.request(QUESTION, model="out-good", recorder="picky"))
        await turn.accepted()
        async with asyncio.timeout(5):
            events = [entry.event async for batch in turn.events() for entry in batch]

        end = events[-1]
        assert isinstance(end, Failed)
        assert (end.code, end.partial, end.keeps, end.cost_micro_usd) == ("internal_error", False, 0, 40)
        assert not any(isinstance(event, Completed) for event in events)
        assert (house.turn().state, house.turn().code) == ("failed", "internal_error")
        assert house.audited() == ["turn.dispatched", "turn.failed"]

    async def test_costs_what_it_did_cost(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        await house.ask(QUESTION, model="out-good", recorder="picky")

        assert house.turn().cost == 40
        assert house.budget() == (40, 0)
        assert not Reservation.objects.for_tenant(house.tenant).filter(state="held").exists()

    async def test_ends_when_its_reader_goes(self, house: House, wire: ScriptedAdapter) -> None:
        answering = pipeline.answer(house.request(QUESTION, model="out-good", recorder="picky"))
        async for event in answering:
            if isinstance(event, TextDelta):
                break
        await answering.aclose()
        await outcome.all_settled()

        assert house.turn().state == "failed"

    async def test_frees_the_callers_id(self, house: House, wire: ScriptedAdapter) -> None:
        await house.ask(QUESTION, model="out-good", recorder="picky", idempotency=once(house))
        again = await house.ask(QUESTION, model="out-good", idempotency=once(house))

        assert isinstance(again[-1], Completed)


@pytest.mark.usefixtures("_short_pauses")
class TestAnEndThatIsRefusedAsWell:
    async def test_is_told_at_once_and_tried_until_it_is_done(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        with capture_logs() as logs:
            async with asyncio.timeout(5):
                events = await house.ask(QUESTION, model="out-good", recorder="stubborn")
        still = house.turn().state
        recorders.STUBBORN.away = False
        async with asyncio.timeout(5):
            await asyncio.gather(*outcome._rescues)

        assert isinstance(events[-1], Failed)
        assert events[-1].code == "internal_error"
        assert still == "open"
        assert "critical" in {entry["log_level"] for entry in logs if entry["event"] == "turn.cannot_be_closed"}
        assert (house.turn().state, house.turn().cost, house.budget()) == ("failed", 40, (40, 0))

    @pytest.mark.parametrize("error", [OperationalError("away"), OSError("no file of the gate")])
    async def test_survives_that_the_database_goes_away_meanwhile(
        self, house: House, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        held_periods, errors = outcome.budgets.held_periods, [error]

        def away_once(turns: Any) -> Any:
            if errors:
                raise errors.pop()
            return held_periods(turns)

        monkeypatch.setattr(outcome.budgets, "held_periods", away_once)
        async with asyncio.timeout(5):
            events = await house.ask(QUESTION, model="out-good", recorder="picky")
            await asyncio.gather(*outcome._rescues)

        assert isinstance(events[-1], Failed)
        assert (house.turn().state, house.turn().cost) == ("failed", 40)

    async def test_does_not_keep_the_process_from_ending(self, house: House, wire: ScriptedAdapter) -> None:
        await house.ask(QUESTION, model="out-good", recorder="stubborn")
        async with asyncio.timeout(5):
            await outcome.all_settled()

        assert not outcome._rescues


class TestASweep:
    @pytest.fixture
    def dead(self, house: House) -> House:
        """A process that has no heartbeat any more owns what is opened from here on."""
        owners.beat_heart(boot_id=runtime.current().boot_id, kind="web", now=clock.now())
        runtime.current().boot_id = new_id()
        house.set_budget(1_000_000)
        return house

    @pytest.mark.parametrize("batch", [1, 2, 64])
    async def test_closes_all_others_and_the_poison_without_its_text(
        self, dead: House, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        monkeypatch.setattr(sweeper, "BATCH", batch)
        poisons = {await _left(dead, recorder="picky") for _ in range(2)}
        others = {await _left(dead) for _ in range(5)}

        assert sweeper.sweep(now=clock.now()) == 7
        codes = {TurnId(turn.id): (turn.state, turn.code) for turn in Turn.objects.for_tenant(dead.tenant)}
        assert {codes[turn] for turn in poisons} == {("failed", "internal_error")}
        assert {codes[turn] for turn in others} == {("failed", "interrupted")}
        spent, reserved = dead.budget()
        assert (spent, reserved) == (sum(turn.reserved for turn in Turn.objects.for_tenant(dead.tenant)), 0)
        assert dead.audited().count("turn.swept") == 7

    @pytest.mark.parametrize("batch", [1, 64])
    async def test_passes_by_what_cannot_be_closed_at_all_and_comes_again(
        self, dead: House, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch, batch: int
    ) -> None:
        monkeypatch.setattr(sweeper, "BATCH", batch)
        stuck = await _left(dead, recorder="stubborn")
        others = {await _left(dead) for _ in range(3)}
        with capture_logs() as logs:
            first = sweeper.sweep(now=clock.now())
        open_then = set(Turn.objects.for_tenant(dead.tenant).filter(state="open").values_list("id", flat=True))
        recorders.STUBBORN.away = False

        assert (first, open_then) == (len(others), {stuck})
        assert [e["turn"] for e in logs if e["event"] == "turn.cannot_be_closed"] == [str(stuck)]
        assert sweeper.sweep(now=clock.now()) == 1
        assert not Turn.objects.for_tenant(dead.tenant).filter(state="open").exists()

    async def test_frees_the_callers_id(self, dead: House, wire: ScriptedAdapter) -> None:
        await _left(dead, idempotency=once(dead))
        sweeper.sweep(now=clock.now())
        again = await dead.ask(QUESTION, model="out-good", idempotency=once(dead))

        assert isinstance(again[-1], Completed)
        spent = sum(turn.cost or 0 for turn in Turn.objects.for_tenant(dead.tenant))
        assert dead.budget() == (spent, 0)
        assert spent > 40  # what was set aside for the dead one stays charged


async def _left(house: House, *, idempotency: Any = None, **changes: Any) -> TurnId:
    """A turn that has journaled half of its answer, and that nobody goes on with."""
    request = house.request(QUESTION, model="out-good", **changes)
    answering = pipeline.answer(request, idempotency=idempotency)
    async for event in answering:
        if isinstance(event, TextDelta):
            break
    piece = TextPiece(request.turn, house.tenant, 0, 1, "Half an ")
    await runtime.current().writer.submit(AppendTexts((piece,)))
    _abandoned.append(answering)  # closing the iterator would close the turn
    return request.turn
