"""A turn's events in OpenAI's form: a whole completion, or the chunks of a stream. Plain Python.

A token costs one small `dumps` and a join: the envelope round it is made once per answer.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

import orjson

from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Completed, Failed, Finish, Routed, Switched, TextDelta, ToolCallDelta, TurnEvent

DONE: Final = b"data: [DONE]\n\n"
FINISHES: Final = {Finish.STOPPED: Finish.STOP}
"""Words of ours that OpenAI's form does not know."""

Header = tuple[bytes, bytes]
Content = TextDelta | ToolCallDelta


class Progress:
    """What is known of the answer so far: who gives it, and after how many attempts."""

    def __init__(self, *, turn: str, model: str) -> None:
        self.turn, self.model = turn, model
        self.hosting = self.sensitivity = self.strategy = ""
        self.reasons: list[str] = []
        self.attempts = 1

    def follow(self, event: TurnEvent) -> None:
        """Take over what an event says about the route."""
        match event:
            case Routed():
                self.turn, self.model, self.hosting = str(event.turn), event.model, event.hosting.value
                self.strategy, self.sensitivity = event.strategy, event.sensitivity.word
                self.reasons = list(event.reasons)
                self.attempts = max(1, len(event.together))
            case Switched():
                self.model, self.hosting = event.target, event.hosting.value
                self.reasons.append(event.reason)
                self.attempts += not event.is_vote
                self._label(event.sensitivity)
            case Completed() | Failed():
                self.turn = str(event.turn)
                self.attempts = max(event.attempts, self.attempts)
                self.hosting = event.hosting.value if event.hosting else self.hosting
                self._label(event.sensitivity)

    def _label(self, now: Sensitivity | None) -> None:
        """The label may rise while the text waits, when a policy changes."""
        if now is not None:
            self.sensitivity = now.word

    def headers(self) -> list[Header]:
        """The `x-openroute-*` headers, of the attempt that gives the first byte."""
        values = {
            "turn": self.turn,
            "model": self.model,
            "hosting": self.hosting,
            "sensitivity": self.sensitivity,
            "strategy": self.strategy,
            "attempts": str(self.attempts),
        }
        return [(b"x-openroute-" + name.encode(), _header_value(value)) for name, value in values.items() if value]

    def summary(self, cost_micro_usd: int) -> dict[str, Any]:
        """The `openroute` object of the last chunk or of the whole answer: final."""
        return {
            "turn": self.turn,
            "model": self.model,
            "hosting": self.hosting,
            "sensitivity": self.sensitivity,
            "strategy": self.strategy,
            "attempts": self.attempts,
            "cost_microusd": cost_micro_usd,
            "reasons": self.reasons,
        }


def cost_header(cost_micro_usd: int) -> Header:
    """What an answer that is not streamed can say before its body."""
    return b"x-openroute-cost-microusd", str(cost_micro_usd).encode()


def completion(progress: Progress, events: Iterable[Content], end: Completed, *, created: int) -> bytes:
    """A whole answer as JSON. `created` is Unix time in seconds."""
    texts: list[str] = []
    calls: dict[int, dict[str, Any]] = {}
    for event in events:
        if isinstance(event, TextDelta):
            texts.append(event.text)
        else:
            _add_call(calls, event)
    text = "".join(texts)
    message: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else ""), "refusal": None}
    if calls:
        message["tool_calls"] = [calls[index] for index in sorted(calls)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(end)}
    return orjson.dumps(
        {
            "id": f"chatcmpl-{progress.turn}",
            "object": "chat.completion",
            "created": created,
            "model": progress.model,
            "choices": [choice],
            "usage": usage(end.usage),
            "openroute": progress.summary(end.cost_micro_usd),
        }
    )


class ChunkWriter:
    """Server-sent events of one streamed answer."""

    def __init__(self, progress: Progress, *, created: int, include_usage: bool) -> None:
        self._progress = progress
        self._created = created
        self._include_usage = include_usage
        self._prefix = self._suffix = b""
        self._model = ""
        self._calls: set[int] = set()

    def opening(self) -> bytes:
        """The first chunk, which carries the role."""
        return self._chunk(b'{"role":"assistant","content":""}')

    def piece(self, event: Content) -> bytes:
        """The chunk of a piece of text or of a tool call."""
        if isinstance(event, TextDelta):
            return self._chunk(b'{"content":' + orjson.dumps(event.text) + b"}")
        return self._chunk(orjson.dumps({"tool_calls": [self._call(event)]}))

    def closing(self, end: Completed) -> bytes:
        """The finish, usage and `openroute`, and `[DONE]`. Only after the outcome is durable."""
        totals = {"usage": usage(end.usage), "openroute": self._progress.summary(end.cost_micro_usd)}
        finish = {"index": 0, "delta": {}, "logprobs": None, "finish_reason": _finish(end)}
        if not self._include_usage:
            return self._event({"choices": [finish], **totals}) + DONE
        return self._event({"choices": [finish], "usage": None}) + self._event({"choices": [], **totals}) + DONE

    def _event(self, fields: dict[str, Any]) -> bytes:
        return b"data: " + orjson.dumps(self._head() | fields) + b"\n\n"

    def _chunk(self, delta: bytes) -> bytes:
        if self._model != self._progress.model:
            self._make_envelope()
        return b"".join((self._prefix, delta, self._suffix))

    def _head(self) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self._progress.turn}",
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._progress.model,
        }

    def _make_envelope(self) -> None:
        """What stands before and after each delta, until another model goes on."""
        self._model = self._progress.model
        self._prefix = b"data: " + orjson.dumps(self._head())[:-1] + b',"choices":[{"index":0,"delta":'
        usage_field = b',"usage":null' if self._include_usage else b""
        self._suffix = b',"logprobs":null,"finish_reason":null}]' + usage_field + b"}\n\n"

    def _call(self, event: ToolCallDelta) -> dict[str, Any]:
        if event.index in self._calls:
            return {"index": event.index, "function": {"arguments": event.arguments}}
        self._calls.add(event.index)
        function = {"name": event.name, "arguments": event.arguments}
        return {"index": event.index, "id": event.id, "type": "function", "function": function}


def usage(used: Usage) -> dict[str, Any]:
    """Tokens in OpenAI's words."""
    return {
        "prompt_tokens": used.input_tokens,
        "completion_tokens": used.output_tokens,
        "total_tokens": used.input_tokens + used.output_tokens,
        "prompt_tokens_details": {"cached_tokens": used.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
    }


def kept(events: Iterable[Content], length: int) -> list[Content]:
    """What stays of an answer when another model goes on after `length` code points."""
    texts = (event for event in events if isinstance(event, TextDelta) and event.at < length)
    return [replace(event, text=event.text[: length - event.at]) for event in texts]


def _add_call(calls: dict[int, dict[str, Any]], event: ToolCallDelta) -> None:
    call = calls.get(event.index)
    if call is None:
        function = {"name": event.name, "arguments": event.arguments}
        calls[event.index] = {"id": event.id, "type": "function", "function": function}
    else:
        call["function"]["arguments"] += event.arguments


def _finish(end: Completed) -> str:
    return FINISHES.get(end.finish, end.finish).value


def _header_value(value: str) -> bytes:
    """Printable ASCII; what is not (a model's name may be) is percent-encoded."""
    plain = value.isascii() and value.isprintable() and "%" not in value
    return value.encode() if plain else quote(value).encode()
