"""An answer that breaks off in the chat goes on with the next permitted model: seen, recorded, paid, and never outside
with what must stay inside (promises P09, P18, P28)."""

import asyncio
import json
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.budgets.models import LedgerEntry, Reservation
from apps.core import clock
from apps.domain.limits import RateLimits
from apps.domain.messages import PromptMessage, Role, Tool
from apps.domain.privacy import Sensitivity
from apps.domain.tokens import input_bound, message_bound
from apps.domain.turn import (
    Channel,
    Completed,
    Failed,
    Routed,
    Switched,
    TextDelta,
    TurnEvent,
)
from apps.policies import services as policies
from apps.providers.values import (
    GO_ON,
    ContentRefused,
    ModelCall,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    TextChunk,
    ToolCallChunk,
)  # fmt: skip
from apps.tenants import services as tenants
from apps.turns import pipeline, runtime
from apps.turns.models import Attempt
from apps.turns.stopping import StopSignal
from tests.integration.turns.conftest import House
from tests.support.factories.providers import ModelFactory, ProviderFactory
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

QUESTION = "How do tides work?"
IBAN = "DE89370400440532013000"
BEGIN = "The moon pulls the water, "
GONE = ProviderUnavailable("It broke off.")
BREAKS = Behaviour((BEGIN,), GONE)


async def ask(house: House, text: str = QUESTION, **changes: object) -> list[TurnEvent]:
    return await house.ask(text, **({"channel": Channel.CHAT, "model": "auto:best"} | changes))


def narrow(house: House, *models: str) -> None:
    """Only these models are the team's."""
    tenants.update_team(
        tenant=house.tenant, team=house.team, name="Research", models=list(models),
        limits=RateLimits(), actor="system", at=clock.now(),
    )  # fmt: skip


def text_of(events: list[TurnEvent]) -> str:
    """What a reader shows; every offset must be right."""
    text = ""
    for event in events:
        if isinstance(event, TextDelta):
            assert event.at == len(text)
            text += event.text
        elif isinstance(event, Switched):
            assert event.keeps == len(text)
    return text


def switches(events: list[TurnEvent]) -> list[tuple[str, str, int]]:
    return [(event.source, event.target, event.keeps) for event in events if isinstance(event, Switched)]


