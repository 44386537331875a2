"""An answer that is held back until a checker is content: what is shown, recorded, paid and sent on (adr 0013)."""

import asyncio
import json
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.budgets.models import LedgerEntry
from apps.core import clock
from apps.domain.catalogue import Hosting
from apps.domain.limits import RateLimits
from apps.domain.messages import Sampling, Tool
from apps.domain.turn import (
    Accepted,
    Channel,
    Completed,
    Failed,
    Finish,
    Routed,
    Switched,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
)
from apps.policies import services as policies
from apps.providers.values import ContentRefused, ModelCall, ProviderUnavailable, ToolCallChunk
from apps.tenants import services as tenants
from apps.turns import holding, live, pipeline, runtime, sweeper
from apps.turns.models import Attempt
from apps.turns.stopping import StopSignal
from tests.integration.turns.conftest import House, Manner
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

QUESTION = "How do tides work?"
REFUSAL = "I'm sorry, but I can't help with that."
REFUSES = Behaviour((REFUSAL[:10], REFUSAL[10:]))
AWAY = Behaviour((), ProviderUnavailable("It is away."))
GOOD = "The moon pulls."


@pytest.fixture(autouse=True)
def _cascade(manner: Manner) -> None:
    manner.held = True


async def ask(house: House, text: str = QUESTION, **changes: object) -> list[TurnEvent]:
    return await house.ask(text, **({"channel": Channel.CHAT, "model": "auto:best"} | changes))


def text_of(events: list[TurnEvent]) -> str:
    text = ""
    for event in events:
        if isinstance(event, TextDelta):
            assert event.at == len(text)
            text += event.text
    return text


def switches(events: list[TurnEvent]) -> list[tuple[str, str]]:
    return [(event.source, event.target) for event in events if isinstance(event, Switched)]


def asked(wire: ScriptedAdapter) -> list[str]:
    return [call.candidate.model for call, _ in wire.sent]


def attempts(house: House) -> list[tuple[str, str, str]]:
    rows = Attempt.objects.for_tenant(house.tenant).order_by("number")
    return [(row.model, row.state, row.code) for row in rows]


def narrow(house: House, *models: str) -> None:
    """Only these models are the team's."""
    tenants.update_team(
        tenant=house.tenant, team=house.team, name="Research", models=list(models),
        limits=RateLimits(), actor="system", at=clock.now(),
    )  # fmt: skip


