"""The checker of `cascade`: finds what a reader would find, and leaves a good answer alone."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.intent import Intent
from apps.domain.turn import Finish, PromptMessage, Role, Sampling, Tool, ToolCall
from apps.routing.engine.checking import FAULTS, Answer, Wanted, fault, has_open_fence, wanted
from tests.support.turn_values import request

GOOD = (
    "The tides come from the pull of the moon. It is strongest on the side of the earth that is nearest, and weakest "
    "on the side that lies behind, so the water rises on both. As the earth turns under these two hills of water, most "
    "shores see two high tides a day."
)
GERMAN = (
    "Die Gezeiten entstehen durch die Anziehung des Mondes. Auf der Seite, die ihm am nächsten ist, wirkt sie am "
    "stärksten, auf der anderen am schwächsten, und deshalb steigt das Wasser auf beiden Seiten. Die Erde dreht sich "
    "unter diesen zwei Bergen aus Wasser, und so gibt es an den meisten Küsten zweimal am Tag Flut."
)
SCHEMA = {"type": "object", "required": ["age"], "properties": {"age": {"type": "integer"}}}
FORM = json.dumps({"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}})


def found(text: str, by: Wanted | None = None, **answer: Any) -> str | None:
    return fault(Answer(text, **answer), by or Wanted())


def intent(**changes: Any) -> Intent:
    values: dict[str, Any] = {
        "task": "explain_advise", "domain": "natural_science", "complexity": 2, "creativity": "low", "length": "medium",
        "words": 150, "confidence": (("length", 0.9),), "language": "en",
    }  # fmt: skip
    return Intent(**(values | changes))


def by_question(text: str, *before: PromptMessage, limited: bool = False, **changes: Any) -> Wanted:
    asked = request(text, **{key: changes.pop(key) for key in ("sampling", "tools") if key in changes})
    return wanted(asked, (*before, *asked.messages), intent(**changes), limited=limited)


class TestAGoodAnswer:
    @pytest.mark.parametrize(
        "text",
        [
            GOOD,
            "Paris.",
            "42",
            "Yes.",
            "I cannot recommend this book enough: read it.",
            "I can't wait to see you on Friday!",
            "No. The law does not allow it.",
            "Use this:\n```python\nprint(1)\n```\nIt prints 1.",
            "~~~\n```\n~~~",
            "Inline ``` is no fence.",
        ],
    )
    def test_is_left_alone(self, text: str) -> None:
        assert found(text, by_question("How do the tides of the sea work?", length="short", words=35)) is None

    def test_in_the_language_of_the_question_is_left_alone(self) -> None:
        assert found(GERMAN, by_question("Wie entstehen eigentlich Ebbe und Flut?", language="de")) is None

    @given(st.sampled_from([GOOD, GERMAN]), st.integers(1, 5))
    def test_may_be_long(self, text: str, times: int) -> None:
        """Several different paragraphs never look like one that is repeated, as long as most of it is new."""
        numbered = "\n\n".join(f"{text} ({number})" for number in range(min(times, 2)))

        assert found(numbered) is None


class TestAnAnswerWithAFault:
    @pytest.mark.parametrize("text", ["", " \n\t"])
    def test_may_be_empty(self, text: str) -> None:
        assert found(text) == "empty"

    @pytest.mark.parametrize(
        "text",
        [
            "I'm sorry, but I can't help with that.",
            "I am unable to provide this information.",
            "As an AI language model, I have no opinions.",
            "I don't know.",
            "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.",
            "Leider kann ich diese Frage nicht beantworten.",
            "Das weiß ich leider nicht.",
            "Je suis désolé, mais je ne peux pas vous aider.",
            "Malheureusement, je ne sais pas.",
            "Lo siento, pero no puedo ayudarte con eso.",
            "Mi dispiace, ma non posso aiutarti.",
            "**Sorry, I cannot assist with this request.**",
        ],
    )
    def test_may_be_a_refusal_in_five_languages(self, text: str) -> None:
        assert found(text) == "refusal"

    def test_is_no_refusal_when_it_goes_on_and_helps(self) -> None:
        assert found(f"I cannot give you the exact height. {GOOD} {GOOD[:120]}") is None

    def test_is_no_refusal_when_it_is_a_translation(self) -> None:
        assert found("I cannot help you.", Wanted(task="translation")) is None

    def test_may_have_been_filtered(self) -> None:
        assert found("Half of", finish=Finish.CONTENT_FILTER) == "refusal"

    def test_may_be_cut_off(self) -> None:
        assert found(GOOD, finish=Finish.LENGTH) == "truncated"

    def test_is_not_cut_off_where_somebody_wanted_it_short(self) -> None:
        assert found(GOOD, by_question("Tides?", limited=True), finish=Finish.LENGTH) is None

    @pytest.mark.parametrize("text", ["```python\nprint(1)", "Try:\n~~~\nls", "```\na\n```\nand\n````\nb\n```"])
    def test_may_end_inside_code(self, text: str) -> None:
        assert has_open_fence(text)
        assert found(text) == "open_code"

    def test_may_go_round_in_circles(self) -> None:
        assert found("The moon pulls the water and then " * 20) == "repeats"

    def test_may_be_much_shorter_than_what_was_asked_for(self) -> None:
        assert found("Tides are nice.", by_question("Write an essay of 400 words on tides.", words=400)) == "too_short"

    def test_is_not_too_short_where_nobody_is_sure(self) -> None:
        by = by_question("Write something on tides, please, will you?", words=400, confidence=(("length", 0.4),))

        assert found("Tides are nice.", by) is None

    def test_may_be_in_another_language(self) -> None:
        assert found(GERMAN, by_question("How do the tides of the sea work?")) == "wrong_language"

    @pytest.mark.parametrize(
        ("text", "changes"),
        [
            ("How do you say this in German: the tides of the sea?", {}),
            ("How do the tides of the sea work?", {"task": "translation"}),
            ("Tides?", {}),
        ],
    )
    def test_may_be_in_any_language_where_the_question_does_not_say(self, text: str, changes: dict[str, str]) -> None:
        assert found(GERMAN, by_question(text, **changes)) is None

    def test_may_be_in_the_language_that_an_instruction_names(self) -> None:
        told = PromptMessage(Role.SYSTEM, "Always answer in German.")

        assert found(GERMAN, by_question("How do the tides of the sea work?", told)) is None


class TestJson:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('{"age": 4}', None),
            ('{"age": "four"}', "no_json"),
            ("{}", "no_json"),
            ("Here it is: {}", "no_json"),
            ('```json\n{"age": 4}\n```', "no_json"),
        ],
    )
    def test_has_to_meet_the_schema_of_the_caller(self, text: str, expected: str | None) -> None:
        assert found(text, by_question("Who?", sampling=Sampling(response_format=FORM))) == expected

    def test_may_stand_in_a_block_where_words_asked_for_it(self) -> None:
        by = by_question("Answer as JSON.", wants_json=True)

        assert found('Here:\n```json\n{"a": 1}\n```', by) is None
        assert found("Here: a is 1.", by) == "no_json"

    @pytest.mark.parametrize("schema", [{"type": "nothing"}, {"$ref": "https://example.com/x"}, {"pattern": "(a+)+$"}])
    def test_is_not_judged_by_a_schema_that_is_none_or_lies_elsewhere(self, schema: dict[str, str]) -> None:
        form = json.dumps({"type": "json_schema", "json_schema": {"name": "x", "schema": schema}})
        by = by_question("Who?", sampling=Sampling(response_format=form))

        assert found('"' + "a" * 5_000 + '!"', by) in (None, "no_json")

    def test_that_is_nested_without_end_is_none(self) -> None:
        assert found("[" * 100_000, Wanted(json="whole")) == "no_json"


class TestAToolCall:
    def test_needs_a_tool_that_was_offered_and_an_object(self) -> None:
        by = by_question("Look it up.", tools=(Tool("look"),))

        assert found("", by, calls=(ToolCall("c", "look", '{"x": 1}'),)) is None
        assert found("", by, calls=(ToolCall("c", "look", ""),)) is None
        assert found("", by, calls=(ToolCall("c", "look", '{"x": '),)) == "bad_call"
        assert found("", by, calls=(ToolCall("c", "look", "[1]"),)) == "bad_call"
        assert found("", by, calls=(ToolCall("c", "other", "{}"),)) == "bad_call"


@given(st.text(max_size=400), st.sampled_from([None, *Finish]), st.sampled_from(["", "whole", "loose"]))
def test_any_text_is_judged(text: str, finish: Finish | None, form: str) -> None:
    by = Wanted(words=200, language="de", json=form, schema=SCHEMA if form else None)

    assert fault(Answer(text, (), finish), by) in (None, *FAULTS)
