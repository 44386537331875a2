"""What the demo models say: enough of each kind, by skill, in the language of the question."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.operations.demo_models import answers, catalogue, embeddings, mathematics, tools, wire
from apps.operations.demo_models.catalogue import DemoModel
from apps.operations.demo_models.faults import Fault, Faults
from apps.operations.demo_models.question import Question, understand
from apps.providers.values import GO_ON

TITLE_PROMPT = (
    "Write a title for the conversation below: at most six words, in its language. Answer with the title only."
)


def asked(text: str, *, system: str = "") -> Question:
    return understand([*([{"role": "system", "content": system}] if system else []), {"role": "user", "content": text}])


def model(name: str) -> DemoModel:
    found = catalogue.find(name)
    assert found is not None
    return found


def answer(text: str, name: str = "demo-large") -> str:
    return answers.compose(asked(text), model(name))


class TestUnderstand:
    @pytest.mark.parametrize(
        ("text", "kind", "language"),
        [
            ("Write a Python function that sorts numbers", "code", "en"),
            ("Warum wirft diese Funktion einen Fehler?", "code", "de"),
            ("Schreib mir ein Gedicht über den Herbst", "literary", "de"),
            ("Can we terminate the contract early?", "legal", "en"),
            ("Wie viel ist 12 * 12?", "math", "de"),
            ("What is 15% of 240?", "math", "en"),
            ("Compare Postgres with SQLite", "table", "en"),
            ("Summarise: cats sleep.", "summary", "en"),
            ("What is the capital of France?", "trivial", "en"),
            ("Hallo!", "greeting", "en"),
            ("", "greeting", "en"),
        ],
    )
    def test_recognises_the_kind_of_question(self, text: str, kind: str, language: str) -> None:
        question = asked(text)

        assert question.kind == kind
        assert kind == "greeting" or question.language == language

    def test_takes_a_question_in_parts(self) -> None:
        message = {"role": "user", "content": [{"type": "text", "text": "Write a poem"}, {"type": "image_url"}]}

        assert understand([message]).kind == "literary"


class TestCompose:
    @pytest.mark.parametrize("name", [model.name for model in catalogue.MODELS])
    @pytest.mark.parametrize(
        "text", ["hi", "2+2", "Write a poem", "Sort a list in Python", "Is this contract valid?", "Erkläre Wärmepumpen"]
    )
    def test_says_that_it_is_a_demo(self, name: str, text: str) -> None:
        assert "demo" in answer(text, name).lower()
        assert name in answer(text, name)

    @pytest.mark.parametrize(
        ("text", "expert", "layman"),
        [
            ("Write a function that finds primes", "demo-coder", "demo-writer"),
            ("Write a poem about rain", "demo-writer", "demo-counsel"),
            ("Is this contract clause valid?", "demo-counsel", "demo-small"),
            ("Explain in general terms how organisations learn from their mistakes", "demo-large", "demo-small"),
        ],
    )
    def test_gives_more_of_what_a_model_is_good_at(self, text: str, expert: str, layman: str) -> None:
        assert len(answer(text, expert)) > 1.3 * len(answer(text, layman))

    def test_explains_code_and_closes_its_block(self) -> None:
        text = answer("Write a Python function for Fibonacci numbers", "demo-coder")

        assert "```python\ndef fibonacci" in text
        assert text.count("```") % 2 == 0

    def test_answers_in_german(self) -> None:
        assert "keine Rechtsberatung" in answer("Ist die Kündigung des Vertrags wirksam?", "demo-counsel")

    def test_writes_a_table_of_what_is_compared(self) -> None:
        assert "| aspect | Postgres | SQLite |" in answer("Compare Postgres and SQLite in a table")

    def test_is_one_line_when_the_question_is_trivial(self) -> None:
        assert "\n" not in answer("What is the capital of France?", "demo-small")

    @pytest.mark.parametrize("words", [100, 500, 2000])
    def test_is_as_long_as_was_asked_for(self, words: int) -> None:
        length = len(answer(f"Write an essay about work, {words} words").split())

        assert words <= length <= words * 1.2 + 50

    def test_is_a_title_and_nothing_else_when_one_is_asked_for(self) -> None:
        question = asked("Question:\nHow do heat pumps work in old houses?\n\nAnswer:\nWell.", system=TITLE_PROMPT)

        assert answers.compose(question, model("demo-small")) == "Heat pumps work in old houses"

    @given(st.text(max_size=300), st.sampled_from(catalogue.MODELS))
    def test_has_something_to_say_about_anything(self, text: str, demo: DemoModel) -> None:
        assert answers.compose(asked(text), demo)


class TestSolve:
    @pytest.mark.parametrize(
        ("text", "result"),
        [
            ("17*23 + 4", "395"),
            ("What is (1+2)^10?", "59049"),
            ("15 % von 240", "36"),
            ("1/3", "0.333333"),
            ("0.1 + 0.2", "0.3"),
            ("7 ÷ 2 × 2", "7"),
        ],
    )
    def test_is_exact(self, text: str, result: str) -> None:
        solved = mathematics.solve(text)

        assert solved is not None
        assert solved[1] == result

    @pytest.mark.parametrize("text", ["1/0", "9**9**9**9", "2**1000000", "no numbers", "((((", "call 555-12"])
    def test_leaves_alone_what_it_cannot_or_must_not_work_out(self, text: str) -> None:
        solved = mathematics.solve(text)

        assert solved is None or len(solved[1]) < 20


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather in a city",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer"},
            },
        },
    },
}


class TestChoose:
    def test_calls_a_tool_that_fits_with_what_the_question_says(self) -> None:
        call = tools.choose(asked("What is the weather in Hamburg for 3 days, in fahrenheit?"), [WEATHER], None)

        assert call is not None
        assert call.name == "get_weather"
        assert json.loads(call.arguments) == {"city": "Hamburg", "unit": "fahrenheit", "days": 3}

    @pytest.mark.parametrize(
        ("text", "choice"), [("Write a poem about love", None), ("What is the weather in Hamburg?", "none")]
    )
    def test_calls_none_that_does_not_fit_or_is_forbidden(self, text: str, choice: Any) -> None:
        assert tools.choose(asked(text), [WEATHER], choice) is None

    @pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
    def test_calls_one_that_is_demanded(self, choice: Any) -> None:
        assert tools.choose(asked("Write a poem"), [WEATHER], choice) is not None

    def test_answers_with_the_result_instead_of_calling_again(self) -> None:
        question = understand(
            [
                {"role": "user", "content": "What is the weather in Hamburg?"},
                {"role": "assistant", "content": None, "tool_calls": []},
                {"role": "tool", "content": '{"sky": "grey"}', "tool_call_id": "1"},
            ]
        )

        assert tools.choose(question, [WEATHER], None) is None
        assert "sky: grey" in answers.compose(question, model("demo-small"))

    def test_does_not_sink_in_a_schema_without_end(self) -> None:
        schema: dict[str, Any] = {"type": "object", "properties": {}}
        schema["properties"]["inner"] = schema

        assert tools.fill(schema, asked("x"))


class TestFaults:
    @pytest.mark.parametrize("text", ["200", "cut:x", "slow:3", "explode", "500:2"])
    def test_refuse_what_they_do_not_know(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"fault|invalid literal"):
            Fault.parse(text)

    def test_come_from_the_name_first_then_from_what_was_switched_on(self) -> None:
        faults = Faults()
        faults.put("*", Fault.parse("slow"))
        faults.put("demo-small", Fault.parse("500"))

        assert faults.of("demo-small@fault=cut:3") == Fault("cut", after=3)
        assert faults.of("demo-small").status == 500
        assert faults.of("demo-large").kind == "slow"

        faults.put("*", Fault.parse(""))
        assert faults.of("demo-large").kind == ""


class TestEmbed:
    @given(st.text(max_size=100))
    def test_is_a_unit_vector_and_always_the_same(self, text: str) -> None:
        vector = embeddings.embed(text)

        assert math.isclose(sum(value * value for value in vector), 1.0)
        assert embeddings.embed(text) == vector

    def test_puts_similar_texts_near_each_other(self) -> None:
        one, near, far = (
            embeddings.embed(t) for t in ("heat pumps in old houses", "a heat pump for an old house", "tax law")
        )

        def likeness(other: list[float]) -> float:
            return sum(a * b for a, b in zip(one, other, strict=True))

        assert likeness(near) > 2 * likeness(far)


class TestTokensOf:
    @given(st.text())
    def test_loses_nothing_and_counts_no_more_than_there_are_bytes(self, text: str) -> None:
        tokens = wire.tokens_of(text)

        assert "".join(tokens) == text
        assert len(tokens) <= len(text.encode("utf-8", "surrogatepass"))


class TestAnAnswerThatBreaksOff:
    MARKED = "How do tides work in detail? demo-fault=cut:12"

    def test_is_ordered_in_the_question_and_not_talked_about(self) -> None:
        question = asked(self.MARKED)

        assert question.fault == Fault("cut", after=12)
        assert question.text == "How do tides work in detail?"

    @pytest.mark.parametrize("mark", ["demo-fault=cut", "demo-fault=cut:0", "demo-fault=500", "no-demo-fault=slow"])
    def test_is_not_ordered_by_a_mark_that_would_strike_every_model(self, mark: str) -> None:
        assert asked(f"How do tides work? {mark}").fault == Fault()

    @pytest.mark.parametrize("told", [True, False])
    def test_goes_on_where_it_ended_without_breaking_again(self, told: bool) -> None:
        begun = answers.compose(asked(self.MARKED), model("demo-large"))[:40]
        messages = [{"role": "user", "content": self.MARKED}, {"role": "assistant", "content": begun}]
        question = understand([*messages, *([{"role": "user", "content": GO_ON}] if told else [])])

        assert (question.text, question.so_far, question.fault) == ("How do tides work in detail?", begun, Fault())
        whole = answers.compose(question, model("demo-large"))
        assert begun + answers.rest_of(whole, begun) == whole

    def test_is_taken_up_by_another_model_with_what_it_has_left_to_say(self) -> None:
        whole = answers.compose(asked("How do tides work in detail?"), model("demo-small"))

        rest = answers.rest_of(whole, "Something quite different, as long as a sentence.")
        assert rest.startswith("…\n\n")
        assert whole.endswith(rest.removeprefix("…\n\n"))

    def test_is_no_answer_so_far_when_a_question_follows(self) -> None:
        question = understand(
            [
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "content": "Hello."},
                {"role": "user", "content": "And now?"},
            ]
        )

        assert (question.text, question.so_far) == ("And now?", "")
