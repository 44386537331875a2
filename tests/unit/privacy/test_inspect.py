"""Everything that would be sent is inspected, and the label follows from all of it."""

import asyncio
import time

import pytest
from django.conf import LazySettings as DjangoSettings

from apps.domain.ids import TenantId
from apps.domain.messages import Image, PromptMessage, Role, Tool, ToolCall
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Sensitivity
from apps.privacy import cache, scanning
from tests.support.patience import BUSY
from tests.support.privacy import inspected, user

MAIL = "jonas.weber@nordwind.de"
CLEAN, SENSITIVE, UNCLASSIFIED = Sensitivity


@pytest.fixture(autouse=True)
def _nothing_known() -> None:
    cache.VERDICTS.clear()


class TestInspect:
    @pytest.mark.parametrize(
        "message",
        [
            user(f"write to {MAIL}"),
            user("hello", name=MAIL),
            PromptMessage(Role.SYSTEM, f"You answer for {MAIL}"),
            PromptMessage(Role.TOOL, f'{{"mail": "{MAIL}"}}', tool_call_id="1"),
            PromptMessage(Role.ASSISTANT, tool_calls=(ToolCall("1", "send", f'{{"to": "{MAIL}"}}'),)),
            PromptMessage(Role.ASSISTANT, tool_calls=(ToolCall("1", MAIL, "{}"),)),
            PromptMessage(Role.ASSISTANT, f"his address is {MAIL}"),
        ],
    )
    async def test_looks_at_every_role_and_field(self, message: PromptMessage) -> None:
        found = await inspected(user("hello there"), message)

        assert found.sensitivity is SENSITIVE
        assert found.labels == (CLEAN, SENSITIVE)
        assert dict(found.entities) == {"EMAIL_ADDRESS": 1}

    @pytest.mark.parametrize(
        "tool",
        [
            Tool("send", description=f"sends to {MAIL}"),
            Tool("send", parameters=f'{{"properties": {{"to": {{"default": "{MAIL}"}}}}}}'),
            Tool(MAIL),
        ],
    )
    async def test_looks_at_tools(self, tool: Tool) -> None:
        found = await inspected(user("hello"), tools=(tool,))

        assert (found.sensitivity, found.labels) == (SENSITIVE, (CLEAN,))

    async def test_looks_at_the_response_format(self) -> None:
        found = await inspected(user("hello"), response_format=f'{{"enum": ["{MAIL}"]}}')

        assert found.sensitivity is SENSITIVE

    async def test_calls_an_image_unclassified(self) -> None:
        found = await inspected(user("what is this?", images=(Image("data:image/png;base64,AA=="),)), user("thanks"))

        assert found.labels == (UNCLASSIFIED, CLEAN)
        assert (found.sensitivity, found.why) == (UNCLASSIFIED, "image")

    async def test_keeps_a_higher_label_of_a_stored_message(self) -> None:
        found = await inspected(user("hello", known=SENSITIVE), user("again", known=CLEAN))

        assert found.labels == (SENSITIVE, CLEAN)

    async def test_finds_what_a_stored_label_does_not_know(self) -> None:
        found = await inspected(user(f"write to {MAIL}", known=CLEAN))

        assert found.labels == (SENSITIVE,)

    async def test_carries_the_floor(self) -> None:
        found = await inspected(user("a title for this"), floor=SENSITIVE)

        assert (found.sensitivity, found.labels) == (SENSITIVE, (CLEAN,))

    async def test_does_not_label_an_answer_for_a_mere_name(self) -> None:
        answer = PromptMessage(Role.ASSISTANT, "That was Laura Carvalho, as far as I know.")

        assert (await inspected(user("who?"), answer)).sensitivity is CLEAN
        assert (await inspected(user(answer.text))).sensitivity is SENSITIVE

    @pytest.mark.parametrize(
        "turns",
        [
            ("my card starts with 4111 1111", "and ends with 1111 1111, is it valid?"),
            ("remember 536", "then 22", "then 8134. That's my SSN."),
            ("IBAN first half: DE89 3704 0044", "0532 0130 00"),
        ],
    )
    async def test_joins_what_is_split_over_the_last_turns(self, turns: tuple[str, ...]) -> None:
        messages = [m for turn in turns for m in (user(turn), PromptMessage(Role.ASSISTANT, "ok"))][:-1]

        found = await inspected(*messages)

        assert found.sensitivity is SENSITIVE
        assert found.labels[-1] is SENSITIVE
        assert set(found.labels[:-1]) == {CLEAN}

    @pytest.mark.parametrize("role", [Role.USER, Role.SYSTEM, Role.TOOL, Role.ASSISTANT])
    @pytest.mark.parametrize(
        ("pieces", "type_"),
        [
            (("hello abc1", "DE89 3704 0044 0532 0130 00"), "IBAN_CODE"),
            (("x1", "DE89 3704 0044 0532 0130 00", "2y"), "IBAN_CODE"),
            (("hello", "AKIA3SGQVQG7FGA6KK2Z", "foo"), "SECRET"),
            (("order 12", "4111111111111111", "55"), "CREDIT_CARD"),
            (("my ssn is 1", "536-22-1234"), "US_SSN"),
            (("Which bank is DE8937040", "0440532013000 with?"), "IBAN_CODE"),
            (("7", "DE8937", "04004405", "32013000", "7"), "IBAN_CODE"),
            (("411", "111", "11111", "11111"), "CREDIT_CARD"),
            (("a" * 500 + " 4111 1111", " 1111 1111 " + "b" * 500), "CREDIT_CARD"),
        ],
    )
    async def test_looks_at_each_piece_of_a_message_and_over_the_borders_between(
        self, role: Role, pieces: tuple[str, ...], type_: str
    ) -> None:
        found = await inspected(user("hello"), PromptMessage(role, "\n".join(pieces), parts=pieces))

        assert found.sensitivity is SENSITIVE
        assert dict(found.entities) == {type_: 1}

    async def test_does_not_make_words_over_a_border(self) -> None:
        pieces = ("Tell me about the moon.", "And about 12", "34 things on Mars, in 500", "words.")

        found = await inspected(user("\n".join(pieces), parts=pieces))

        assert (found.sensitivity, found.entities) == (CLEAN, ())

    async def test_gives_offsets_in_the_newest_question(self) -> None:
        text = f"please write to {MAIL}"

        found = await inspected(user("hello"), PromptMessage(Role.ASSISTANT, "hi"), user(text, name="tom@acme.de"))

        assert [text[f.start : f.end] for f in found.newest.findings] == [MAIL]

    async def test_knows_the_tenants_own_terms(self) -> None:
        terms = {"projects": ("Project Falcon",)}

        assert (await inspected(user("status of project falcon"), dictionaries=terms)).sensitivity is SENSITIVE
        assert (await inspected(user("status of project falcon"))).sensitivity is CLEAN

    async def test_of_nothing_is_clean(self) -> None:
        assert (await inspected()).sensitivity is CLEAN


