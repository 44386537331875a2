"""Where the policy masks, models outside see placeholders, and readers the details (promises P15, P18)."""

import json
from typing import Any

import pytest

from apps.audit.models import AuditEvent
from apps.core import clock
from apps.domain.messages import PromptMessage, Role
from apps.domain.privacy import Sensitivity
from apps.domain.tokens import input_bound
from apps.domain.turn import Channel, Completed, Routed, Switched, TextDelta, ToolCallDelta
from apps.policies import services as policies
from apps.providers.values import ProviderUnavailable, ToolCallChunk
from apps.turns import runtime
from apps.turns.models import Turn
from tests.integration.turns.conftest import House
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

IBAN = "DE89370400440532013000"
QUESTION = f'Write to Maria Keller, who paid from {IBAN}, that "all is well".'
GONE = ProviderUnavailable("It broke off.")


def rule(house: House, **changes: Any) -> None:
    """The company masks names and accounts, unless something else is said."""
    sensitivity = {"action": "mask", "mask_types": ["PERSON", "IBAN_CODE"], **changes.pop("sensitivity", {})}
    document = {"strategy": "best", "sensitivity": sensitivity, **changes}
    policies.put(tenant=house.tenant, document=document, actor="system", at=clock.now())


def text_of(events: list[Any]) -> str:
    text = ""
    for event in events:
        if isinstance(event, TextDelta):
            assert event.at == len(text)
            text += event.text
    return text


