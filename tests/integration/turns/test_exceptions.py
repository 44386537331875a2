"""What compliance has declared not private in a question may leave, as long as that holds (promises P15, P17, P18)."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from apps.core import clock
from apps.domain.ids import UserId, new_id
from apps.domain.messages import PromptMessage, Role
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel, Routed
from apps.policies import excepting
from apps.policies.models import LabelException
from apps.policies.values import ExceptionRecord
from apps.providers.values import ProviderUnavailable
from apps.turns import runtime
from tests.integration.turns.conftest import House
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

IBAN = "DE89370400440532013000"
TEXT = f"Is {IBAN} the example in the standard?"
OFFICER = UserId(999)
GONE = ProviderUnavailable("It broke off.")


def grant(house: House, message: UUID, *types: str, days: int = 30) -> ExceptionRecord:
    subject = excepting.Subject(message, new_id(), types or ("IBAN_CODE",))
    at = clock.now()
    asked = excepting.ask(tenant=house.tenant, user=house.user, subject=subject, because="It is an example.", at=at)
    return excepting.grant(
        tenant=house.tenant, exception=asked.id, officer=OFFICER, because="So it is.", days=days, at=at
    )


def question(stored: UUID, text: str = TEXT, known: Sensitivity = Sensitivity.SENSITIVE) -> PromptMessage:
    return PromptMessage(Role.USER, text, known=known, stored=stored)


def asked_of(wire: ScriptedAdapter) -> list[str]:
    return [call.candidate.model for call, _ in wire.sent]


@pytest.fixture
def stored() -> UUID:
    return uuid4()


class TestAnExceptionInForce:
    async def test_lets_the_question_leave_and_says_so(self, house: House, wire: ScriptedAdapter, stored: UUID) -> None:
        grant(house, stored)
        _, routed, *_ = await house.ask(question(stored), strategy="best", channel=Channel.CHAT)

        assert asked_of(wire) == ["out-best"]
        assert isinstance(routed, Routed)
        assert routed.sensitivity is Sensitivity.CLEAN
        assert "Compliance has declared a part of this conversation not private." in routed.reasons
        turn = house.turn()
        assert (turn.sensitivity, turn.decision["sensitivity"]["exempt"]) == ("clean", [str(stored)])
        assert IBAN not in str(turn.decision)

    async def test_covers_its_files_and_what_an_answer_repeats(
        self, house: House, wire: ScriptedAdapter, stored: UUID
    ) -> None:
        grant(house, stored)
        file = PromptMessage(Role.USER, f"Attached: {IBAN}", known=Sensitivity.SENSITIVE, attached=True, stored=stored)
        said = PromptMessage(Role.ASSISTANT, f"Yes, {IBAN.lower()} is.", known=Sensitivity.CLEAN)
        await house.ask(file, question(stored), said, "And why?", strategy="best")

        assert asked_of(wire) == ["out-best"]

    async def test_does_not_label_an_answer_that_repeats_it(
        self, house: House, wire: ScriptedAdapter, stored: UUID
    ) -> None:
        grant(house, stored)
        wire.script("out-best", Behaviour((f"{IBAN} is the example.",)))
        *_, end = await house.ask(question(stored), strategy="best")

        assert end.sensitivity is Sensitivity.CLEAN  # type: ignore[union-attr]


class TestItCoversNothingElse:
    @pytest.mark.parametrize(
        "more",
        [
            PromptMessage(Role.USER, f"Pay to {IBAN}."),
            PromptMessage(Role.USER, "And jonas.weber@nordwind.de?"),
            PromptMessage(Role.ASSISTANT, "Or GB82 WEST 1234 5698 7654 32."),
            PromptMessage(Role.ASSISTANT, "Yes.", known=Sensitivity.SENSITIVE),
            PromptMessage(Role.USER, TEXT, stored=uuid4()),
        ],
        ids=["the same in a new question", "another type", "another value", "a labelled answer", "another question"],
    )
    async def test_what_else_is_private_stays_inside(
        self, house: House, wire: ScriptedAdapter, stored: UUID, more: PromptMessage
    ) -> None:
        grant(house, stored)
        await house.ask(question(stored), more, strategy="best")

        assert asked_of(wire) == ["in-good"]

    async def test_another_type_in_the_same_question(self, house: House, wire: ScriptedAdapter, stored: UUID) -> None:
        grant(house, stored)
        await house.ask(question(stored, f"{TEXT} Write to jonas.weber@nordwind.de."), strategy="best")

        assert asked_of(wire) == ["in-good"]

    async def test_what_could_not_be_classified(self, house: House, wire: ScriptedAdapter, stored: UUID) -> None:
        grant(house, stored)
        await house.ask(question(stored, known=Sensitivity.UNCLASSIFIED), strategy="best")

        assert asked_of(wire) == ["in-good"]

    async def test_a_question_of_another_company(self, house: House, wire: ScriptedAdapter, stored: UUID) -> None:
        record = grant(house, stored)
        LabelException.objects.for_tenant(house.tenant).filter(pk=record.id).update(message=uuid4())
        await runtime.current().contexts.refresh(house.tenant)
        await house.ask(question(stored), strategy="best")

        assert asked_of(wire) == ["in-good"]


class TestWhenItHasEnded:
    @pytest.mark.parametrize("how", ["time", "officer", "author"])
    async def test_the_question_stays_inside_again(
        self, house: House, wire: ScriptedAdapter, stored: UUID, how: str, settings
    ) -> None:
        record = grant(house, stored, days=2)
        if how == "time":  # nobody has put it on record yet
            settings.OPENROUTE_CLOCK = f"+{timedelta(days=2).total_seconds()}"
        elif how == "officer":
            excepting.end(tenant=house.tenant, exception=record.id, officer=OFFICER, at=clock.now())
        else:
            excepting.withdraw(tenant=house.tenant, exception=record.id, user=house.user, at=clock.now())
        await house.ask(question(stored), strategy="best")

        assert asked_of(wire) == ["in-good"]

    @pytest.mark.parametrize("how", ["time", "officer"])
    async def test_no_further_model_outside_is_asked_in_the_same_turn(
        self, house: House, wire: ScriptedAdapter, stored: UUID, how: str, settings
    ) -> None:
        record = grant(house, stored, days=2)

        async def ended(*_: object) -> None:
            if how == "time":
                settings.OPENROUTE_CLOCK = f"+{timedelta(days=2).total_seconds()}"
            else:
                excepting.end(tenant=house.tenant, exception=record.id, officer=OFFICER, at=clock.now())
                await runtime.current().contexts.refresh(house.tenant)

        wire.script("out-best", Behaviour((), GONE, before=ended))
        await house.ask(question(stored), strategy="best")

        assert asked_of(wire) == ["out-best", "in-good"]
        assert house.turn().sensitivity == "sensitive"
