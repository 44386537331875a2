"""Several models answer at once and vote: what is reserved, sent, shown, recorded and paid (adr 0013)."""

import asyncio
import json
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.budgets.models import LedgerEntry, Reservation
from apps.core import clock
from apps.domain.catalogue import Hosting
from apps.domain.messages import Sampling, Tool
from apps.domain.turn import (
    Channel,
    Completed,
    Failed,
    Finish,
    Routed,
    Switched,
    ToolCallDelta,
    TurnEvent,
)
from apps.policies import services as policies
from apps.providers.models import Provider
from apps.providers.values import ContentRefused, ContextTooLong, ModelCall, ProviderUnavailable, ToolCallChunk
from apps.turns import pipeline, replay, runtime, sweeper, voters
from apps.turns.models import Attempt, Turn
from apps.turns.operations import Idempotency
from apps.turns.stopping import StopSignal
from tests.integration.turns.conftest import House, Manner
from tests.integration.turns.test_cascade import asked, attempts, narrow, switches, text_of
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

QUESTION = "What is the capital of France?"
IBAN = "DE89370400440532013000"
AWAY = Behaviour((), ProviderUnavailable("It is away."))
PARIS, LYON = Behaviour(("Par", "is.")), Behaviour(("Lyon",))


@pytest.fixture(autouse=True)
def _vote(manner: Manner) -> None:
    manner.together = 3


async def ask(house: House, text: str = QUESTION, **changes: object) -> list[TurnEvent]:
    return await house.ask(text, **({"channel": Channel.CHAT, "model": "auto:best"} | changes))


def agree(wire: ScriptedAdapter) -> None:
    """The best model is alone with its answer."""
    wire.script("out-best", LYON)
    wire.script("out-good", PARIS)
    wire.script("in-good", Behaviour(("The answer is: Paris",)))


def ledger(house: House) -> list[tuple[str, int, bool]]:
    rows = LedgerEntry.objects.for_tenant(house.tenant).order_by("attempt")
    return [(row.model, row.amount, row.estimated) for row in rows]


