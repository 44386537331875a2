"""A chat completion request, from OpenAI's form into ours. Plain Python.

Fields that would change the answer and that cannot be honoured are refused by name; other unknown ones are ignored, as
OpenAI's own API does with fields of newer clients.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import orjson

from apps.domain.messages import PromptMessage, Role, Sampling, Tool
from apps.gateway.forms import fields, openai_messages

UNSUPPORTED: Final[Mapping[str, str]] = {
    "functions": "is not supported; use `tools`.",
    "function_call": "is not supported; use `tool_choice`.",
    "logit_bias": "is not supported: not every model can honour it.",
    "top_logprobs": "is not supported: not every model can honour it.",
    "audio": "is not supported.",
    "prediction": "is not supported.",
    "web_search_options": "is not supported: nothing here may search the web.",
}
"""Fields that would change the answer. Null and empty values are harmless and are accepted."""

MAX_STOPS: Final = 4
MAX_TAGS: Final = 16
MAX_OUTPUT_TOKENS: Final = 1_000_000
EFFORTS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")


@dataclass(frozen=True, slots=True)
class Hints:
    """`metadata.openroute`: may only narrow the choice of models."""

    tags: frozenset[str] = frozenset()
    max_cost_micro_usd: int | None = None
    session: str = ""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a caller asks for. `session` is its own, or follows from system prompt and first question."""

    model: str
    messages: tuple[PromptMessage, ...]
    tools: tuple[Tool, ...]
    sampling: Sampling
    stream: bool
    include_usage: bool
    tags: frozenset[str]
    max_cost_micro_usd: int | None
    session: str


def parse(body: Any) -> ChatRequest:
    """Raises `InvalidRequest` or `TooLarge`; `fields` names what is wrong by its path."""
    if type(body) is not dict:
        fields.refuse("body", "must be a JSON object.")
    _refuse_unsupported(body)
    model = fields.need(body, "model", str)
    if not 0 < len(model) <= 200:
        fields.refuse("model", "must be 1 to 200 characters long.")
    messages = openai_messages.messages(fields.need(body, "messages", list))
    tools = openai_messages.tools(fields.read(body, "tools", list) or ())
    stream, include_usage = _stream(body)
    hints = _hints(body)
    return ChatRequest(
        model=model,
        messages=messages,
        tools=tools,
        sampling=_sampling(body, tools),
        stream=stream,
        include_usage=include_usage,
        tags=hints.tags,
        max_cost_micro_usd=hints.max_cost_micro_usd,
        session=hints.session or _session(messages),
    )


def _refuse_unsupported(body: Mapping[str, Any]) -> None:
    for name, sentence in UNSUPPORTED.items():
        if body.get(name):
            fields.refuse(name, sentence)
    if body.get("n") not in (None, 1) or body.get("n") is True:
        fields.refuse("n", "must be 1: each answer is one reservation.")
    if fields.read(body, "logprobs", bool):
        fields.refuse("logprobs", "is not supported: not every model can honour it.")
    if (fields.read(body, "modalities", list) or ["text"]) != ["text"]:
        fields.refuse("modalities", 'must be ["text"].')
    fields.text(body, "user", limit=512)


def _stream(body: Mapping[str, Any]) -> tuple[bool, bool]:
    stream = fields.read(body, "stream", bool) or False
    options = fields.read(body, "stream_options", dict)
    if options is None:
        return stream, False
    if not stream:
        fields.refuse("stream_options", "is only allowed when `stream` is true.")
    return True, fields.read(options, "include_usage", bool, path="stream_options.") or False


def _sampling(body: Mapping[str, Any], tools: tuple[Tool, ...]) -> Sampling:
    return Sampling(
        temperature=fields.number(body, "temperature", low=0, high=2),
        top_p=fields.number(body, "top_p", low=0, high=1),
        seed=fields.integer(body, "seed", low=-(1 << 63), high=(1 << 63) - 1),
        stop=_stop(body),
        frequency_penalty=fields.number(body, "frequency_penalty", low=-2, high=2),
        presence_penalty=fields.number(body, "presence_penalty", low=-2, high=2),
        max_output_tokens=_max_output_tokens(body),
        response_format=_response_format(body),
        tool_choice=openai_messages.tool_choice(body.get("tool_choice"), tools),
        parallel_tool_calls=fields.read(body, "parallel_tool_calls", bool),
        reasoning_effort=fields.choice(body, "reasoning_effort", EFFORTS),
    )


