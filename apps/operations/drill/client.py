"""Speaks to OpenRoute's ASGI application in this process, as a program with an API key does over the network."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from asgiref import testing
from django.conf import settings

from apps.core.headers import Application

PATIENCE_S: Final = 60.0
Communicator: Any = testing.ApplicationCommunicator  # it has no types
BOUNDARY: Final = "openroute-egress-drill"


class NoAnswer(Exception):
    """The application did not answer in time, or closed the socket."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One program with one key."""

    def __init__(self, application: Application, key: str) -> None:
        self._application, self._key = application, key

    async def complete(self, *messages: Mapping[str, Any], **body: Any) -> Reply:
        """One chat completion of the developer API, read to its end."""
        asked = {"model": "auto", "messages": list(messages), **body}
        return await self.post("/v1/chat/completions", json.dumps(asked).encode(), "application/json")

    async def upload(self, name: str, content: bytes) -> Reply:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        form = f"{head}Content-Type: text/plain\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        return await self.post("/api/v1/attachments/", form, f"multipart/form-data; boundary={BOUNDARY}")

    async def post(self, path: str, body: bytes, content_type: str) -> Reply:
        headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
        scope = {**self._scope("http", path, headers), "method": "POST"}
        exchange = Communicator(self._application, scope)
        await exchange.send_input({"type": "http.request", "body": body, "more_body": False})
        try:
            start = await exchange.receive_output(PATIENCE_S)
            parts, more = [], True
            while more:
                message = await exchange.receive_output(PATIENCE_S)
                parts.append(message.get("body", b""))
                more = message.get("more_body", False)
            await exchange.wait(PATIENCE_S)
        except TimeoutError as error:
            raise NoAnswer(f"{path} did not answer within {PATIENCE_S:.0f} s") from error
        told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Reply(start["status"], told, b"".join(parts))

    @asynccontextmanager
    async def socket(self) -> AsyncIterator["Socket"]:
        """A connection to the chat."""
        exchange = Communicator(self._application, self._scope("websocket", "/ws/v1/chat", []))
        await exchange.send_input({"type": "websocket.connect"})
        opened = await exchange.receive_output(PATIENCE_S)
        if opened["type"] != "websocket.accept":
            raise NoAnswer("the chat refused the connection")
        try:
            yield Socket(exchange)
        finally:
            await exchange.send_input({"type": "websocket.disconnect", "code": 1000})
            await exchange.wait(PATIENCE_S)

    def _scope(self, kind: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
        host = _host()
        secure = {"http": "https", "websocket": "wss"}[kind]
        return {
            "type": kind,
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "scheme": secure,
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "client": ("127.0.0.1", 0),
            "server": (host, 443),
            "subprotocols": [],
            "headers": [
                (b"host", host.encode()), (b"authorization", f"Bearer {self._key}".encode()), *headers,
            ],
        }  # fmt: skip


class Socket:
    """One connection to the chat."""

    def __init__(self, exchange: Any) -> None:
        self._exchange = exchange

    async def send(self, kind: str, **frame: Any) -> None:
        await self._exchange.send_input({"type": "websocket.receive", "text": json.dumps({"type": kind, **frame})})

    async def until(self, *kinds: str) -> list[dict[str, Any]]:
        """All frames up to the first of one of these kinds. An `error` ends it as well."""
        frames: list[dict[str, Any]] = []
        while not frames or frames[-1]["type"] not in {*kinds, "error"}:
            try:
                message = await self._exchange.receive_output(PATIENCE_S)
            except TimeoutError as error:
                raise NoAnswer(f"the chat did not answer within {PATIENCE_S:.0f} s") from error
            if message["type"] != "websocket.send":
                raise NoAnswer("the chat closed the connection")
            frames.append(json.loads(message["text"]))
        return frames

    async def ask(self, text: str, **frame: Any) -> list[dict[str, Any]]:
        """A question and everything up to the end of its answer."""
        await self.send("ask", id=str(uuid4()), text=text, **frame)
        return await self.until("completed", "failed")


def _host() -> str:
    """A name by which this installation may be called."""
    named = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return named[0] if named else "localhost"