class TestAVote:
    async def test_shows_the_answer_on_which_most_agree(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)
        events = await ask(house)

        assert text_of(events) == "Paris."
        routed, switched, end = events[1], events[2], events[-1]
        assert isinstance(routed, Routed)
        assert (routed.model, routed.together) == ("out-best", ("out-best", "out-good", "in-good"))
        assert isinstance(switched, Switched)
        assert (switched.source, switched.target, switched.keeps, switched.is_vote) == ("out-best", "out-good", 0, True)
        assert switched.reason == "3 models were asked at once, and 2 agreed; the answer of out-good is shown."
        assert isinstance(end, Completed)
        assert (end.model, end.attempts, end.hosting) == ("out-good", 3, Hosting.COMMERCIAL)

    async def test_is_told_also_when_the_first_one_wins(self, house: House, wire: ScriptedAdapter) -> None:
        for name in house.models:
            wire.script(name, PARIS)

        assert switches(await ask(house)) == [("out-best", "out-best")]

    async def test_is_on_record_without_a_word_of_the_answers(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)
        await ask(house)

        turn = house.turn()
        assert turn.vote is not None
        sentence = turn.vote.pop("reason")
        assert sentence.startswith("3 models")
        assert turn.vote.pop("said")["code"] == "voted"
        assert turn.vote == {
            "way": "majority", "asked": 3, "answered": 3, "counted": 3, "agreed": 2, "winner": 2,
            "voters": [
                {"attempt": 1, "model": "out-best", "cluster": 0},
                {"attempt": 2, "model": "out-good", "cluster": 1},
                {"attempt": 3, "model": "in-good", "cluster": 1},
            ],
        }  # fmt: skip
        assert (turn.model, turn.state, turn.attempts) == ("out-good", "completed", 3)
        assert attempts(house) == [
            ("out-best", "answered", "outvoted"),
            ("out-good", "answered", ""),
            ("in-good", "answered", "outvoted"),
        ]
        assert house.audited() == ["turn.dispatched", "turn.extended", "turn.extended", "turn.completed"]
        trail = AuditEvent.objects.for_tenant(house.tenant).filter(kind__startswith="turn").order_by("seq")
        bodies = list(trail.values_list("body", flat=True))
        assert "Lyon" not in "".join(bodies)
        assert json.loads(bodies[3])["vote"] == {"asked": 3, "answered": 3, "agreed": 2}

    async def test_costs_what_all_of_them_cost_and_uses_what_the_winner_used(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)
        agree(wire)
        end = (await ask(house))[-1]

        assert ledger(house) == [("out-best", 40, False), ("out-good", 40, False), ("in-good", 0, False)]
        assert isinstance(end, Completed)
        assert (end.cost_micro_usd, end.usage.input_tokens, end.usage.output_tokens) == (80, 20, 5)
        assert house.budget() == (80, 0)
        assert not Reservation.objects.for_tenant(house.tenant).filter(state="held").exists()

    async def test_is_reserved_and_recorded_as_a_whole_before_the_first_byte_leaves(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)
        seen: list[tuple[int, int, int]] = []

        async def look(call: ModelCall, _: object) -> None:
            rows = Attempt.objects.for_tenant(house.tenant).filter(turn_id=call.turn, state="sent").count()
            held = Reservation.objects.for_tenant(house.tenant).filter(turn_id=call.turn, state="held").count()
            seen.append((rows, held, len(house.audited())))

        for name in house.models:
            wire.script(name, Behaviour(before=look))
        await ask(house)

        assert seen == [(3, 3, 3)] * 3

    async def test_asks_all_at_the_same_time(self, house: House, wire: ScriptedAdapter) -> None:
        """Each waits for the others before it answers."""
        arrived = asyncio.Barrier(3)

        async def meet(*_: Any) -> None:
            async with asyncio.timeout(10):
                await arrived.wait()

        for name in house.models:
            wire.script(name, Behaviour(("Paris.",), before=meet))

        assert text_of(await ask(house)) == "Paris."

    async def test_gives_a_retry_the_same_answer(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)
        once = mine(house)
        first = await house.ask(QUESTION, model="auto:best", idempotency=once)
        second = await house.ask(QUESTION, model="auto:best", idempotency=once)

        assert text_of(second) == text_of(first) == "Paris."
        ends = [events[-1] for events in (first, second)]
        assert [(end.usage, end.cost_micro_usd, end.model) for end in ends if isinstance(end, Completed)] == [
            (ends[0].usage, 80, "out-good")  # type: ignore[union-attr]
        ] * 2
        assert len(wire.sent) == 3

    async def test_of_tool_calls_goes_by_name_and_arguments(self, house: House, wire: ScriptedAdapter) -> None:
        def calls(arguments: str) -> Behaviour:
            piece = ToolCallChunk(0, "c1", "look", arguments)
            return Behaviour((), calls=(piece,), finish=Finish.TOOL_CALLS)

        wire.script("out-best", calls('{"city": "Lyon"}'))
        wire.script("out-good", calls('{"city":"Paris","deep":true}'))
        wire.script("in-good", calls('{"deep": true, "city": "Paris"}'))
        events = await house.ask(QUESTION, model="auto:best", tools=(Tool("look"),))

        told = [event.arguments for event in events if isinstance(event, ToolCallDelta)]
        assert told == ['{"city":"Paris","deep":true}']
        assert events[-1].finish is Finish.TOOL_CALLS  # type: ignore[union-attr]
        assert house.turn().vote["way"] == "calls"  # type: ignore[index]

    async def test_does_not_count_what_nobody_can_use(self, house: House, wire: ScriptedAdapter) -> None:
        refuses = Behaviour(("I'm sorry, but I can't help with that.",))
        wire.script("out-best", refuses)
        wire.script("out-good", refuses)
        wire.script("in-good", PARIS)
        events = await ask(house)

        assert text_of(events) == "Paris."
        vote = house.turn().vote
        assert vote is not None
        assert [entry.get("fault") for entry in vote["voters"]] == ["refusal", "refusal", None]
        assert vote["said"]["code"] == "voted_alone"


