"""OpenAI's chat completions on the wire: values to request bytes, event data to chunks, refusals to errors."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from apps.domain.messages import PromptMessage, Role, ToolCall
from apps.domain.money import Usage
from apps.domain.prompt import as_one
from apps.domain.turn import Finish
from apps.providers.adapters._errors import (
    BadCredentials,
    ContentRefused,
    ContextTooLong,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from apps.providers.adapters._going_on import asked_on
from apps.providers.adapters._protocol import Chunk, FinishChunk, ModelCall, TextChunk, ToolCallChunk, UsageChunk
from apps.providers.adapters._sse import EventSplitter

Json = dict[str, Any]

MAX_RETRY_AFTER_S: Final = 3600.0
MAX_COUNT: Final = 1_000_000_000
_DONE: Final = b"[DONE]"
_NO_ANSWER: Final = (TypeError, AttributeError, ValueError, LookupError)
"""What reading gives for JSON of another shape, for no JSON, and for an event without end."""
_FINISH: Final = {
    "stop": Finish.STOP,
    "length": Finish.LENGTH,
    "tool_calls": Finish.TOOL_CALLS,
    "function_call": Finish.TOOL_CALLS,
    "content_filter": Finish.CONTENT_FILTER,
}
_REFUSED: Final = {"content_filter", "content_policy_violation", "moderation_blocked", "ResponsibleAIPolicyViolation"}
_TOO_LONG: Final = re.compile(
    r"context.{0,20}(length|window|size)|maximum model length|too many (input |prompt )?tokens|prompt is too long", re.I
)
_SAFE_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")


# --- request


def request_body(call: ModelCall, *, token_limit: str, prefix_field: str = "") -> bytes:
    """The JSON body of one streamed chat completion. `token_limit` names the field that bounds the answer; for
    `prefix_field` see `_going_on`."""
    messages = [_message(message) for message in as_one(call.messages)]
    body: Json = {
        "model": call.candidate.upstream,
        "messages": asked_on(messages, prefix_field=prefix_field) if call.goes_on else messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        token_limit: call.max_output_tokens,
    }
    _add_sampling(body, call)
    if call.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": orjson.Fragment(tool.parameters),
                    **({"strict": True} if tool.strict else {}),
                },
            }
            for tool in call.tools
        ]
    return orjson.dumps(body)


def _add_sampling(body: Json, call: ModelCall) -> None:
    sampling = call.sampling
    for name in ("temperature", "top_p", "seed", "frequency_penalty", "presence_penalty"):
        value = getattr(sampling, name)
        if value is not None:
            body[name] = value
    if sampling.stop:
        body["stop"] = sampling.stop
    if sampling.reasoning_effort:
        body["reasoning_effort"] = sampling.reasoning_effort
    if sampling.response_format:
        body["response_format"] = orjson.Fragment(sampling.response_format)
    if call.tools and sampling.tool_choice:  # both are refused without tools
        body["tool_choice"] = orjson.Fragment(sampling.tool_choice)
    if call.tools and sampling.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = sampling.parallel_tool_calls


def _message(message: PromptMessage) -> Json:
    made: Json = {"role": message.role.value, "content": message.text}
    if message.images:
        parts: list[Json] = [{"type": "text", "text": message.text}] if message.text else []
        parts += [{"type": "image_url", "image_url": {"url": i.url, "detail": i.detail}} for i in message.images]
        made["content"] = parts
    if message.tool_calls:
        made["tool_calls"] = [_tool_call(call) for call in message.tool_calls]
        made["content"] = message.text or None
    if message.role is Role.TOOL:
        made["tool_call_id"] = message.tool_call_id
    elif message.name:
        made["name"] = message.name
    return made


def _tool_call(call: ToolCall) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


# --- answer


class AnswerReader:
    """Turns the bytes of one answer into chunks.

    `done` is set by `[DONE]`, `finish` by the model's last word, `failure` by whatever is no answer: it is kept and not
    raised, so that the text which came before it in the same read is not lost. `events` counts what came.
    """

    def __init__(self, *, provider: str, images: int) -> None:
        self._provider = provider
        self._images = images
        self._splitter = EventSplitter()
        self._calls: set[int] = set()
        self.finish: Finish | None = None
        self.usage: Usage | None = None
        self.failure: ProviderError | None = None
        self.done = False
        self.events = 0

    def feed(self, received: bytes) -> list[Chunk]:
        """The chunks of all events that these bytes complete; neighbouring pieces of text become one chunk."""
        chunks: list[Chunk] = []
        text: list[str] = []
        try:
            for data in self._splitter.feed(received):
                self.events += 1
                if data == _DONE:
                    self.done = True
                    break
                self._read(orjson.loads(data), text, chunks)
        except ProviderError as error:
            self.failure = error
        except _NO_ANSWER:
            self.failure = ProviderUnavailable(f"{self._provider} sent something that is no answer.")
        _flush(text, chunks)
        return chunks

    def end(self) -> list[Chunk]:
        """The last chunks. Raises `ProviderUnavailable` when the answer is not whole."""
        if self.finish is None and not self.done:
            raise ProviderUnavailable(f"{self._provider} broke off in the middle of the answer.")
        finish = self.finish or (Finish.TOOL_CALLS if self._calls else Finish.STOP)
        last = FinishChunk(finish)
        return [last] if self.usage is None else [UsageChunk(self.usage), last]

    def _read(self, event: Json, text: list[str], chunks: list[Chunk]) -> None:
        choices = event.get("choices")
        if choices:
            choice = choices[0]
            if choice.get("index", 0) == 0:
                self._read_choice(choice, text, chunks)
        if usage := event.get("usage"):  # some send a running total with each event: the last one counts
            self.usage = read_usage(usage, images=self._images)
        if not choices and (error := event.get("error")):
            refused = refusal(self._provider, _status_of(error), {}, event)
            refused.accepted = True  # a status of 200 came before it
            raise refused

    def _read_choice(self, choice: Json, text: list[str], chunks: list[Chunk]) -> None:
        delta = choice.get("delta") or {}
        if piece := delta.get("content") or delta.get("refusal"):
            text.append(piece if isinstance(piece, str) else _text(piece))
        if calls := delta.get("tool_calls"):
            _flush(text, chunks)
            chunks += [self._read_call(call, position) for position, call in enumerate(calls)]
        if finish := choice.get("finish_reason"):
            self.finish = _FINISH.get(_text(finish), Finish.STOP)

    def _read_call(self, call: Json, position: int) -> ToolCallChunk:
        index = call.get("index", position)
        function = call.get("function") or {}
        if not isinstance(index, int):
            raise TypeError("the index of a tool call is a number")
        is_first = index not in self._calls
        self._calls.add(index)
        name, identity = (function.get("name") or "", call.get("id") or "") if is_first else ("", "")
        return ToolCallChunk(index, _text(identity), _text(name), _text(function.get("arguments") or ""))


def _flush(text: list[str], chunks: list[Chunk]) -> None:
    if text:
        chunks.append(TextChunk(_text("".join(text))))
        text.clear()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text was expected")
    return value.replace("\x00", "�") if "\x00" in value else value  # PostgreSQL cannot hold NUL


def read_usage(usage: Json, *, images: int = 0) -> Usage:
    """The provider's figures. Where `total_tokens` is more than its parts, hidden reasoning was left out of the output
    (seen with several providers), and is billed as output all the same.

    Raises:
        TypeError, ValueError: a figure is missing, no number, negative or absurd.
    """
    given, made = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    prompt = usage.get("prompt_tokens_details") or {}
    completion = usage.get("completion_tokens_details") or {}
    made = max(made, _count(usage, "total_tokens", given + made) - given)
    cached = min(_count(prompt, "cached_tokens", 0), given)
    return Usage(
        input_tokens=given,
        output_tokens=made,
        cached_input_tokens=cached,
        cache_write_tokens=min(_count(prompt, "cache_write_tokens", 0), given - cached),
        reasoning_tokens=min(_count(completion, "reasoning_tokens", 0), made),
        images=images,
    )


def _count(figures: Json, name: str, default: int | None = None) -> int:
    value = figures.get(name)
    if value is None:
        value = default
    if not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
        raise ValueError(f"{name} is no count")
    return value


# --- refusals


def refusal(provider: str, status: int, headers: Mapping[str, str], body: object) -> ProviderError:
    """The error that an HTTP status and an OpenAI error body stand for. Nothing of the body's sentence is kept."""
    error = body.get("error") if isinstance(body, dict) else None
    parts: Json = error if isinstance(error, dict) else {}
    codes = _codes(parts)
    facts: Json = {
        "upstream_status": status,
        "upstream_code": codes[0] if codes else "",
        "retry_after_s": retry_after_s(headers),
    }
    if status in (401, 403):
        return BadCredentials(f"{provider} does not accept the key that the operator has entered.", **facts)
    if status == 429:
        return RateLimited(f"{provider} has reached its own limit. Try again in a moment.", **facts)
    if status in (408, 504):
        return ProviderTimeout(f"{provider} ran into a time-out of its own.", **facts)
    if status >= 500:
        return ProviderUnavailable(f"{provider} has a fault of its own (HTTP {status}).", **facts)
    if _REFUSED.intersection(codes):
        return ContentRefused(f"{provider} refuses this content under its own rules.", **facts)
    message = parts.get("message", error if isinstance(error, str) else "")
    if status == 413 or "context_length_exceeded" in codes or _TOO_LONG.search(str(message)[:2000]):
        return ContextTooLong("The conversation is too long for this model.", **facts)
    detail = f"{provider} did not accept the request (HTTP {status}): the model or a parameter is unknown to it."
    return ProviderUnavailable(detail, sick=False, **facts)


def _codes(error: Json) -> list[str]:
    inner = error.get("innererror")
    found = [error.get("code"), error.get("type"), inner.get("code") if isinstance(inner, dict) else None]
    return [code for code in found if isinstance(code, str) and _SAFE_CODE.fullmatch(code)]


def _status_of(error: object) -> int:
    """The HTTP status that an error in mid-stream would have had."""
    code = error.get("code") if isinstance(error, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    if isinstance(code, int) and 400 <= code < 600:
        return code
    if "rate_limit_exceeded" in (code, kind):
        return 429
    return 400 if "invalid_request_error" in (code, kind) or code in _REFUSED else 502


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """The pause that a provider asks for, in seconds, at most an hour. An HTTP date counts as unknown."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if seconds >= 0:
            return min(seconds, MAX_RETRY_AFTER_S)
    return None
