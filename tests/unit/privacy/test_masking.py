"""Masked text leaves only when nothing in it is private any more; every doubt keeps it inside (promise P15)."""

import json

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.domain.messages import Image, PromptMessage, Role, Tool, ToolCall
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import PrivacyAction, Sensitivity
from apps.privacy import masking, services
from apps.privacy.values import Masked, Profile, Sent
from tests.support import identifiers as ids
from tests.support.privacy import TENANT, engine, inspected, user

MAY = frozenset({"PERSON", "EMAIL_ADDRESS", "IBAN_CODE", "PHONE_NUMBER", "CREDIT_CARD", "US_SSN"})
MASKS = SensitivitySettings(action=PrivacyAction.MASK, mask_types=MAY)
IBAN = "DE89370400440532013000"
LETTER = f"Write a letter to Maria Keller (maria.keller@example-post.de), who paid from {IBAN}."


async def masked(
    *messages: PromptMessage, tools: tuple[Tool, ...] = (), profile: SensitivitySettings = MASKS, **more: object
) -> Masked | None:
    engine()
    return await services.mask(Sent(messages, tools, **more), Profile(TENANT, profile, {}, 1))  # type: ignore[arg-type]


def texts(found: Masked | None) -> list[str]:
    """What is shown, without the word to the model in front."""
    assert found is not None
    return [message.text for message in found.messages[1:]]


def answer(text: str, **values: object) -> PromptMessage:
    return PromptMessage(Role.ASSISTANT, text, **values)  # type: ignore[arg-type]


class TestMaskedMessages:
    async def test_have_a_placeholder_for_everything_that_was_found(self) -> None:
        found = await masked(user(LETTER))

        assert texts(found) == ["Write a letter to [PERSON_1] ([EMAIL_ADDRESS_1]), who paid from [IBAN_CODE_1]."]
        assert found is not None
        assert found.types == (("EMAIL_ADDRESS", 1), ("IBAN_CODE", 1), ("PERSON", 1))
        assert found.values["[IBAN_CODE_1]"] == IBAN

    async def test_hide_single_names_too_once_the_person_is_known(self) -> None:
        found = await masked(user("Keller's payment is late."), user(LETTER), user("Is Ms Keller's address in Bonn?"))

        first, _, last = texts(found)
        assert first == "[PERSON_1B]'s payment is late."
        assert last == "Is Ms [PERSON_1B]'s address in Bonn?"

    async def test_tell_the_model_what_placeholders_are(self) -> None:
        system = PromptMessage(Role.SYSTEM, "You write letters.")
        found, other = await masked(system, user(LETTER)), await masked(user(LETTER))

        assert found is not None
        assert other is not None
        assert found.messages[0].text == f"You write letters.\n\n{other.messages[0].text}"
        assert "[PERSON_1]" in other.messages[0].text

    async def test_hide_what_stands_in_calls_and_results(self) -> None:
        call = ToolCall("c1", "look", json.dumps({"account": IBAN, "who": "Keller"}))
        result = PromptMessage(Role.TOOL, f'{{"owner": "Maria Keller", "iban": "{IBAN}"}}', tool_call_id="c1")
        found = await masked(user(LETTER), answer("", tool_calls=(call,)), result)

        assert found is not None
        (shown,) = found.messages[2].tool_calls
        assert json.loads(shown.arguments) == {"account": "[IBAN_CODE_1]", "who": "[PERSON_1B]"}
        assert json.loads(found.messages[3].text) == {"owner": "[PERSON_1]", "iban": "[IBAN_CODE_1]"}

    async def test_hide_what_stands_in_files_and_their_question_alike(self) -> None:
        known = Sensitivity.SENSITIVE
        files = user("Attached file: nothing special", known=known, attached=True)

        assert await masked(files, user(LETTER, known=known)) is not None
        assert await masked(files, user("What is in it?", known=known)) is None

    async def test_hide_again_what_an_answer_from_outside_said(self) -> None:
        said = answer(f"Dear Ms Keller, we have your payment from {IBAN}.", known=Sensitivity.SENSITIVE, outside=True)
        found = await masked(user(LETTER), said, user("Make it shorter."))

        assert texts(found)[1] == "Dear Ms [PERSON_1B], we have your payment from [IBAN_CODE_1]."

    async def test_never_use_a_placeholder_that_somebody_wrote(self) -> None:
        found = await masked(user("What does [PERSON_1] mean?"), user(LETTER))

        assert found is not None
        assert "[PERSON_2]" in found.values
        assert "[PERSON_1]" not in found.values

    async def test_hide_their_values_from_logs(self) -> None:
        assert IBAN not in repr(await masked(user(LETTER)))