class TestAnAnswerThatPasses:
    async def test_is_shown_at_once_when_it_is_whole(self, house: House, wire: ScriptedAdapter) -> None:
        seen: list[TurnEvent] = []
        before: list[int] = []

        async def look(*_: Any) -> None:
            before.append(sum(isinstance(event, TextDelta) for event in seen))

        long = " ".join(f"Sentence {number} is about the sea." for number in range(100))
        wire.script("out-best", Behaviour((long[:500], long[500:]), after=look))
        request = house.request(QUESTION, model="auto:best")
        async for event in pipeline.answer(request):
            seen.append(event)  # noqa: PERF401 - the scripted model looks at it meanwhile

        assert before == [0]
        assert text_of(seen) == long
        assert sum(isinstance(event, TextDelta) for event in seen) > 5
        assert [type(event) for event in seen if not isinstance(event, TextDelta)] == [Accepted, Routed, Completed]
        assert attempts(house) == [("out-best", "answered", "")]
        assert house.turn().first_token_ms is not None

    async def test_may_be_a_tool_call(self, house: House, wire: ScriptedAdapter) -> None:
        pieces = (ToolCallChunk(0, "c1", "look", '{"x":'), ToolCallChunk(0, arguments="1}"))
        wire.script("out-best", Behaviour((), calls=pieces, finish=Finish.TOOL_CALLS))
        events = await house.ask(QUESTION, model="auto:best", tools=(Tool("look"),))

        calls = [event for event in events if isinstance(event, ToolCallDelta)]
        assert [(call.id, call.name, call.arguments) for call in calls] == [("c1", "look", '{"x":1}')]
        assert isinstance(events[-1], Completed)
        assert events[-1].finish is Finish.TOOL_CALLS

    async def test_that_takes_too_long_in_the_chat_is_shown_as_it_comes(
        self, house: House, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(holding, "LONGEST_HOLD_S", 0.0)
        wire.script("out-best", REFUSES)
        events = await ask(house)

        assert text_of(events) == REFUSAL
        assert asked(wire) == ["out-best"]


class TestAnAnswerThatDoesNot:
    async def test_is_replaced_and_leaves_no_trace_of_its_text(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        wire.script("out-best", REFUSES)
        wire.script("out-good", Behaviour((GOOD,)))
        events = await ask(house)

        assert text_of(events) == GOOD
        assert switches(events) == [("out-best", "out-good")]
        assert attempts(house) == [("out-best", "failed", "not_good_enough"), ("out-good", "answered", "")]
        assert wire.sent[0][0].messages == wire.sent[1][0].messages
        assert not wire.sent[1][0].goes_on
        assert house.audited() == ["turn.dispatched", "turn.extended", "turn.completed"]
        body = json.loads(AuditEvent.objects.for_tenant(house.tenant).get(kind="turn.extended").body)
        assert (body["after"], body["fault"]) == ("not_good_enough", "refusal")
        trail = "".join(AuditEvent.objects.for_tenant(house.tenant).values_list("body", flat=True))
        assert "sorry" not in trail
        assert "sorry" not in json.dumps(house.turn().decision)

    async def test_says_why_in_a_sentence(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", REFUSES)
        (switched,) = [event for event in await ask(house) if isinstance(event, Switched)]

        assert switched.reason == "The answer of out-best was a refusal, so out-good was asked."
        assert (switched.keeps, switched.hosting) == (0, Hosting.COMMERCIAL)
        assert getattr(switched.reason, "code", "") == "switched_by_check"

    async def test_is_paid_and_the_usage_is_that_of_the_answer(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        wire.script("out-best", REFUSES)
        end = (await ask(house))[-1]

        entries = LedgerEntry.objects.for_tenant(house.tenant).order_by("attempt")
        assert [(entry.model, entry.amount) for entry in entries] == [("out-best", 40), ("out-good", 40)]
        assert isinstance(end, Completed)
        assert (end.cost_micro_usd, end.usage.output_tokens, end.model, end.attempts) == (80, 5, "out-good", 2)
        assert house.budget() == (80, 0)

    async def test_without_usage_is_charged_as_an_estimate(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((), usage=None))
        await ask(house)

        first = LedgerEntry.objects.for_tenant(house.tenant).get(attempt=1)
        assert (first.estimated, first.amount > 0) == (True, True)
        assert attempts(house)[0] == ("out-best", "failed", "not_good_enough")

    async def test_is_reserved_before_the_next_is_asked(self, house: House, wire: ScriptedAdapter) -> None:
        seen: list[int] = []

        async def look(call: ModelCall, _: object) -> None:
            seen.append(Attempt.objects.for_tenant(house.tenant).filter(turn_id=call.turn).count())

        wire.script("out-best", Behaviour((REFUSAL,), before=look))
        wire.script("out-good", Behaviour(before=look))
        await ask(house)

        assert seen == [1, 2]

    async def test_is_checked_twice_and_the_third_is_shown_as_it_comes(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        for name in house.models:
            wire.script(name, REFUSES)
        events = await ask(house)

        assert text_of(events) == REFUSAL
        assert asked(wire) == ["out-best", "out-good", "in-good"]
        assert [state for _, state, _ in attempts(house)] == ["failed", "failed", "answered"]
        assert sum(isinstance(event, TextDelta) for event in events) == 2

    async def test_is_shown_when_nobody_else_is_there(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best")
        wire.script("out-best", REFUSES)
        events = await ask(house)

        assert (text_of(events), switches(events)) == (REFUSAL, [])
        assert attempts(house) == [("out-best", "answered", "")]

    async def test_is_shown_after_all_when_the_others_fail(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        narrow(house, "out-best", "out-good")
        wire.script("out-best", REFUSES)
        wire.script("out-good", AWAY)
        events = await ask(house)

        assert text_of(events) == REFUSAL
        assert switches(events) == [("out-best", "out-good"), ("out-good", "out-best")]
        end, turn = events[-1], house.turn()
        assert isinstance(end, Completed)
        assert (end.model, end.attempts, turn.model, turn.state) == ("out-best", 2, "out-best", "completed")
        assert [(state, code) for _, state, code in attempts(house)] == [
            ("answered", "not_good_enough"),
            ("failed", "provider_unavailable"),
        ]
        assert house.budget() == (turn.cost, 0)

    async def test_is_shown_after_all_when_the_budget_covers_no_other(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        """The first one's reservation takes all of it, and is held until the turn has ended."""
        house.set_budget(500)
        narrow(house, "out-best", "out-good")
        wire.script("out-best", REFUSES)
        events = await ask(house)

        assert (text_of(events), asked(wire)) == (REFUSAL, ["out-best"])
        assert (house.turn().state, house.budget()) == ("completed", (40, 0))

    async def test_goes_no_further_than_the_caller_pays_for(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best", "out-good")
        wire.script("out-best", REFUSES)
        limited = Sampling(max_output_tokens=100)
        events = await house.ask(QUESTION, model="auto:best", sampling=limited, max_cost_micro_usd=460)

        assert (text_of(events), asked(wire)) == (REFUSAL, ["out-best"])

    async def test_is_replaced_by_a_step_of_the_strategy_alone(
        self, house: House, wire: ScriptedAdapter, manner: Manner
    ) -> None:
        """`out-good` is the last step, so its answer needs no check; the others only stand in for one that fails."""
        manner.steps = 2
        wire.script("out-best", REFUSES)
        wire.script("out-good", REFUSES)
        events = await ask(house)

        assert (text_of(events), asked(wire)) == (REFUSAL, ["out-best", "out-good"])
        assert sum(isinstance(event, TextDelta) for event in events) == 2

    async def test_is_replaced_by_another_one_where_the_step_fails(
        self, house: House, wire: ScriptedAdapter, manner: Manner
    ) -> None:
        manner.steps = 2
        wire.script("out-best", REFUSES)
        wire.script("out-good", AWAY)
        wire.script("in-good", Behaviour((GOOD,)))

        assert text_of(await ask(house)) == GOOD
        assert asked(wire) == ["out-best", "out-good", "in-good"]

    async def test_is_shown_when_its_replacement_was_needed_before(
        self, house: House, wire: ScriptedAdapter, manner: Manner
    ) -> None:
        manner.steps = 2
        wire.script("out-best", AWAY)
        wire.script("out-good", REFUSES)

        assert text_of(await ask(house)) == REFUSAL
        assert asked(wire) == ["out-best", "out-good"]

    async def test_that_broke_off_shows_nothing_of_it(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour(("Half an ",), ProviderUnavailable("It broke off.")))
        wire.script("out-good", Behaviour((GOOD,)))
        events = await house.ask(QUESTION, model="auto:best")

        assert text_of(events) == GOOD
        assert switches(events) == [("out-best", "out-good")]
        assert not wire.sent[1][0].goes_on

    async def test_ends_where_the_provider_refuses_the_content(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((), ContentRefused("No.")))

        assert isinstance((await ask(house))[-1], Failed)
        assert asked(wire) == ["out-best"]


class TestAReaderWhoLeaves:
    async def test_is_charged_and_has_seen_nothing(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        stop, written = StopSignal(), asyncio.Event()

        async def hang(*_: Any) -> None:
            written.set()
            await asyncio.sleep(60)

        wire.script("out-best", Behaviour((GOOD,), after=hang))

        async def read() -> list[TurnEvent]:
            request = house.request(QUESTION, channel=Channel.CHAT, model="auto:best")
            return [event async for event in pipeline.answer(request, stop=stop)]

        reading = asyncio.ensure_future(read())
        await written.wait()
        stop.request()
        events = await reading

        end, turn = events[-1], house.turn()
        assert isinstance(end, Completed)
        assert (end.finish, text_of(events), turn.state) == (Finish.STOPPED, "", "stopped")
        assert turn.cost
        assert turn.estimated
        assert house.budget() == (turn.cost, 0)

    async def test_between_two_pieces_of_a_released_answer_leaves_it_whole(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        wire.script("out-best", Behaviour(("word " * 200 + "end.",)))
        events = pipeline.answer(house.request("Say word, many times, please.", model="auto:best"))
        async for event in events:
            if isinstance(event, TextDelta):
                break
        await events.aclose()

        assert (house.turn().state, house.turn().finish) == ("completed", "stop")

    async def test_for_ever_because_the_process_dies_leaves_nothing_that_was_never_shown(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        """What the sweeper finds while the second model is asked: both reservations, a reason, and no text."""
        house.set_budget(1_000_000)

        async def die(*_: Any) -> None:
            assert sweeper.sweep(now=clock.now()) == 1  # this process has no heartbeat

        wire.script("out-best", REFUSES)
        wire.script("out-good", Behaviour((GOOD,), before=die))
        end = (await ask(house))[-1]

        turn = house.turn()
        assert isinstance(end, Failed)
        assert (end.code, turn.state, turn.code, turn.cost) == ("interrupted", "failed", "interrupted", turn.reserved)
        assert [(state, code) for _, state, code in attempts(house)] == [
            ("failed", "not_good_enough"),
            ("failed", "owner_died"),
        ]
        assert house.budget() == (turn.cost, 0)

    async def test_has_no_journal_of_what_is_held_back(self, house: House, wire: ScriptedAdapter) -> None:
        texts: list[tuple[str, object]] = []

        async def look(call: ModelCall, _: object) -> None:
            running = live.find(call.turn)
            assert running is not None
            texts.append((running.text(), running.unwritten()))

        wire.script("out-best", Behaviour((REFUSAL,), after=look))
        wire.script("out-good", Behaviour((GOOD,), after=look))
        running = live.launch(house.request(QUESTION, channel=Channel.CHAT, model="auto:best"))
        await running.over()

        assert texts == [("", None), ("", None)]
        assert running.text() == GOOD


class TestPrivateText:
    IBAN = "DE89370400440532013000"

    async def test_goes_from_a_model_inside_to_models_inside_alone(self, house: House, wire: ScriptedAdapter) -> None:
        for name in house.models:
            wire.script(name, REFUSES)
        await ask(house, f"Which bank is {self.IBAN} with?")

        assert {endpoint.name for _, endpoint in wire.sent} == {"at-in-good", "at-in-plain"}

    async def test_that_the_rules_meanwhile_call_private_stays_inside(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        def put(*types: str) -> None:
            document = {"sensitivity": {"force_self_hosted": [*types]}}
            policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())

        async def stricter(_: ModelCall, __: object) -> None:
            put("SECRET", "IBAN_CODE")
            await runtime.current().contexts.refresh(house.tenant)

        put("SECRET")
        wire.script("out-best", Behaviour((REFUSAL,), before=stricter))
        await ask(house, f"Which bank is {self.IBAN} with?")

        assert [endpoint.name for _, endpoint in wire.sent] == ["at-out-best", "at-in-good"]

    async def test_in_a_rejected_answer_labels_nothing(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((f"{REFUSAL} Ask {self.IBAN}.",)))
        wire.script("out-good", Behaviour((GOOD,)))
        await ask(house)

        assert (house.turn().sensitivity, asked(wire)) == ("clean", ["out-best", "out-good"])

    async def test_in_an_answer_that_is_shown_labels_it(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-best", Behaviour((f"The account is {self.IBAN}.",)))
        end = (await ask(house))[-1]

        assert isinstance(end, Completed)
        assert house.turn().sensitivity == "sensitive"