class TestVotersThatFail:
    async def test_do_not_block_the_others(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)
        wire.script("out-best", AWAY)
        events = await ask(house)

        assert text_of(events) == "Paris."
        assert attempts(house)[0] == ("out-best", "failed", "provider_unavailable")
        assert house.turn().vote["answered"] == 2  # type: ignore[index]

    async def test_in_the_middle_are_charged_for_what_they_wrote(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        agree(wire)
        wire.script("out-best", Behaviour(("Half an ",), ProviderUnavailable("It broke off.")))
        events = await ask(house)

        model, amount, estimated = ledger(house)[0]
        assert (model, estimated, amount > 0, text_of(events)) == ("out-best", True, True, "Paris.")
        assert house.budget() == (house.turn().cost, 0)

    async def test_all_of_them_are_replaced_by_the_next_one(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        for name in ("out-best", "out-good", "in-good"):
            wire.script(name, AWAY)
        wire.script("out-plain", PARIS)
        events = await ask(house)

        assert text_of(events) == "Paris."
        assert switches(events) == [("out-best", "out-plain")]
        assert [(state, code) for _, state, code in attempts(house)] == [
            *[("failed", "provider_unavailable")] * 3,
            ("answered", ""),
        ]
        assert (house.turn().vote, house.turn().attempts) == (None, 4)
        assert house.budget()[1] == 0

    async def test_with_nothing_to_say_are_replaced_too(self, house: House, wire: ScriptedAdapter) -> None:
        for name in ("out-best", "out-good", "in-good"):
            wire.script(name, Behaviour(("  ",)))
        wire.script("out-plain", PARIS)

        assert text_of(await ask(house)) == "Paris."
        assert attempts(house)[0] == ("out-best", "failed", "not_good_enough")

    async def test_end_the_turn_where_one_refuses_the_content_and_nobody_answers(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        for name in ("out-best", "in-good"):
            wire.script(name, AWAY)
        wire.script("out-good", Behaviour((), ContentRefused("No.")))
        end = (await ask(house))[-1]

        assert isinstance(end, Failed)
        assert (end.code, end.attempts, len(wire.sent)) == ("refused_by_policy", 3, 3)

    async def test_for_the_length_alone_leave_those_with_more_room(self, house: House, wire: ScriptedAdapter) -> None:
        for name in ("out-best", "out-good", "in-good"):
            wire.script(name, Behaviour((), ContextTooLong("Too long.")))

        assert isinstance((await ask(house))[-1], Failed)
        assert len(wire.sent) == 3


class TestSlowVoters:
    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(voters, "GRACE_S", 0.05)

    async def test_are_not_waited_for_once_the_others_have_answered(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        closed: list[str] = []

        async def hang(call: ModelCall, _: object) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                closed.append(call.candidate.model)

        agree(wire)
        wire.script("out-best", Behaviour(("Ly",), after=hang))
        events = await ask(house)

        assert (text_of(events), closed) == ("Paris.", ["out-best"])
        assert attempts(house)[0] == ("out-best", "failed", "late")
        model, amount, estimated = ledger(house)[0]
        assert (model, amount > 0, estimated) == ("out-best", True, True)
        assert house.budget() == (house.turn().cost, 0)

    async def test_that_have_not_begun_may_have_cost_their_input(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)

        async def hang(*_: Any) -> None:
            await asyncio.sleep(60)

        wire.script("out-best", Behaviour(before=hang))
        await ask(house)

        model, amount, estimated = ledger(house)[0]
        assert (model, amount > 0, estimated) == ("out-best", True, True)

    async def test_are_not_waited_for_when_the_rest_has_failed(self, house: House, wire: ScriptedAdapter) -> None:
        async def hang(*_: Any) -> None:
            await asyncio.sleep(60)

        wire.script("out-best", Behaviour(before=hang))
        wire.script("out-good", AWAY)
        wire.script("in-good", PARIS)

        assert text_of(await ask(house)) == "Paris."


class TestABudget:
    """Each of the models outside reserves 400 for the output and less than 100 for the input."""

    SHORT = Sampling(max_output_tokens=100)

    async def test_that_covers_fewer_makes_the_vote_smaller_and_says_so(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(800)
        agree(wire)
        events = await ask(house, sampling=self.SHORT)

        routed = events[1]
        assert isinstance(routed, Routed)
        assert routed.together == ("out-best", "in-good")
        assert routed.reasons[-1].endswith("budgets and rules leave out-best, in-good.")
        assert asked(wire) == ["out-best", "in-good"]
        record = house.turn().decision
        told = {"wanted": 3, "listed": "out-best, in-good", "models": ["out-best", "in-good"]}
        assert record["said"][-1] == {"code": "vote_smaller", "params": told}
        assert house.budget()[1] == 0

    async def test_that_covers_one_has_no_vote(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best", "out-good", "out-plain")
        house.set_budget(800)
        wire.script("out-best", LYON)
        events = await ask(house, sampling=self.SHORT)

        assert (text_of(events), asked(wire), house.turn().vote) == ("Lyon", ["out-best"], None)
        assert "leave out-best." in "".join(getattr(events[1], "reasons", ()))

    async def test_that_covers_nothing_sends_nothing(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best", "out-good", "out-plain")
        house.set_budget(50)
        end = (await ask(house))[-1]

        assert isinstance(end, Failed)
        assert (end.code, wire.sent) == ("budget_exceeded", [])

    async def test_of_the_caller_bounds_all_of_them_together(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)
        await house.ask(QUESTION, model="auto:best", sampling=self.SHORT, max_cost_micro_usd=800)

        assert asked(wire) == ["out-best", "in-good"]

    async def test_is_never_overspent_by_votes_at_once(self, house: House, wire: ScriptedAdapter) -> None:
        narrow(house, "out-best", "out-good", "out-plain")
        house.set_budget(3_000)
        limits: list[int] = []

        async def look(*_: Any) -> None:
            await asyncio.sleep(0.01)
            limits.append(sum(house.budget()))

        for name in house.models:
            wire.script(name, Behaviour(("Paris.",), before=look))
        ends = await asyncio.gather(*(ask(house, sampling=self.SHORT) for _ in range(8)))

        assert {type(events[-1]) for events in ends} <= {Completed, Failed}
        assert len(limits) == len(wire.sent) >= 6
        assert max(limits) <= 3_000
        assert house.budget()[1] == 0


class TestAReaderWhoLeaves:
    async def test_stops_all_of_them_and_is_charged(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        stop, written, closed = StopSignal(), asyncio.Event(), list[str]()

        async def hang(call: ModelCall, _: object) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                closed.append(call.candidate.model)

        async def come_last(*_: Any) -> None:
            written.set()

        for name in house.models:
            wire.script(name, Behaviour(("Par",), after=hang))
        wire.script("in-good", Behaviour(("Paris.",), after=come_last))

        async def read() -> list[TurnEvent]:
            request = house.request(QUESTION, channel=Channel.CHAT, model="auto:best")
            return [event async for event in pipeline.answer(request, stop=stop)]

        reading = asyncio.ensure_future(read())
        await written.wait()
        stop.request()
        events = await reading

        end, turn = events[-1], house.turn()
        assert isinstance(end, Completed)
        assert (end.finish, text_of(events), turn.state, turn.attempts) == (Finish.STOPPED, "", "stopped", 3)
        assert sorted(closed) == ["out-best", "out-good"]
        assert [amount > 0 for _, amount, _ in ledger(house)] == [True, True, False]
        assert house.budget() == (turn.cost, 0)

    async def test_because_the_process_dies_is_charged_with_every_reservation(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)

        async def die(*_: Any) -> None:
            assert sweeper.sweep(now=clock.now()) == 1  # this process has no heartbeat

        agree(wire)
        wire.script("in-good", Behaviour(before=die))
        end = (await ask(house))[-1]

        turn = house.turn()
        assert isinstance(end, Failed)
        assert (end.code, turn.state, turn.cost) == ("interrupted", "failed", turn.reserved)
        assert [code for _, _, code in attempts(house)] == ["owner_died"] * 3
        assert house.budget() == (turn.cost, 0)

    async def test_through_a_defect_of_ours_gives_everything_back(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        agree(wire)
        wire.script("out-good", Behaviour((), KeyError("defect")))
        with pytest.raises(KeyError):
            await ask(house)

        turn = house.turn()
        assert (turn.state, turn.code, house.budget()) == ("failed", "internal_error", (turn.cost, 0))
        assert not Reservation.objects.for_tenant(house.tenant).filter(state="held").exists()


class TestPrivateText:
    async def test_is_voted_on_inside_alone(self, house: House, wire: ScriptedAdapter) -> None:
        for name in house.models:
            wire.script(name, PARIS)
        events = await ask(house, f"Which bank is {IBAN} with?")

        assert sorted(asked(wire)) == ["in-good", "in-plain"]
        assert text_of(events) == "Paris."

    async def test_that_is_masked_is_shown_either_to_models_outside_or_inside(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        document = {"sensitivity": {"action": "mask", "mask_types": ["IBAN_CODE"]}}
        policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())
        for name in house.models:
            wire.script(
                name,
                Behaviour(
                    (
                        "It is [IBAN_",
                        "CODE_1].",
                    )
                ),
            )
        events = await ask(house, f"Which bank is {IBAN} with?")

        assert sorted(asked(wire)) == ["out-best", "out-good"]
        assert all(IBAN not in call.messages[-1].text for call, _ in wire.sent)
        assert text_of(events) == f"It is {IBAN}."

    async def test_that_the_rules_meanwhile_call_private_reaches_nobody_else_outside(
        self, house: House, wire: ScriptedAdapter, manner: Manner
    ) -> None:
        """The policy changes when the first byte has left; the second model outside still waits for a place."""
        Provider.objects.filter(name="at-out-good").update(max_concurrency=1)
        begun, gate = asyncio.Event(), asyncio.Event()

        async def occupied(*_: Any) -> None:
            begun.set()
            await gate.wait()

        async def stricter(*_: Any) -> None:
            await put(house, "SECRET", "IBAN_CODE")
            gate.set()

        await put(house, "SECRET")
        wire.script("out-good", Behaviour(("Lyon.",), before=occupied))
        wire.script("out-best", Behaviour(("Paris.",), before=stricter))
        wire.script("in-good", PARIS)
        manner.together = 1
        occupying = asyncio.create_task(house.ask("How do tides work?", model="out-good"))
        await begun.wait()
        manner.together = 3
        events = await ask(house, f"Which bank is {IBAN} with?")
        await occupying

        asked_for = [call.candidate.model for call, _ in wire.sent if IBAN in call.messages[-1].text]
        assert sorted(asked_for) == ["in-good", "out-best"]
        turn = Turn.objects.for_tenant(house.tenant).order_by("-opened_at", "-id")[0]
        tried = Attempt.objects.for_tenant(house.tenant).filter(turn_id=turn.id).order_by("number")
        assert [(row.model, row.state, row.code) for row in tried][1] == ("out-good", "failed", "refused_by_policy")
        assert (text_of(events), turn.sensitivity) == ("Paris.", "sensitive")

    async def test_that_the_rules_meanwhile_would_mask_is_masked_for_nobody_beside_a_model_inside(
        self, house: House, wire: ScriptedAdapter, manner: Manner
    ) -> None:
        """The first byte has left when the text becomes private; one of the other three runs inside and is shown it."""

        async def stricter(*_: Any) -> None:
            document = {
                "sensitivity": {"force_self_hosted": ["IBAN_CODE"], "action": "mask", "mask_types": ["IBAN_CODE"]}
            }
            policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())
            await runtime.current().contexts.refresh(house.tenant)

        manner.together = 4
        await put(house, "SECRET")
        for name in house.models:
            wire.script(name, PARIS)
        wire.script("out-best", Behaviour(("Paris.",), before=stricter))
        await ask(house, f"Which bank is {IBAN} with?")

        assert sorted(asked(wire)) == ["in-good", "out-best"]

    async def test_in_an_answer_that_lost_labels_nothing(self, house: House, wire: ScriptedAdapter) -> None:
        agree(wire)
        wire.script("out-best", Behaviour((f"It is {IBAN}.",)))
        await ask(house)

        assert house.turn().sensitivity == "clean"

    async def test_in_the_answer_that_won_labels_the_turn(self, house: House, wire: ScriptedAdapter) -> None:
        for name in house.models:
            wire.script(name, Behaviour((f"It is {IBAN}.",)))
        await ask(house)

        assert house.turn().sensitivity == "sensitive"

    async def test_that_became_private_before_anything_was_sent_stays_inside(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        """Nobody acts on rules that were taken over by half: all wait until the text has been inspected under them."""
        events: list[TurnEvent] = []
        await put(house, "SECRET")
        async for event in pipeline.answer(house.request(f"Which bank is {IBAN} with?", model="auto:best")):
            events.append(event)
            if isinstance(event, Routed):
                await put(house, "SECRET", "IBAN_CODE")

        assert asked(wire) == ["in-good"]
        assert isinstance(events[-1], Completed)


async def put(house: House, *types: str) -> None:
    """These types are private from now on, and this process has heard of it."""
    document = {"sensitivity": {"force_self_hosted": [*types]}}
    policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())
    await runtime.current().contexts.refresh(house.tenant)


def mine(house: House) -> Idempotency:
    principal = house.request(QUESTION).principal
    return replay.idempotency(principal=principal, surface="/v1/x", key="mine", body=b"the same", now=clock.now())
