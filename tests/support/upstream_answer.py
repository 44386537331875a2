"""How the stub provider answers one chat completion, byte by byte, with the faults of its script."""

import asyncio
import json
import re
from typing import Any

from tests.support.upstream_evidence import Received, Script

DONE = b"data: [DONE]\n\n"


class ConnectionCut(Exception):
    """The script wants the connection to be reset."""


async def send_json(
    writer: asyncio.StreamWriter, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    """One whole answer."""
    data = json.dumps(body).encode()
    lines = {"content-type": "application/json", "content-length": str(len(data)), **(headers or {})}
    head = f"HTTP/1.1 {status} Scripted\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(head.encode() + b"\r\n" + data)
    await writer.drain()


class Completion:
    """One chat completion in the making."""

    def __init__(self, request: Received, script: Script, writer: asyncio.StreamWriter) -> None:
        self._request = request
        self._script = script
        self._writer = writer
        self._asked: dict[str, Any] = request.json
        limit = self._asked.get("max_completion_tokens", self._asked.get("max_tokens"))
        self._words = [] if script.tool_calls else script.words(limit)
        whole = script.words(None)
        self._finish = "length" if len(self._words) < len(whole) and not script.tool_calls else script.finish
        if script.tool_calls:
            self._finish = "tool_calls"
        request.input_tokens = _input_tokens(self._asked) if script.input_tokens is None else script.input_tokens
        request.cached_tokens = script.cached_tokens

    async def run(self) -> None:
        """Answer, or fail as scripted. What was written so far is what is billed."""
        script = self._script
        if script.redirect:
            await send_json(self._writer, 307, {}, {"location": script.redirect})
        elif script.status != 200:
            error = {"message": script.message, "type": script.code, "code": script.code, "param": None}
            pause = {} if script.retry_after is None else {"retry-after": f"{script.retry_after:g}"}
            await send_json(self._writer, script.status, {"error": error}, pause)
        elif self._asked.get("stream"):
            self._request.billed = True
            await self._stream()
        else:
            self._request.billed = True
            await asyncio.sleep(script.first_delay_s + script.delay_s * len(self._words))
            self._request.output_tokens = len(self._words) + script.reasoning_tokens
            await send_json(self._writer, 200, self._whole())
        self._request.completed = True

    # --- streamed

    async def _stream(self) -> None:
        script = self._script
        kind = "text/event-stream"
        await self._raw(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        await asyncio.sleep(script.first_delay_s)
        if script.huge_event:
            await self._write(b"data: " + b"x" * script.huge_event)
        paced = script.delay_s or script.bytewise or _has_fault(script)
        if paced:
            await self._paced()
        else:
            self._request.output_tokens = len(self._words) + script.reasoning_tokens
            await self._write(b"".join([self._event({"content": word}) for word in self._words]) + self._tail())
        await self._raw(b"0\r\n\r\n")

    async def _paced(self) -> None:
        for count, word in enumerate(self._words):
            await self._fault(count)
            if self._script.delay_s:
                await asyncio.sleep(self._script.delay_s)
            self._request.output_tokens = count + 1
            await self._write(self._event({"content": word}))
        await self._fault(len(self._words))
        self._request.output_tokens += self._script.reasoning_tokens
        await self._write(self._tail())

    async def _fault(self, count: int) -> None:
        script = self._script
        if count == script.cut_after:
            raise ConnectionCut
        if count == script.hang_after:
            await asyncio.Event().wait()
        if count == script.garbage_after:
            await self._write(b'data: {"choices": [\xff\xfe\n\ndata: <html>\n\n')
        if count == script.error_after:
            error = {"message": script.message, "type": script.code, "code": script.code}
            await self._write(_sse({"error": error}))

    def _tail(self) -> bytes:
        pieces = [self._event({"tool_calls": [piece]}) for piece in self._tool_call_pieces()]
        if self._finish:
            pieces.append(self._event({}, self._finish))
        if self._script.usage and (self._asked.get("stream_options") or {}).get("include_usage"):
            pieces.append(_sse({**self._frame(), "choices": [], "usage": self._usage()}))
        return b"".join([*pieces, DONE if self._script.done else b""])

    def _tool_call_pieces(self) -> list[dict[str, Any]]:
        pieces: list[dict[str, Any]] = []
        for index, (name, arguments) in enumerate(self._script.tool_calls):
            first = {"index": index, "id": f"call_{index}", "type": "function"}
            pieces.append({**first, "function": {"name": name, "arguments": ""}})
            half = len(arguments) // 2
            pieces += [{"index": index, "function": {"arguments": a}} for a in (arguments[:half], arguments[half:])]
        self._request.output_tokens += len(pieces)
        return pieces

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        return _sse({**self._frame(), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def _frame(self) -> dict[str, Any]:
        return {"id": "chatcmpl-stub", "object": "chat.completion.chunk", "created": 0, "model": self._request.model}

    async def _write(self, data: bytes) -> None:
        for piece in [data[i : i + 1] for i in range(len(data))] if self._script.bytewise else [data]:
            await self._raw(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    async def _raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()
        if self._script.bytewise:
            await asyncio.sleep(0)

    # --- in one piece

    def _whole(self) -> dict[str, Any]:
        calls = [
            {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for index, (name, arguments) in enumerate(self._script.tool_calls)
        ]
        message = {
            "role": "assistant",
            "content": "".join(self._words) or None,
            **({"tool_calls": calls} if calls else {}),
        }
        choice = {"index": 0, "message": message, "finish_reason": self._finish}
        return {**self._frame(), "object": "chat.completion", "choices": [choice], "usage": self._usage()}

    def _usage(self) -> dict[str, Any]:
        request = self._request
        return {
            "prompt_tokens": request.input_tokens,
            "completion_tokens": request.output_tokens,
            "total_tokens": request.input_tokens + request.output_tokens,
            "prompt_tokens_details": {"cached_tokens": request.cached_tokens},
            "completion_tokens_details": {"reasoning_tokens": self._script.reasoning_tokens},
        }


def _sse(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n"


def _has_fault(script: Script) -> bool:
    return any(at is not None for at in (script.cut_after, script.hang_after, script.garbage_after, script.error_after))


def _input_tokens(asked: dict[str, Any]) -> int:
    """About six bytes a token, so always below the byte count; an image counts as 85."""
    text = json.dumps([asked.get("messages"), asked.get("tools")], ensure_ascii=False)
    pictures = re.findall(r"data:image/[^\"]*", text)
    return max(1, (len(text.encode()) - sum(map(len, pictures))) // 6 + 85 * len(pictures))