class TestAnAnswerThatBreaksOff:
    @pytest.mark.parametrize("error", [GONE, ProviderTimeout("It stalls."), RateLimited("Enough.", retry_after_s=9)])
    async def test_goes_on_with_the_next_model(self, house: House, wire: ScriptedAdapter, error: Exception) -> None:
        wire.script("out-best", Behaviour((BEGIN,), error))
        wire.script("out-good", Behaviour(("twice ", "a day.")))
        events = await ask(house)

        assert text_of(events) == BEGIN + "twice a day."
        assert switches(events) == [("out-best", "out-good", len(BEGIN))]
        end = events[-1]
        assert isinstance(end, Completed)
        assert (end.model, end.attempts, end.usage.estimated) == ("out-good", 2, True)

    async def test_is_sent_along_behind_the_question(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", BREAKS)
        await ask(house)

        first, second = (call for call, _ in wire.sent)
        assert (first.goes_on, second.goes_on) == (False, True)
        assert second.messages == (*first.messages, PromptMessage(Role.ASSISTANT, BEGIN))
        assert first.idempotency != second.idempotency

    async def test_is_on_record_and_paid_attempt_by_attempt(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        wire.script("out-best", BREAKS)
        await ask(house)

        attempts = Attempt.objects.for_tenant(house.tenant).order_by("number")
        assert [(a.model, a.state, a.keeps) for a in attempts] == [
            ("out-best", "failed", 0),
            ("out-good", "answered", len(BEGIN)),
        ]
        entries = LedgerEntry.objects.for_tenant(house.tenant).order_by("attempt")
        assert [(entry.estimated, entry.amount > 0) for entry in entries] == [(True, True), (False, True)]
        turn = house.turn()
        assert (turn.state, turn.model, turn.attempts) == ("completed", "out-good", 2)
        assert turn.cost == sum(entry.amount for entry in entries)
        assert house.budget() == (turn.cost, 0)
        assert house.audited() == ["turn.dispatched", "turn.extended", "turn.completed"]
        body = json.loads(AuditEvent.objects.for_tenant(house.tenant).get(kind="turn.extended").body)
        assert (body["keeps"], body["model"], body["after"]) == (len(BEGIN), "out-good", "provider_unavailable")
        assert BEGIN.strip() not in str(body)

    async def test_reserves_the_longer_prompt_and_the_rest_of_the_length(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)
        begin = BEGIN * 40
        wire.script("out-best", Behaviour((begin,), GONE))
        await ask(house)

        (first, _), (second, _) = wire.sent
        one, two = Reservation.objects.for_tenant(house.tenant).order_by("attempt")
        given = input_bound(second.messages) + message_bound(PromptMessage(Role.USER, GO_ON))
        assert second.max_output_tokens == first.max_output_tokens - len(begin) // 4
        assert two.amount == given + 4 * second.max_output_tokens  # 1 and 4 micro-dollars a token
        assert one.amount == input_bound(first.messages) + 4 * first.max_output_tokens

    async def test_drops_what_the_second_model_repeats(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", BREAKS)
        wire.script("out-good", Behaviour(("pulls the ", "water, twice", " a day.")))

        assert text_of(await ask(house)) == BEGIN + "twice a day."

    async def test_keeps_what_was_held_back_when_the_second_breaks_off_too(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        wire.script("out-best", BREAKS)
        wire.script("out-good", Behaviour(("pulls the ",), GONE))
        wire.script("in-good", Behaviour(("rest.",)))
        events = await ask(house)

        assert text_of(events) == BEGIN + "pulls the rest."
        assert [kept for _, _, kept in switches(events)] == [len(BEGIN), len(BEGIN + "pulls the ")]
        assert [m.role for m in wire.sent[-1][0].messages] == [Role.USER, Role.ASSISTANT]
        assert wire.sent[-1][0].messages[-1].text == BEGIN + "pulls the "

    async def test_passes_over_who_does_not_even_begin(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", BREAKS)
        for name in ("out-good", "out-plain", "in-good"):
            wire.script(name, Behaviour((), GONE))
        wire.script("in-plain", Behaviour(("twice a day.",)))

        events = await ask(house)

        assert text_of(events) == BEGIN + "twice a day."
        assert [kept for _, _, kept in switches(events)] == [len(BEGIN)] * 4

    async def test_ends_after_the_third_time(self, house: House, wire: ScriptedAdapter) -> None:
        for name in house.models:
            wire.script(name, Behaviour((f"{name} says this. ",), GONE))
        events = await ask(house)

        end = events[-1]
        assert isinstance(end, Failed)
        assert (len(wire.sent), end.partial, end.keeps) == (3, True, len(text_of(events)))

    async def test_leaves_out_whose_context_is_too_small_for_the_rest(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        ModelFactory(
            name="in-tiny", provider=ProviderFactory(name="at-in-tiny", hosting="self_hosted"), context_tokens=300,
            price={"input": "0", "output": "0"}, strengths={"writing": 0.9, "coding": 0.9, "math": 0.9},
        )  # fmt: skip
        narrow(house, "out-best", "in-tiny")
        wire.script("out-best", Behaviour((BEGIN * 60,), GONE))
        events = await ask(house)

        assert isinstance(events[-1], Failed)
        assert [call.candidate.model for call, _ in wire.sent] == ["out-best"]


class TestItEndsThere:
    async def test_when_nothing_is_left(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best")
        wire.script("out-best", BREAKS)
        end = (await ask(house))[-1]

        assert isinstance(end, Failed)
        assert (end.code, end.partial, end.keeps) == ("provider_unavailable", True, len(BEGIN))

    async def test_when_the_content_was_refused(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((BEGIN,), ContentRefused("No.")))

        assert isinstance((await ask(house))[-1], Failed)
        assert len(wire.sent) == 1

    @pytest.mark.parametrize("channel", [Channel.API, Channel.BACKGROUND, Channel.LAB])
    async def test_outside_of_the_chat(self, house: House, wire: ScriptedAdapter, channel: Channel) -> None:
        wire.script("out-best", BREAKS)

        assert isinstance((await ask(house, channel=channel))[-1], Failed)
        assert len(wire.sent) == 1

    async def test_after_a_tool_call(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        class Caller(ScriptedAdapter):
            async def stream(self, *_: Any) -> Any:
                yield TextChunk(BEGIN)
                yield ToolCallChunk(0, "c1", "look", "{}")
                raise GONE

        Caller().install(monkeypatch)
        events = await ask(house, tools=(Tool("look"),))

        assert isinstance(events[-1], Failed)
        assert switches(events) == []

    async def test_when_the_person_stops_it_while_the_next_model_is_asked(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)
        asked, stop = asyncio.Event(), StopSignal()

        async def think(*_: Any) -> None:
            asked.set()
            await asyncio.sleep(60)

        wire.script("out-best", BREAKS)
        wire.script("out-good", Behaviour(before=think))

        async def read() -> list[TurnEvent]:
            request = house.request(QUESTION, channel=Channel.CHAT, model="auto:best")
            return [event async for event in pipeline.answer(request, stop=stop)]

        reading = asyncio.ensure_future(read())
        await asked.wait()
        stop.request()
        events = await reading

        end, turn = events[-1], house.turn()
        assert isinstance(end, Completed)
        assert (end.finish.value, turn.state, turn.attempts) == ("stopped", "stopped", 2)
        assert text_of(events) == BEGIN
        assert house.budget() == (turn.cost, 0)


class TestWhatMustStayInside:
    """The second model is sent what the first one wrote, so that decides as well."""

    async def test_of_the_answer_goes_on_inside_alone(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((f"Pay to {IBAN} ",), GONE))
        events = await ask(house)

        assert [endpoint.name for _, endpoint in wire.sent] == ["at-out-best", "at-in-good"]
        end, turn = events[-1], house.turn()
        assert isinstance(end, Completed)
        assert end.sensitivity is Sensitivity.SENSITIVE
        assert turn.sensitivity == "sensitive"

    async def test_of_an_answer_from_inside_meets_nobody_outside(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "in-good", "out-best", "out-good")
        wire.script("in-good", Behaviour((f"Pay to {IBAN} ",), GONE))
        events = await ask(house, model="in-good")

        assert [call.candidate.model for call, _ in wire.sent] == ["in-good"]
        end = events[-1]
        assert isinstance(end, Failed)
        assert (end.partial, end.sensitivity, house.turn().sensitivity) == (True, Sensitivity.SENSITIVE, "sensitive")

    async def test_of_the_question_goes_on_inside_alone(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("in-good", BREAKS)
        wire.script("in-plain", Behaviour((), GONE))
        await ask(house, f"Which bank is {IBAN} with?", model="in-good")

        assert {call.candidate.model for call, _ in wire.sent} == {"in-good", "in-plain"}

    async def test_may_go_on_outside_when_all_of_it_is_clean(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "in-good", "out-best")
        wire.script("in-good", BREAKS)
        events = await ask(house, model="in-good")

        assert switches(events) == [("in-good", "out-best", len(BEGIN))]
        assert isinstance(events[-1], Completed)

    async def test_is_decided_under_the_rules_of_that_moment(self, house: House, wire: ScriptedAdapter) -> None:
        """An IBAN was harmless when the question was decided; while the first model writes one, it becomes private."""

        def put(*types: str) -> None:
            document = {"sensitivity": {"force_self_hosted": [*types]}}
            policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())

        async def stricter(_: ModelCall, __: object) -> None:
            put("SECRET", "IBAN_CODE")
            await runtime.current().contexts.refresh(house.tenant)

        put("SECRET")
        wire.script("out-best", Behaviour((f"Pay to {IBAN} ",), GONE, before=stricter))
        await ask(house)

        assert [endpoint.name for _, endpoint in wire.sent] == ["at-out-best", "at-in-good"]

    async def test_goes_nowhere_where_the_policy_refuses_what_is_private(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        document = {"sensitivity": {"force_self_hosted": ["IBAN_CODE"], "action": "refuse"}}
        policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())
        wire.script("out-best", Behaviour((f"Pay to {IBAN} ",), GONE))
        events = await ask(house)

        assert len(wire.sent) == 1
        end = events[-1]
        assert isinstance(end, Failed)
        assert (end.code, end.partial) == ("provider_unavailable", True)
        assert house.audited() == ["turn.dispatched", "turn.failed"]


class TestWhereItWasWritten:
    """One commercial sentence makes the whole answer one that was written outside (adr 0008)."""

    @pytest.mark.parametrize(
        ("first", "second", "hosting"),
        [
            ("out-best", "in-good", "commercial"),
            ("in-good", "out-best", "commercial"),
            ("in-good", "in-plain", "self_hosted"),
        ],
    )
    async def test_is_said_of_all_of_it(
        self, house: House, wire: ScriptedAdapter, first: str, second: str, hosting: str
    ) -> None:
        narrow(house, first, second)
        wire.script(first, BREAKS)
        events = await ask(house, model=first)

        end, turn = events[-1], house.turn()
        assert isinstance(end, Completed)
        assert end.hosting is not None
        assert (turn.model, turn.hosting, end.hosting.value) == (second, hosting, hosting)

    async def test_is_inside_when_the_commercial_model_wrote_nothing(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best", "in-good")
        wire.script("out-best", Behaviour((), GONE))
        events = await ask(house)

        assert isinstance(next(event for event in events if isinstance(event, Routed)), Routed)
        assert (house.turn().model, house.turn().hosting) == ("in-good", "self_hosted")