def _max_output_tokens(body: Mapping[str, Any]) -> int | None:
    """`max_completion_tokens`, or the older `max_tokens`; with both the smaller one holds."""
    names = ("max_completion_tokens", "max_tokens")
    limits = [fields.integer(body, name, low=1, high=MAX_OUTPUT_TOKENS) for name in names]
    return min((limit for limit in limits if limit is not None), default=None)


def _stop(body: Mapping[str, Any]) -> tuple[str, ...]:
    value = body.get("stop")
    stops = [value] if type(value) is str else fields.read(body, "stop", list) or []
    if len(stops) > MAX_STOPS:
        fields.refuse("stop", f"must not hold more than {MAX_STOPS} sequences.")
    for index, stop in enumerate(stops):
        if type(stop) is not str or not 0 < len(stop) <= 500:
            fields.refuse(f"stop[{index}]", "must be a string of 1 to 500 characters.")
    return tuple(stops)


def _response_format(body: Mapping[str, Any]) -> str:
    value = fields.read(body, "response_format", dict)
    if value is None:
        return ""
    kind = fields.need(value, "type", str, path="response_format.")
    if kind == "text":
        return ""
    if kind == "json_object":
        return openai_messages.canonical({"type": kind})
    if kind != "json_schema":
        fields.refuse("response_format.type", "must be one of text, json_object, json_schema.")
    schema = fields.need(value, "json_schema", dict, path="response_format.")
    fields.need(schema, "name", str, path="response_format.json_schema.")
    fields.read(schema, "schema", dict, path="response_format.json_schema.")
    return fields.long_text(openai_messages.canonical({"type": kind, "json_schema": schema}), "response_format")


def _hints(body: Mapping[str, Any]) -> Hints:
    """Typed clients allow strings only in `metadata`, so the object may also be its JSON text."""
    metadata = fields.read(body, "metadata", dict) or {}
    source = metadata.get("openroute")
    if type(source) is str:
        try:
            source = orjson.loads(source)
        except orjson.JSONDecodeError:
            fields.refuse("metadata.openroute", "must be an object, or the JSON text of one.")
    if source is None:
        return Hints()
    if type(source) is not dict:
        fields.refuse("metadata.openroute", "must be an object, or the JSON text of one.")
    tags = fields.read(source, "tags", list, path="metadata.openroute.") or []
    if len(tags) > MAX_TAGS or not all(type(tag) is str and 0 < len(tag) <= 64 for tag in tags):
        fields.refuse("metadata.openroute.tags", f"must be at most {MAX_TAGS} strings of 1 to 64 characters.")
    session = fields.text(source, "session", path="metadata.openroute.")
    return Hints(frozenset(tags), _micro_usd(source.get("max_cost_usd")), session)


def _micro_usd(value: Any) -> int | None:
    """A price limit in whole micro-dollars, rounded down. Accepts a number or its decimal text."""
    if value is None:
        return None
    try:
        amount = Decimal(str(value)) if type(value) in {str, int, float} and len(str(value)) <= 30 else None
    except InvalidOperation:
        amount = None
    if amount is None or not amount.is_finite() or not 0 <= amount <= 1_000_000:
        fields.refuse("metadata.openroute.max_cost_usd", "must be an amount in USD, from 0 to 1000000.")
    return int(amount * 1_000_000)


def _session(messages: tuple[PromptMessage, ...]) -> str:
    """The same for every request of one conversation: a hash of the system prompt and the first question."""
    seen = hashlib.sha256()
    for message in messages:
        seen.update(message.text.encode())
        seen.update(b"\0")
        if message.role is Role.USER:
            break
    return seen.hexdigest()[:32]
