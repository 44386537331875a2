"""From OpenAI's request to ours: every text arrives where it is inspected, and every refusal names its field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.errors import InvalidRequest, TooLarge
from apps.domain.limits import MAX_MESSAGES, MAX_TEXT_BYTES
from apps.domain.messages import Role, ToolCall
from apps.gateway.forms import openai_request
from tests.support.fake_backend import question

PNG = "data:image/png;base64,iVBORw0KGgo="
WEATHER = {
    "type": "function",
    "function": {"name": "weather", "description": "The weather.", "parameters": {"b": 1, "a": 2}},
}


def refused(body: Any) -> str:
    """The field that a refusal names."""
    with pytest.raises((InvalidRequest, TooLarge)) as caught:
        openai_request.parse(body)
    return next(iter(caught.value.fields))


def message(**fields: Any) -> dict[str, Any]:
    return {"model": "auto", "messages": [{"role": "user", "content": "Hi"} | fields]}


class TestMessages:
    def test_keep_role_text_and_name(self) -> None:
        body = {
            "model": "gpt-mini",
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "4111 1111 "}, {"type": "text", "text": "1111"}]},
                {"role": "assistant", "content": None, "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"at":"Bonn"}'}},
                ]},
                {"role": "tool", "tool_call_id": "c1", "content": "Rain", "name": "weather"},
            ],
        }  # fmt: skip

        system, user, call, result = openai_request.parse(body).messages

        assert (system.role, system.text) == (Role.SYSTEM, "Be brief.")
        assert (user.text, user.parts) == ("4111 1111 \n1111", ("4111 1111 ", "1111"))
        assert system.parts == result.parts == ()
        assert call.tool_calls == (ToolCall("c1", "weather", '{"at":"Bonn"}'),)
        assert (result.role, result.tool_call_id, result.name, result.text) == (Role.TOOL, "c1", "weather", "Rain")

    def test_take_inline_images(self) -> None:
        parts = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": PNG}}]

        (asked,) = openai_request.parse(message(content=parts)).messages

        assert (asked.text, asked.images[0].url, asked.images[0].detail) == ("What is it?", PNG, "auto")

    def test_of_a_refusal_keep_its_text_so_that_it_is_inspected(self) -> None:
        body = {"model": "auto", "messages": [{"role": "assistant", "content": None, "refusal": "I cannot."}]}

        assert openai_request.parse(body).messages[0].text == "I cannot."

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"role": "function"}, "messages[0].role"),
            ({"role": None}, "messages[0].role"),
            ({"content": None}, "messages[0].content"),
            ({"content": 3}, "messages[0].content"),
            ({"content": ["x"]}, "messages[0].content[0]"),
            ({"content": [{"type": "input_audio"}]}, "messages[0].content[0].type"),
            ({"content": [{"type": "text"}]}, "messages[0].content[0].text"),
            ({"content": [{"type": "image_url", "image_url": {"url": "https://a.example/x.png"}}]},
             "messages[0].content[0].image_url.url"),
            ({"content": "x" * (MAX_TEXT_BYTES + 1)}, "messages[0].content"),
            ({"name": 1}, "messages[0].name"),
            ({"name": "n" * 65}, "messages[0].name"),
            ({"role": "tool"}, "messages[0].tool_call_id"),
            ({"function_call": {"name": "x"}}, "messages[0].function_call"),
            ({"tool_calls": [{"id": "a"}]}, "messages[0].tool_calls"),
            ({"role": "assistant", "tool_calls": [{"id": "a"}]}, "messages[0].tool_calls[0].function"),
            ({"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "x y"}}]},
             "messages[0].tool_calls[0].function.name"),
        ],
    )  # fmt: skip
    def test_that_are_wrong_are_refused_by_name(self, fields: dict[str, Any], param: str) -> None:
        assert refused(message(**fields)) == param

    @pytest.mark.parametrize(
        "messages", [None, [], "x", {}, ["x"], [{"role": "user", "content": "x"}] * (MAX_MESSAGES + 1)]
    )
    def test_are_a_bounded_array(self, messages: Any) -> None:
        assert refused({"model": "auto", "messages": messages}).startswith("messages")


class TestTools:
    def test_keep_their_schema_as_canonical_text(self) -> None:
        (tool,) = openai_request.parse(question(tools=[WEATHER])).tools

        assert (tool.name, tool.description, tool.parameters) == ("weather", "The weather.", '{"a":2,"b":1}')

    def test_can_be_chosen_by_name(self) -> None:
        choice = {"type": "function", "function": {"name": "weather"}}

        asked = openai_request.parse(question(tools=[WEATHER], tool_choice=choice))

        assert asked.sampling.tool_choice == '{"function":{"name":"weather"},"type":"function"}'

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"tools": [{"type": "custom"}]}, "tools[0].type"),
            ({"tools": [{"type": "function"}]}, "tools[0].function"),
            ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "tools[0].function.name"),
            ({"tools": [WEATHER, WEATHER]}, "tools"),
            ({"tools": [WEATHER] * 129}, "tools"),
            ({"tool_choice": "auto"}, "tool_choice"),
            ({"tools": [WEATHER], "tool_choice": "always"}, "tool_choice"),
            ({"tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "x"}}},
             "tool_choice.function.name"),
        ],
    )  # fmt: skip
    def test_that_are_wrong_are_refused_by_name(self, fields: dict[str, Any], param: str) -> None:
        assert refused(question(**fields)) == param


class TestOptions:
    def test_reach_the_sampler(self) -> None:
        body = question(
            temperature=1, top_p=0.5, seed=7, stop="END", max_tokens=50, max_completion_tokens=20,
            parallel_tool_calls=False, reasoning_effort="low", response_format={"type": "json_object"},
        )  # fmt: skip

        sampling = openai_request.parse(body).sampling

        assert (sampling.temperature, sampling.top_p, sampling.seed, sampling.stop) == (1.0, 0.5, 7, ("END",))
        assert (sampling.max_output_tokens, sampling.parallel_tool_calls) == (20, False)
        assert (sampling.reasoning_effort, sampling.response_format) == ("low", '{"type":"json_object"}')

    def test_that_newer_clients_send_are_ignored(self) -> None:
        asked = openai_request.parse(question(store=True, verbosity="low", unheard_of={"a": [1]}, logit_bias={}, n=1))

        assert asked.model == "auto"

    @pytest.mark.parametrize(
        ("fields", "param"),
        [
            ({"model": None}, "model"),
            ({"model": ""}, "model"),
            ({"model": 5}, "model"),
            ({"n": 2}, "n"),
            ({"n": True}, "n"),
            ({"logprobs": True}, "logprobs"),
            ({"top_logprobs": 3}, "top_logprobs"),
            ({"logit_bias": {"50256": -100}}, "logit_bias"),
            ({"functions": [{"name": "x"}]}, "functions"),
            ({"modalities": ["audio"]}, "modalities"),
            ({"stream": "yes"}, "stream"),
            ({"stream_options": {"include_usage": True}}, "stream_options"),
            ({"stream": True, "stream_options": {"include_usage": 1}}, "stream_options.include_usage"),
            ({"temperature": 2.5}, "temperature"),
            ({"temperature": True}, "temperature"),
            ({"top_p": "1"}, "top_p"),
            ({"seed": 1.5}, "seed"),
            ({"seed": 1 << 63}, "seed"),
            ({"max_tokens": 0}, "max_tokens"),
            ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
            ({"stop": [""]}, "stop[0]"),
            ({"user": 7}, "user"),
            ({"response_format": {"type": "xml"}}, "response_format.type"),
            ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
            ({"reasoning_effort": "extreme"}, "reasoning_effort"),
            ({"metadata": []}, "metadata"),
            ({"metadata": {"openroute": 3}}, "metadata.openroute"),
            ({"metadata": {"openroute": {"tags": "x"}}}, "metadata.openroute.tags"),
            ({"metadata": {"openroute": {"max_cost_usd": -1}}}, "metadata.openroute.max_cost_usd"),
            ({"metadata": {"openroute": {"max_cost_usd": "NaN"}}}, "metadata.openroute.max_cost_usd"),
        ],
    )
    def test_that_are_wrong_are_refused_by_name(self, fields: dict[str, Any], param: str) -> None:
        assert refused(question(**fields)) == param


class TestHints:
    @pytest.mark.parametrize("as_text", [False, True])
    def test_stand_in_the_metadata(self, as_text: bool) -> None:
        hints: Any = {"tags": ["batch"], "max_cost_usd": "0.0123456", "session": "s1"}
        if as_text:
            hints = '{"tags":["batch"],"max_cost_usd":"0.0123456","session":"s1"}'

        asked = openai_request.parse(question(metadata={"openroute": hints, "ticket": "7"}))

        assert (asked.tags, asked.max_cost_micro_usd, asked.session) == (frozenset({"batch"}), 12345, "s1")

    def test_without_a_session_the_first_question_names_it(self) -> None:
        first = openai_request.parse(question("One"))
        later = question("One")
        later["messages"] += [{"role": "assistant", "content": "1"}, {"role": "user", "content": "Two"}]

        assert openai_request.parse(later).session == first.session
        assert openai_request.parse(question("Two")).session != first.session


NAMES = ["role", "content", "type", "text", "function", "name", "id", "image_url", "url", "openroute", "tags"]
FIELDS = ["model", "messages", "tools", "tool_choice", "stop", "stream", "n", "metadata", "response_format", "seed"]
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
JSON = st.recursive(
    st.none() | st.booleans() | INT64 | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


def fields_of_refusal(body: Any) -> dict[str, str] | None:
    """None when the body was accepted."""
    try:
        openai_request.parse(body)
    except (InvalidRequest, TooLarge) as error:
        return error.fields
    return None


class TestAnyJson:
    @given(body=st.dictionaries(st.sampled_from(FIELDS), JSON) | JSON)
    def test_is_parsed_or_refused_by_name(self, body: Any) -> None:
        assert fields_of_refusal(body) != {}