class TestAModelOutside:
    async def test_sees_placeholders_and_the_reader_the_details(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        wire.script("out-best", Behaviour(("Dear [PER", "SON_1], thank you for [IBAN\\_CODE_1", "]. [person_1b]", "!")))
        events = await house.ask(QUESTION)

        ((call, _),) = wire.sent
        assert [m.text for m in call.messages[1:]] == [
            'Write to [PERSON_1], who paid from [IBAN_CODE_1], that "all is well".'
        ]
        assert text_of(events) == f"Dear Maria Keller, thank you for {IBAN}. Keller!"

    async def test_gets_nothing_else_that_is_private(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        await house.ask(f"{QUESTION} Her card is 4111 1111 1111 1111.")

        ((call, endpoint),) = wire.sent
        assert (call.candidate.model, endpoint.name) == ("in-good", "at-in-good")

    async def test_is_named_with_what_it_did_not_see(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        _, routed, *_, end = await house.ask(QUESTION)

        assert isinstance(routed, Routed)
        assert isinstance(end, Completed)
        assert (routed.hosting.value, routed.sensitivity) == ("commercial", Sensitivity.SENSITIVE)
        assert "placeholders instead of private details (IBAN_CODE, PERSON)" in routed.reasons[-1]
        assert (end.hosting.value if end.hosting else "", end.sensitivity) == ("commercial", Sensitivity.SENSITIVE)
        turn = house.turn()
        assert (turn.sensitivity, turn.hosting) == ("sensitive", "commercial")
        assert turn.decision["masked"] == {"IBAN_CODE": 1, "PERSON": 1}
        assert turn.decision["said"][-1]["code"] == "shown_masked"
        body = json.loads(AuditEvent.objects.for_tenant(house.tenant).get(kind="turn.dispatched").body)
        assert (body["masked"], body["sensitivity"]) == ({"IBAN_CODE": 1, "PERSON": 1}, "sensitive")
        assert IBAN not in f"{turn.decision} {body}"

    async def test_may_write_details_into_tool_calls(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        pieces = ('{"to": "[PERS', 'ON_1]", "iban": "[IBAN_CODE_1]', '"}')
        chunks = [ToolCallChunk(0, "c1", "send", pieces[0]), *(ToolCallChunk(0, arguments=p) for p in pieces[1:])]
        wire.script("out-best", Behaviour((), calls=tuple(chunks)))
        events = await house.ask(QUESTION)

        arguments = "".join(event.arguments for event in events if isinstance(event, ToolCallDelta))
        assert arguments == f'{{"to": "Maria Keller", "iban": "{IBAN}"}}'

    async def test_is_reserved_for_what_it_is_sent(self, house: House, wire: ScriptedAdapter) -> None:
        """Placeholders, and the word about them, are longer than what they stand for."""
        rule(house)
        house.set_budget(10_000_000)
        await house.ask(QUESTION)

        ((call, _),) = wire.sent
        turn = house.turn()
        price = call.candidate.price
        assert price is not None
        sent = input_bound(call.messages)
        assert turn.decision["input_tokens"] >= sent > input_bound([PromptMessage(Role.USER, QUESTION)])
        assert turn.reserved >= price.worst_case(input_tokens=sent, output_tokens=call.max_output_tokens, images=0)


class TestWhatHoldsAsBefore:
    async def test_a_model_inside_is_shown_the_text_itself(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house, strategy="fixed:in-good")
        await house.ask(QUESTION, model="in-good")

        ((call, _),) = wire.sent
        assert (call.candidate.model, [m.text for m in call.messages]) == ("in-good", [QUESTION])

    async def test_what_was_shown_to_a_model_inside_goes_nowhere_else(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        rule(house)
        wire.script("in-good", Behaviour((), GONE))
        await house.ask(QUESTION, model="in-good")

        assert [call.candidate.model for call, _ in wire.sent] == ["in-good", "in-plain"]

    async def test_a_rule_may_keep_it_inside_all_the_same(self, house: House, wire: ScriptedAdapter) -> None:
        stays = {"when": {"sensitivity": "sensitive"}, "require": {"hosting": "self_hosted"}}
        rule(house, rules=[stays])
        await house.ask(QUESTION)

        assert [call.candidate.model for call, _ in wire.sent] == ["in-good"]

    async def test_harmless_text_is_sent_as_it_is(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        await house.ask("How do tides work?")

        ((call, _),) = wire.sent
        assert [m.text for m in call.messages] == ["How do tides work?"]
        assert "masked" not in house.turn().decision


class TestAnAnswerThatBreaksOff:
    async def test_is_masked_again_for_the_next_model(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        wire.script("out-best", Behaviour(("Dear [PERSON_1], we have got ",), GONE))
        wire.script("out-good", Behaviour(("your money from [IBAN_CODE_1].",)))
        events = await house.ask(QUESTION, channel=Channel.CHAT)

        second, _ = wire.sent[1]
        assert (second.goes_on, second.messages[-1].text) == (True, "Dear [PERSON_1], we have got ")
        assert text_of(events) == f"Dear Maria Keller, we have got your money from {IBAN}."
        body = json.loads(AuditEvent.objects.for_tenant(house.tenant).get(kind="turn.extended").body)
        assert body["masked"] == {"IBAN_CODE": 1, "PERSON": 1}

    async def test_goes_on_inside_with_the_details(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house)
        wire.script("out-best", Behaviour(("Dear [PERSON_1], we ",), GONE))
        for name in ("out-good", "out-plain"):
            wire.script(name, Behaviour((), GONE))
        events = await house.ask(QUESTION, channel=Channel.CHAT)

        last, _ = wire.sent[-1]
        assert last.candidate.model == "in-good"
        assert [m.text for m in last.messages] == [QUESTION, "Dear Maria Keller, we "]
        assert [event.hosting.value for event in events if isinstance(event, Switched)][-1] == "self_hosted"


class TestAPolicyThatChanges:
    """While the first model is asked; it takes effect for the next one."""

    @pytest.mark.parametrize(
        "sensitivity",
        [{"action": "self_hosted"}, {"mask_types": ["PERSON"]}, {"mask_types": []}],
    )
    async def test_takes_masking_back(self, house: House, wire: ScriptedAdapter, sensitivity: dict[str, Any]) -> None:
        rule(house)

        async def changed(*_: object) -> None:
            rule(house, sensitivity=sensitivity)
            await runtime.current().contexts.refresh(house.tenant)

        wire.script("out-best", Behaviour((), GONE, before=changed))
        await house.ask(QUESTION)

        assert [call.candidate.model for call, _ in wire.sent] == ["out-best", "in-good"]
        assert Turn.objects.for_tenant(house.tenant).get().state == "completed"

    async def test_masks_more_than_before(self, house: House, wire: ScriptedAdapter) -> None:
        rule(house, sensitivity={"force_self_hosted": ["IBAN_CODE"]})

        async def changed(*_: object) -> None:
            rule(house)
            await runtime.current().contexts.refresh(house.tenant)

        wire.script("out-best", Behaviour((), GONE, before=changed))
        await house.ask(QUESTION)

        first, second = (call.messages[-1].text for call, _ in wire.sent)
        assert "Maria Keller" in first
        assert "[IBAN_CODE_1]" in first
        assert "[PERSON_1]" in second
        assert "Keller" not in second
