"""What a model writes is inspected while it streams: a number or a secret in it labels the answer from there on, a name
does not; a labelled answer leaves no more (promises P17 and P19)."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from apps.audit.models import AuditEvent
from apps.core import clock, faults
from apps.domain.ids import new_id
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel, Completed, Labelled, Switched, TextDelta, TurnEvent
from apps.policies import services as policies
from apps.privacy import scanning
from apps.providers.values import ProviderUnavailable
from apps.turns import outcome, owners, pipeline, runtime, sweeper
from apps.turns.operations import AppendTexts, TextPiece
from tests.integration.turns.conftest import INSIDE, House
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

QUESTION = "How do tides work?"
IBAN = "DE89370400440532013000"
FILLER = "The moon pulls the water, and the coast feels it twice a day. " * 20
GONE = ProviderUnavailable("It broke off.")


async def ask(house: House, **changes: object) -> list[TurnEvent]:
    return await house.ask(QUESTION, **({"channel": Channel.CHAT, "model": "auto:best"} | changes))


def answers(wire: ScriptedAdapter, *pieces: str, error: Exception | None = None) -> None:
    wire.script("out-best", Behaviour(pieces, error))


def labels(events: list[TurnEvent]) -> list[Sensitivity]:
    return [event.sensitivity for event in events if isinstance(event, Labelled)]


@pytest.fixture
def patient(wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch) -> ScriptedAdapter:
    """A model that pauses between its pieces, as real ones do, so that inspections end meanwhile."""
    plain = ScriptedAdapter.stream

    async def stream(self: ScriptedAdapter, *args: object) -> AsyncIterator[object]:
        async for chunk in plain(self, *args):  # type: ignore[arg-type]
            yield chunk
            await asyncio.sleep(0.03)

    monkeypatch.setattr(ScriptedAdapter, "stream", stream)
    return wire


class TestWhatLabelsAnAnswer:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (f"The account is {IBAN}.", "sensitive"),
            ("Use the key AKIAQ3EGTJ7XKZ2N4YFW for that.", "sensitive"),
            ("Ask Anneliese Obermaier of the second floor, she lives in Passau.", "clean"),
            ("The moon pulls.", "clean"),
        ],
    )
    async def test_is_a_number_or_a_secret_but_no_name(
        self, house: House, wire: ScriptedAdapter, text: str, expected: str
    ) -> None:
        answers(wire, *text.partition(" "))
        events = await ask(house)

        end = events[-1]
        assert isinstance(end, Completed)
        assert end.sensitivity is Sensitivity.parse(expected)

    async def test_is_found_across_the_pieces(self, house: House, wire: ScriptedAdapter) -> None:
        answers(wire, *f"{FILLER} It is {IBAN} {FILLER}")
        (*_, end) = await ask(house)

        assert isinstance(end, Completed)
        assert end.sensitivity is Sensitivity.SENSITIVE

    async def test_follows_the_policy(self, house: House, wire: ScriptedAdapter) -> None:
        document = {"sensitivity": {"force_self_hosted": ["CREDIT_CARD"]}}
        policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())
        answers(wire, f"It is {IBAN}.")
        (*_, end) = await ask(house)

        assert isinstance(end, Completed)
        assert end.sensitivity is Sensitivity.CLEAN

    @pytest.mark.parametrize("size", [10, 5_000])
    async def test_a_failing_detector_is_not_nothing_found(
        self, house: House, wire: ScriptedAdapter, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Once:
            """The question is inspected as ever; afterwards the detector fails."""

            asked = False

            def __call__(self, name: str) -> str:
                return "raise" if name == "detector" and self.asked else ""

        once = Once()
        monkeypatch.setattr(faults, "active", once)

        async def fail(*_: object) -> None:
            once.asked = True

        wire.script("out-best", Behaviour(("wet " * size,), before=fail))
        (*_, end) = await ask(house)

        assert isinstance(end, Completed)
        assert end.sensitivity is Sensitivity.UNCLASSIFIED


class TestWhileItStreams:
    async def test_readers_are_told_before_the_end(self, house: House, patient: ScriptedAdapter) -> None:
        answers(patient, f"It is {IBAN}. ", FILLER, FILLER, FILLER)
        events = await ask(house)

        assert labels(events) == [Sensitivity.SENSITIVE]
        place = next(place for place, event in enumerate(events) if isinstance(event, Labelled))
        assert any(isinstance(event, TextDelta) for event in events[place:])

    async def test_the_rest_of_a_labelled_answer_stays_inside(self, house: House, patient: ScriptedAdapter) -> None:
        """The first model outside breaks off: no other one outside gets to see what it wrote."""
        answers(patient, f"It is {IBAN}. ", FILLER, FILLER, error=GONE)
        events = await ask(house)

        (switch,) = (event for event in events if isinstance(event, Switched))
        assert switch.target in INSIDE
        assert [call.candidate.model for call, _ in patient.sent] == ["out-best", switch.target]

    async def test_the_tail_is_inspected_at_a_switch(self, house: House, wire: ScriptedAdapter) -> None:
        """Before a step was due, and without a pause: the text that goes along is inspected whole."""
        answers(wire, f"It is {IBAN}. ", error=GONE)
        events = await ask(house)

        (switch,) = (event for event in events if isinstance(event, Switched))
        assert switch.target in INSIDE

    async def test_costs_no_scan_twice(
        self, house: House, patient: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A long answer is scanned about once as a whole, not once more with each step."""
        seen = 0
        scan_one = scanning.scan_one

        def counted(text: str, *args: object, **kwargs: object) -> scanning.Scan:
            nonlocal seen
            seen += len(text)
            return scan_one(text, *args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(scanning, "scan_one", counted)
        answers(patient, *[FILLER] * 12)
        await ask(house)

        assert seen < 1.5 * 12 * len(FILLER)


class TestTheRecord:
    async def test_counts_types_and_holds_no_text(self, house: House, wire: ScriptedAdapter) -> None:
        answers(wire, f"It is {IBAN}, or {IBAN}.")
        await ask(house)

        turn = house.turn()
        assert (turn.answer_entities, turn.sensitivity) == ({"IBAN_CODE": 2}, "sensitive")
        body = json.loads(AuditEvent.objects.for_tenant(house.tenant).get(kind="turn.completed").body)
        assert (body["sensitivity"], body["answer_entities"]) == ("sensitive", {"IBAN_CODE": 2})
        assert IBAN not in str(body)

    async def test_of_a_clean_answer_says_nothing(self, house: House, wire: ScriptedAdapter) -> None:
        answers(wire, "The moon pulls.")
        await ask(house)

        assert not house.turn().answer_entities

    @pytest.mark.parametrize(
        ("text", "expected", "entities"),
        [
            (f"It is {IBAN}.", "sensitive", {"IBAN_CODE": 1}),
            ("The moon pulls.", "clean", {}),
            ("wet " * 20_000, "unclassified", {}),
        ],
    )
    async def test_is_complete_after_a_dead_process(
        self, house: House, wire: ScriptedAdapter, text: str, expected: str, entities: dict[str, int]
    ) -> None:
        """The sweeper inspects what the journal holds; what is too long for it counts as private."""
        owners.beat_heart(boot_id=runtime.current().boot_id, kind="web", now=clock.now())
        runtime.current().boot_id = new_id()
        request = house.request(QUESTION, model="out-best")
        answering = pipeline.answer(request)
        async for event in answering:
            if isinstance(event, TextDelta):
                break
        await runtime.current().writer.submit(AppendTexts((TextPiece(request.turn, house.tenant, 0, 1, text),)))
        assert sweeper.sweep(now=clock.now()) == 1
        await answering.aclose()
        await outcome.all_settled()

        turn = house.turn()
        assert (turn.state, turn.sensitivity, turn.answer_entities or {}) == ("failed", expected, entities)
