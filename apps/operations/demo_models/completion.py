"""One chat completion: what is answered, token by token, at the model's pace and with its faults."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import orjson

from apps.operations.demo_models import answers, wire
from apps.operations.demo_models.catalogue import DemoModel
from apps.operations.demo_models.faults import SLOW_TOKENS_PER_S, STREAMED, Fault
from apps.operations.demo_models.question import Question, understand
from apps.operations.demo_models.tools import Call, choose

Json = dict[str, Any]
FRAME_S: Final = 1 / 30
"""Tokens are sent in bundles, at most so often: people see no difference, and processors do."""


GARBAGE: Final = b"data: {\xff\xfe<html>\n\n"


class ConnectionBroken(Exception):
    """The fault wants the connection to break."""


class Completion:
    """The answer to one request. Raises `ValueError` when the request is malformed."""

    def __init__(self, asked: Mapping[str, Any], model: DemoModel, fault: Fault, *, tokens_per_s: float) -> None:
        messages = asked.get("messages")
        if not isinstance(messages, list) or not all(isinstance(message, Mapping) for message in messages):
            raise ValueError("messages must be a list of objects")
        self._model = model
        self._rate = SLOW_TOKENS_PER_S if fault.kind == "slow" else tokens_per_s * model.pace
        self._asked = asked
        question = understand(messages)
        self._fault = fault if fault.kind else question.fault
        tools = asked.get("tools") or []
        self._call: Call | None = choose(question, tools, asked.get("tool_choice"))
        self._call_id = f"call_{uuid.uuid4().hex[:24]}"
        self._given = wire.input_tokens(messages, tools)
        self._tokens, self._finish = self._write(question)
        self._frame = {
            "id": f"chatcmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": asked.get("model"),
            "system_fingerprint": "demo",
        }

    def _write(self, question: Question) -> tuple[list[str], str]:
        if self._call is not None:
            return wire.tokens_of(self._call.arguments), "tool_calls"
        form = self._asked.get("response_format") or {}
        wants_json = form.get("type") in {"json_object", "json_schema"}
        text = answers.as_json(question, self._model, form) if wants_json else answers.compose(question, self._model)
        if question.so_far:
            text = answers.rest_of(text, question.so_far)
        text = _until(text, self._asked.get("stop"))
        tokens = wire.tokens_of(text)
        limit = self._asked.get("max_completion_tokens") or self._asked.get("max_tokens")
        if isinstance(limit, int) and len(tokens) > limit:
            return tokens[:limit], "length"
        return tokens, "stop"

    async def whole(self) -> bytes:
        """The answer in one piece, after the time that writing it takes."""
        if self._fault.kind in STREAMED:
            return await self._strike()
        await asyncio.sleep(self._model.first_token_s + len(self._tokens) / self._rate)
        choice = {
            "index": 0,
            "message": wire.message("".join(self._tokens), self._call, self._call_id),
            "finish_reason": self._finish,
            "logprobs": None,
        }
        usage = wire.usage(self._given, len(self._tokens))
        return orjson.dumps({**self._frame, "object": "chat.completion", "choices": [choice], "usage": usage})

    async def stream(self) -> AsyncIterator[bytes]:
        """Server-sent events, in bundles."""
        await asyncio.sleep(self._model.first_token_s)
        yield self._event({"role": "assistant", "content": None if self._call else ""})
        if self._call is not None:
            for piece in wire.call_pieces(self._call, self._call_id):
                await asyncio.sleep(1 / self._rate)
                yield self._event({"tool_calls": [piece]})
        else:
            async for bundle in self._bundles():
                yield b"".join([self._event({"content": token}) for token in bundle])
        if self._fault.kind in STREAMED:
            yield await self._strike()
            return
        yield self._event({}, self._finish)
        if (self._asked.get("stream_options") or {}).get("include_usage"):
            yield self._data({"choices": [], "usage": wire.usage(self._given, len(self._tokens))})
        yield b"data: [DONE]\n\n"

    async def _bundles(self) -> AsyncIterator[list[str]]:
        """The tokens that are due at each frame, counted from the start, so that the pace does not drift."""
        started = time.monotonic()
        sent = 0
        last = self._fault.after if self._fault.kind in STREAMED else len(self._tokens)
        while sent < min(last, len(self._tokens)):
            await asyncio.sleep(max(FRAME_S, 1 / self._rate))
            due = min(int((time.monotonic() - started) * self._rate) + 1, last, len(self._tokens))
            yield self._tokens[sent:due]
            sent = due

    async def _strike(self) -> bytes:
        """What a streamed fault leaves: silence, a broken connection, or garbage."""
        if self._fault.kind == "hang":
            await asyncio.Event().wait()
        if self._fault.kind == "cut":
            raise ConnectionBroken
        return GARBAGE

    def _event(self, delta: Json, finish: str | None = None) -> bytes:
        return self._data({"choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]})

    def _data(self, part: Json) -> bytes:
        body: Json = {**self._frame, "object": "chat.completion.chunk", **part}
        return b"data: " + orjson.dumps(body) + b"\n\n"


def _until(text: str, stop: Any) -> str:
    """The text up to the first stop sequence."""
    stops = [stop] if isinstance(stop, str) else stop or []
    ends = [at for each in stops if isinstance(each, str) and each and (at := text.find(each)) >= 0]
    return text[: min(ends)] if ends else text
