"""A text that waits for a free place of its provider is judged by the policy of the moment in which it is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from apps.core import clock
from apps.domain.turn import Completed, Failed, Switched, TurnEvent
from apps.policies import services as policies
from apps.providers.models import Provider
from apps.providers.services import calls
from apps.providers.values import ModelCall
from apps.tenants import services as tenants
from apps.turns import runtime, sending
from apps.turns.choosing import Asked
from apps.turns.models import Attempt, Turn
from tests.integration.turns.conftest import House
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

QUESTION = "When does Bluebird start?"
PRIVATE = {"sensitivity": {"force_self_hosted": ["DICTIONARY"], "dictionaries": {"projects": ["Bluebird"]}}}
HARMLESS = {"sensitivity": {"force_self_hosted": ["DICTIONARY"], "dictionaries": {"projects": ["Falcon"]}}}
REFUSED = {"sensitivity": {**PRIVATE["sensitivity"], "action": "refuse"}}
DENIED = {"rules": [{"deny": {"models": ["out-good"]}}]}
BOTH = {**PRIVATE, **DENIED}


class Waiting:
    """A question in the queue of `out-good`, behind another one that has the only place."""

    def __init__(self, house: House, wire: ScriptedAdapter) -> None:
        self.house, self.wire = house, wire
        self.gate = asyncio.Event()
        self.answer: asyncio.Task[list[TurnEvent]]
        self._first: asyncio.Task[list[TurnEvent]]

    async def begin(self) -> None:
        async def hold(call: ModelCall, _: object) -> None:
            if len(self.wire.sent) == 1:
                await self.gate.wait()

        self.wire.script("out-good", Behaviour(before=hold))
        self._first = asyncio.create_task(self.house.ask("How do tides work?", model="out-good"))
        await self._until(lambda: len(self.wire.sent) == 1)
        self.answer = asyncio.create_task(self.house.ask(QUESTION, model="out-good"))
        await self._until(lambda: any(lane._places._waiters for lane in calls._lanes.values()))

    async def change(self, document: dict[str, Any]) -> None:
        """Another policy takes effect, and this process hears of it."""
        policies.put(tenant=self.house.tenant, document=document, actor="system", at=clock.now())
        await runtime.current().contexts.refresh(self.house.tenant)

    async def end(self) -> list[TurnEvent]:
        self.gate.set()
        await self._first
        async with asyncio.timeout(5):
            return await self.answer

    @property
    def sent_to(self) -> list[str]:
        """The models that got the text, with the one before it in the queue left out."""
        return [call.candidate.model for call, _ in self.wire.sent if call.messages[-1].text == QUESTION]

    @property
    def turn(self) -> Turn:
        return Turn.objects.for_tenant(self.house.tenant).order_by("-opened_at", "-id")[0]

    async def _until(self, happened: Callable[[], bool]) -> None:
        for _ in range(5_000):
            if happened():
                return
            await asyncio.sleep(0.001)
        raise AssertionError("it never happened")


@pytest_asyncio.fixture
async def waiting(house: House, wire: ScriptedAdapter) -> AsyncIterator[Waiting]:
    Provider.objects.filter(name="at-out-good").update(max_concurrency=1)
    house.set_budget(1_000_000)
    made = Waiting(house, wire)
    await made.begin()
    yield made
    made.gate.set()


class TestATextThatWaits:
    async def test_stays_inside_when_it_is_private_by_now(self, waiting: Waiting) -> None:
        await waiting.change(PRIVATE)
        events = await waiting.end()

        (switched,) = [event for event in events if isinstance(event, Switched)]
        assert (switched.source, switched.target, switched.keeps) == ("out-good", "in-good", 0)
        assert "under the rules of this moment" in switched.reason
        assert isinstance(events[-1], Completed)
        assert waiting.sent_to == ["in-good"]
        assert (waiting.turn.sensitivity, waiting.turn.hosting) == ("sensitive", "self_hosted")

    async def test_costs_nothing_where_it_was_not_sent(self, waiting: Waiting) -> None:
        await waiting.change(PRIVATE)
        await waiting.end()

        tried = Attempt.objects.for_tenant(waiting.house.tenant).filter(turn_id=waiting.turn.id).order_by("number")
        assert [(a.model, a.state, a.code, a.cost) for a in tried] == [
            ("out-good", "failed", "refused_by_policy", 0),
            ("in-good", "answered", "", 0),
        ]
        assert waiting.house.budget() == (40, 0)  # the one before it

    async def test_goes_nowhere_when_private_text_is_refused_by_now(self, waiting: Waiting) -> None:
        await waiting.change(REFUSED)
        events = await waiting.end()

        assert isinstance(events[-1], Failed)
        assert (events[-1].code, events[-1].attempts) == ("refused_by_policy", 1)
        assert waiting.sent_to == []

    @pytest.mark.parametrize(("document", "hosting"), [(DENIED, "commercial"), (BOTH, "self_hosted")])
    async def test_goes_to_another_model_when_a_rule_denies_this_one_by_now(
        self, waiting: Waiting, document: dict[str, Any], hosting: str
    ) -> None:
        await waiting.change(document)
        events = await waiting.end()

        assert isinstance(events[-1], Completed)
        assert len(waiting.sent_to) == 1
        assert waiting.sent_to != ["out-good"]
        assert waiting.turn.hosting == hosting

    async def test_goes_to_another_model_when_the_team_may_not_use_this_one_by_now(self, waiting: Waiting) -> None:
        house = waiting.house
        team = runtime.current().contexts.peek(house.tenant).teams[house.team]
        tenants.update_team(
            tenant=house.tenant, team=house.team, name=team.name, models=["out-best", "in-plain"], limits=team.limits,
            actor="system", at=clock.now(),
        )  # fmt: skip
        await runtime.current().contexts.refresh(house.tenant)
        await waiting.end()

        assert waiting.sent_to == ["out-best"]

    async def test_that_is_still_harmless_is_sent_as_it_was_decided(self, waiting: Waiting) -> None:
        await waiting.change(HARMLESS)
        events = await waiting.end()

        assert not any(isinstance(event, Switched) for event in events)
        assert waiting.sent_to == ["out-good"]

    async def test_is_judged_by_the_last_of_several_changes(
        self, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The policy changes once more while the text is inspected under the one before."""
        inspect = sending.inspect

        async def change_meanwhile(asked: Asked) -> Any:
            found = await inspect(asked)
            monkeypatch.setattr(sending, "inspect", inspect)
            await waiting.change(PRIVATE)
            return found

        monkeypatch.setattr(sending, "inspect", change_meanwhile)
        await waiting.change(HARMLESS)
        await waiting.end()

        assert waiting.sent_to == ["in-good"]

    async def test_keeps_its_label_when_the_policy_is_milder_by_now(
        self, waiting: Waiting, house: House, wire: ScriptedAdapter
    ) -> None:
        await waiting.end()
        await waiting.change(PRIVATE)

        async def relent(*_: object) -> None:
            await waiting.change(HARMLESS)

        wire.script("in-good", Behaviour((), calls.ProviderUnavailable("It is away."), before=relent))
        events = await house.ask(QUESTION, model="in-good")

        assert isinstance(events[-1], Completed)
        assert waiting.sent_to[1:] == ["in-good", "in-plain"]
        assert waiting.turn.sensitivity == "sensitive"


class TestATextUnderTheSamePolicy:
    async def test_is_inspected_once(self, waiting: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
        async def never(_: Asked) -> None:
            raise AssertionError("nothing has changed")

        monkeypatch.setattr(sending, "inspect", never)
        events = await waiting.end()

        assert isinstance(events[-1], Completed)
        assert waiting.sent_to == ["out-good"]