class TestTheCache:
    async def test_spares_the_second_scan(self) -> None:
        first = await inspected(user("is this known?"))
        second = await inspected(user("is this known?"))

        assert first.cpu_ms > 0
        assert second.cpu_ms == 0

    async def test_never_answers_for_other_rules_or_companies(self) -> None:
        text = user(f"write to {MAIL}")
        lax = SensitivitySettings(force_self_hosted=frozenset({"SECRET"}))

        assert (await inspected(text)).sensitivity is SENSITIVE
        assert (await inspected(text, settings=lax)).sensitivity is CLEAN
        assert (await inspected(text, version=2)).cpu_ms > 0
        assert (await inspected(text, tenant=TenantId(8))).cpu_ms > 0

    async def test_never_keeps_an_unclassified_verdict(self, settings: DjangoSettings) -> None:
        settings.OPENROUTE_FAULTS = {"detector": "raise"}
        broken = await inspected(user("hello"))
        settings.OPENROUTE_FAULTS = {}

        assert broken.sensitivity is UNCLASSIFIED
        assert (await inspected(user("hello"))).sensitivity is CLEAN


class TestABrokenDetector:
    @pytest.mark.parametrize("fault", ["raise", "garbage"])
    async def test_makes_every_text_unclassified(self, settings: DjangoSettings, fault: str) -> None:
        settings.OPENROUTE_FAULTS = {"detector": fault}

        found = await inspected(user("a harmless question"))

        assert (found.sensitivity, found.why) == (UNCLASSIFIED, "detector_error")

    async def test_that_hangs_ends_with_the_time_budget(
        self, settings: DjangoSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.OPENROUTE_FAULTS, settings.OPENROUTE_INLINE = {"detector": "hang"}, False
        monkeypatch.setattr(scanning, "WALL_S", 0.2)
        began = time.monotonic()

        found = await asyncio.wait_for(inspected(user("a harmless question")), 5)

        assert (found.sensitivity, found.why) == (UNCLASSIFIED, "timeout")
        assert time.monotonic() - began < BUSY * 1

    async def test_that_was_never_built_makes_every_text_unclassified(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(scanning.HOLDER, "engine", None)
        monkeypatch.setattr("tests.support.privacy.engine", lambda: None)

        found = await inspected(user("a harmless question"))

        assert (found.sensitivity, found.why) == (UNCLASSIFIED, "not_loaded")
