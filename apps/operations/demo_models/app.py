"""The ASGI application: OpenAI's routes, and `POST /control` for faults."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from typing import Any, Final

import orjson

from apps.operations.demo_models import catalogue, embeddings, wire
from apps.operations.demo_models.completion import Completion, ConnectionBroken
from apps.operations.demo_models.faults import Fault, Faults

Json = dict[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[Json, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES: Final = 32 * 1024 * 1024
MAX_INPUTS: Final = 2048
JSON: Final = [(b"content-type", b"application/json")]
EVENTS: Final = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class DemoServer:
    """An ASGI application. `tokens_per_s` is the pace of a model whose `pace` is 1."""

    def __init__(self, *, tokens_per_s: float = 60.0, api_key: str = "") -> None:
        self._tokens_per_s = tokens_per_s
        self._api_key = api_key
        self._faults = Faults()
        self._routes: Mapping[tuple[str, str], Handler] = {
            ("GET", "/v1/models"): self._models,
            ("POST", "/v1/chat/completions"): self._chat,
            ("POST", "/v1/embeddings"): self._embeddings,
            ("POST", "/control"): self._control,
            ("GET", "/healthz"): self._healthz,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            handler = self._routes.get((scope["method"], scope["path"]))
            if handler is None:
                raise Refused(404, "There is no such route here.")
            self._check_key(scope)
            asked = await _json_body(receive) if scope["method"] == "POST" else {}
            await handler(asked, receive, send)
        except Refused as refused:
            await _reply(send, refused.status, wire.error(refused.status, str(refused)))

    def _check_key(self, scope: Scope) -> None:
        given = dict(scope["headers"]).get(b"authorization", b"")
        if self._api_key and not hmac.compare_digest(given, f"Bearer {self._api_key}".encode()):
            raise Refused(401, "The API key is wrong.")

    async def _healthz(self, asked: Json, receive: Receive, send: Send) -> None:
        await _reply(send, 200, {"status": "ok"})

    async def _models(self, asked: Json, receive: Receive, send: Send) -> None:
        names = [*(model.name for model in catalogue.MODELS), catalogue.EMBEDDING_MODEL]
        entries = [{"id": name, "object": "model", "created": 0, "owned_by": "openroute-demo"} for name in names]
        await _reply(send, 200, {"object": "list", "data": entries})

    async def _control(self, asked: Json, receive: Receive, send: Send) -> None:
        """`{"model": "demo-small", "fault": "500"}`; `*` is every model, an empty fault switches it off."""
        self._faults.put(str(asked.get("model", "*")), _fault(str(asked.get("fault", ""))))
        await _reply(send, 200, {})

    async def _embeddings(self, asked: Json, receive: Receive, send: Send) -> None:
        given = asked.get("input", "")
        texts = given if isinstance(given, list) else [given]
        if not texts or len(texts) > MAX_INPUTS or not all(isinstance(text, str) for text in texts):
            raise Refused(400, "input must be a text, or a list of at most 2048 texts.")
        size = asked.get("dimensions", embeddings.DIMENSIONS)
        if not isinstance(size, int) or not 1 <= size <= 4096:
            raise Refused(400, "dimensions must be from 1 to 4096.")
        encode = embeddings.as_base64 if asked.get("encoding_format") == "base64" else list[float]
        data = [
            {"object": "embedding", "index": index, "embedding": encode(embeddings.embed(text, size))}
            for index, text in enumerate(texts)
        ]
        count = sum(len(wire.tokens_of(text)) for text in texts)
        usage = {"prompt_tokens": count, "total_tokens": count}
        await _reply(send, 200, {"object": "list", "model": asked.get("model"), "data": data, "usage": usage})

    async def _chat(self, asked: Json, receive: Receive, send: Send) -> None:
        upstream = str(asked.get("model", ""))
        model = catalogue.find(upstream)
        if model is None:
            raise Refused(404, "This demo server has no such model.")
        try:
            fault = self._faults.of(upstream)
            completion = Completion(asked, model, fault, tokens_per_s=self._tokens_per_s)
        except (ValueError, TypeError, AttributeError) as error:
            raise Refused(400, f"The request is malformed: {error}.") from error
        if fault.status:
            await _reply(send, fault.status, wire.error(fault.status, "A demo fault, as ordered."), _patience(fault))
            return
        answer = self._streamed if asked.get("stream") else self._whole
        await _until_gone(answer(completion, send), receive)

    async def _whole(self, completion: Completion, send: Send) -> None:
        try:
            body = await completion.whole()
        except ConnectionBroken:
            await send({"type": "http.response.start", "status": 200, "headers": [*JSON, (b"content-length", b"9999")]})
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            return  # without an end: the server closes the connection
        await _send(send, 200, body, JSON)

    async def _streamed(self, completion: Completion, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": EVENTS})
        try:
            async for events in completion.stream():
                await send({"type": "http.response.body", "body": events, "more_body": True})
        except ConnectionBroken:
            return  # without an end: the server closes the connection
        await send({"type": "http.response.body", "body": b""})


async def _until_gone(answer: Awaitable[None], receive: Receive) -> None:
    """Write the answer, but stop when its reader has gone."""
    writing = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if writing.done():
            writing.result()
    finally:
        for task in (writing, leaving):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(writing, leaving, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _json_body(receive: Receive) -> Json:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, "The body is too large.")
        if not message.get("more_body"):
            break
    try:
        asked = orjson.loads(bytes(body))
    except orjson.JSONDecodeError:
        raise Refused(400, "The body is no JSON.") from None
    if not isinstance(asked, dict):
        raise Refused(400, "The body must be an object.")
    return asked


def _fault(text: str) -> Fault:
    try:
        return Fault.parse(text)
    except ValueError as error:
        raise Refused(400, str(error)) from error


def _patience(fault: Fault) -> list[tuple[bytes, bytes]]:
    return [(b"retry-after", b"2")] if fault.status == 429 else []


async def _reply(send: Send, status: int, body: Json, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await _send(send, status, orjson.dumps(body), [*JSON, *(headers or [])])


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