class TestStaysInside:
    """None: no model outside is asked."""

    async def test_a_type_that_the_policy_does_not_name(self) -> None:
        profile = SensitivitySettings(action=PrivacyAction.MASK, mask_types=MAY - {"IBAN_CODE"})

        assert await masked(user(LETTER), profile=profile) is None

    async def test_everything_when_the_policy_names_none(self) -> None:
        assert await masked(user(LETTER), profile=SensitivitySettings(action=PrivacyAction.MASK)) is None

    @pytest.mark.parametrize("fault", ["raise", "garbage"])
    async def test_what_could_not_be_classified(self, fault: str) -> None:
        with override_settings(OPENROUTE_FAULTS={"detector": fault}):
            assert await masked(user(f"{LETTER} {fault}")) is None

    async def test_a_picture(self) -> None:
        assert await masked(user(LETTER, images=(Image("data:image/png;base64,AA=="),))) is None

    @pytest.mark.parametrize(
        "place",
        [
            {"tools": (Tool("look", f"Reads {IBAN}."),)},
            {"others": (IBAN,)},
            {"others": (json.dumps({"title": IBAN}),)},
            {"floor": Sensitivity.SENSITIVE},
        ],
    )
    async def test_what_is_private_beside_the_messages(self, place: dict[str, object]) -> None:
        assert await masked(user(LETTER)) is not None
        assert await masked(user(LETTER), **place) is None  # type: ignore[arg-type]

    async def test_a_name_of_an_author(self) -> None:
        assert await masked(user("Hello.", name=IBAN)) is None

    async def test_an_id_of_a_call(self) -> None:
        assert await masked(user(LETTER), answer("", tool_calls=(ToolCall(IBAN, "look", "{}"),))) is None

    async def test_a_number_in_json_that_a_placeholder_would_break(self) -> None:
        card = "4111111111111111"
        call = ToolCall("c1", "pay", f'{{"card": {card}}}')

        assert await masked(user(f"Pay with {card}."), answer("", tool_calls=(call,))) is None

    async def test_a_number_that_is_spread_over_messages(self) -> None:
        split = (user(f"The first half is {IBAN[:12]}"), answer("And the second?"), user(f"{IBAN[12:]} is the second."))

        assert (await inspected(*split)).sensitivity is Sensitivity.SENSITIVE
        assert await masked(*split) is None

    async def test_a_message_whose_label_nothing_explains(self) -> None:
        told = user("It is that one.", known=Sensitivity.SENSITIVE)

        assert await masked(told, answer("I see."), user(LETTER)) is None

    async def test_what_a_model_inside_has_written(self) -> None:
        said = answer("She lives in the house with the red door.", known=Sensitivity.SENSITIVE)

        assert await masked(user(LETTER), said, user("Where?")) is None

    async def test_a_stored_message_that_could_not_be_classified(self) -> None:
        assert await masked(user(LETTER, known=Sensitivity.UNCLASSIFIED)) is None

    async def test_a_list_of_people(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(masking, "MOST_VALUES", 12)
        rows = [f"{number};mail{number}@example-post.de" for number in range(13)]

        assert await masked(user("\n".join(rows))) is None
        assert await masked(user("\n".join(rows[1:]))) is not None


@given(ids.CARDS, ids.MAILS, ids.IBANS, ids.SSNS, st.integers(0, 3))
@settings(max_examples=30, deadline=None)
async def test_nothing_that_is_masked_holds_a_value(card: str, mail: str, iban: str, ssn: str, place: int) -> None:
    said = [f"Pay with {card}.", f"Write to {mail}.", f"From {iban} please.", f"SSN {ssn}, for the form."]
    messages = [user(text) for text in (*said[place:], *said[:place])]
    found = await masked(*messages)

    if found is None:  # a doubt; then nothing leaves
        return
    shown = "\n".join(message.text for message in found.messages)
    assert not any(value in shown for value in (card, mail, iban, ssn))
    assert (await inspected(*found.messages)).sensitivity is Sensitivity.CLEAN
