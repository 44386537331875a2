"""Values to request bytes, provider figures to usage."""

import json
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.messages import Image, PromptMessage, Role, Sampling, Tool, ToolCall
from apps.providers.adapters import _openai_wire as wire
from apps.providers.adapters.openai import _prefix_field, _token_limit
from apps.providers.values import (
    GO_ON,
    BadCredentials,
    ContentRefused,
    ContextTooLong,
    ModelCall,
    ProviderTimeout,
    RateLimited,
)
from tests.support.model_calls import a_call

NAMES = ("choices", "delta", "content", "tool_calls", "usage", "error", "function", "index", "finish_reason", "code")
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
)


def body_of(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = orjson.loads(wire.request_body(a_call(**changes), token_limit="max_tokens"))
    return made


class TestRequestBody:
    def test_always_bounds_the_answer_and_asks_for_figures(self) -> None:
        body = body_of(max_output_tokens=77)

        assert body["max_tokens"] == 77
        assert body["stream_options"] == {"include_usage": True}

    def test_leaves_out_what_the_caller_did_not_say(self) -> None:
        assert set(body_of()) == {"model", "messages", "stream", "stream_options", "max_tokens"}

    def test_carries_a_conversation_with_tools_and_images(self) -> None:
        messages = (
            PromptMessage(Role.SYSTEM, "Be brief."),
            PromptMessage(Role.USER, "And this?", images=(Image("data:image/png;base64,AA=="),), name="erin"),
            PromptMessage(Role.ASSISTANT, tool_calls=(ToolCall("call_1", "clock", "{}"),)),
            PromptMessage(Role.TOOL, "12:00", tool_call_id="call_1"),
        )
        tool = Tool("clock", "Tells the time", '{"type":"object"}', strict=True)

        body = body_of(messages=messages, tools=(tool,), sampling=Sampling(tool_choice='"auto"', temperature=0.0))

        assert body["messages"] == [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "name": "erin",
                "content": [
                    {"type": "text", "text": "And this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "auto"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "clock", "arguments": "{}"}}],
            },
            {"role": "tool", "content": "12:00", "tool_call_id": "call_1"},
        ]
        function = {"name": "clock", "description": "Tells the time", "parameters": {"type": "object"}, "strict": True}
        assert body["tools"] == [{"type": "function", "function": function}]
        assert (body["tool_choice"], body["temperature"]) == ("auto", 0.0)

    @given(st.text(alphabet=st.characters(codec="utf-8")))
    def test_carries_any_text_unchanged(self, text: str) -> None:
        body = orjson.loads(wire.request_body(a_call(text), token_limit="max_tokens"))

        assert body["messages"][0]["content"] == text


class TestTheRestOfAnAnswer:
    """What broke off elsewhere is sent as the model's own, and its rest is asked for as the server understands it."""

    ASKED = (PromptMessage(Role.USER, "Why?"), PromptMessage(Role.ASSISTANT, "Because the mo"))

    def call(self, *, goes_on: bool) -> ModelCall:
        return replace(a_call(), messages=self.ASKED, goes_on=goes_on)

    def test_is_asked_for_in_words_where_the_server_has_no_field(self) -> None:
        body = orjson.loads(wire.request_body(self.call(goes_on=True), token_limit="max_tokens"))

        assert body["messages"][1:] == [
            {"role": "assistant", "content": "Because the mo"},
            {"role": "user", "content": GO_ON},
        ]

    def test_is_asked_for_by_a_mark_where_it_has_one(self) -> None:
        asked = wire.request_body(self.call(goes_on=True), token_limit="max_tokens", prefix_field="prefix")

        assert orjson.loads(asked)["messages"][1:] == [
            {"role": "assistant", "content": "Because the mo", "prefix": True}
        ]

    def test_is_not_asked_for_after_a_whole_answer(self) -> None:
        asked = wire.request_body(self.call(goes_on=False), token_limit="max_tokens", prefix_field="prefix")

        assert orjson.loads(asked)["messages"][1:] == [{"role": "assistant", "content": "Because the mo"}]

    @pytest.mark.parametrize(
        ("base_url", "field"),
        [
            ("https://api.deepseek.com/beta", "prefix"),
            ("https://api.deepseek.com/beta/", "prefix"),
            ("https://api.deepseek.com/v1", ""),
            ("https://api.openai.com/v1", ""),
            ("https://evil.example/beta", ""),
        ],
    )
    def test_is_marked_only_where_that_is_known_to_count(self, base_url: str, field: str) -> None:
        assert _prefix_field(base_url) == field


class TestTokenLimit:
    @pytest.mark.parametrize(
        ("base_url", "name"),
        [
            ("https://api.openai.com/v1", "max_completion_tokens"),
            ("https://acme.openai.azure.com/openai/v1", "max_completion_tokens"),
            ("http://localhost:11434/v1", "max_tokens"),
            ("https://api.openai.com.evil.example/v1", "max_tokens"),
        ],
    )
    def test_takes_the_name_that_counts_at_this_host(self, base_url: str, name: str) -> None:
        assert _token_limit(base_url) == name


class TestReadUsage:
    def test_bills_hidden_reasoning_as_output(self) -> None:
        usage = wire.read_usage({"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40})

        assert (usage.input_tokens, usage.output_tokens) == (10, 30)

    def test_keeps_parts_within_the_whole(self) -> None:
        usage = wire.read_usage(
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 99},
                "completion_tokens_details": {"reasoning_tokens": 99},
            }
        )

        assert (usage.cached_input_tokens, usage.reasoning_tokens) == (10, 5)

    @pytest.mark.parametrize(
        "figures",
        [{}, {"prompt_tokens": -1, "completion_tokens": 1}, {"prompt_tokens": "many"}, {"prompt_tokens": 1 << 40}],
    )
    def test_refuses_what_is_no_count(self, figures: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="is no count"):
            wire.read_usage(figures)


class TestRefusal:
    @pytest.mark.parametrize(
        ("status", "error", "kind"),
        [
            (400, {"message": "This model's maximum context length is 8192 tokens"}, ContextTooLong),
            (400, {"message": "the request exceeds the available context size"}, ContextTooLong),
            (400, {"message": "Prompt is too long"}, ContextTooLong),
            (400, {"innererror": {"code": "ResponsibleAIPolicyViolation"}, "message": "x"}, ContentRefused),
            (401, {"message": "Incorrect API key provided: sk-ab***"}, BadCredentials),
            (429, {"code": "insufficient_quota"}, RateLimited),
            (504, None, ProviderTimeout),
        ],
    )
    def test_finds_the_error_behind_many_spellings(self, status: int, error: Any, kind: type[Exception]) -> None:
        assert type(wire.refusal("stub", status, {}, {"error": error})) is kind

    def test_keeps_only_codes_that_can_hold_no_text(self) -> None:
        error = wire.refusal("stub", 400, {}, {"error": {"code": "the prompt was: secret", "type": "bad_request"}})

        assert error.upstream_code == "bad_request"

    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"retry-after": "7"}, 7.0),
            ({"retry-after-ms": "250"}, 0.25),
            ({"retry-after": "1e9"}, 3600.0),
            ({"retry-after": "-5"}, None),
            ({"retry-after": "nan"}, None),
            ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
            ({}, None),
        ],
    )
    def test_reads_how_long_to_wait_and_believes_no_nonsense(
        self, headers: dict[str, str], seconds: float | None
    ) -> None:
        assert wire.retry_after_s(headers) == seconds


class TestAnswerReader:
    @given(st.lists(st.binary(max_size=60), max_size=10))
    def test_turns_any_bytes_into_chunks_or_one_error(self, pieces: list[bytes]) -> None:
        reader = wire.AnswerReader(provider="stub", images=0)
        for piece in pieces:
            reader.feed(b"data: " + piece + b"\n\n")

    @given(JSON_VALUES)
    def test_turns_any_json_into_chunks_or_one_error(self, event: Any) -> None:
        reader = wire.AnswerReader(provider="stub", images=0)

        chunks = reader.feed(b"data: " + json.dumps(event).encode() + b"\n\n")

        assert isinstance(chunks, list)

    def test_replaces_nul_which_no_database_can_hold(self) -> None:
        reader = wire.AnswerReader(provider="stub", images=0)

        chunks = reader.feed(b'data: {"choices":[{"delta":{"content":"a\\u0000b"}}]}\n\n')

        assert chunks == [wire.TextChunk("a�b")]
