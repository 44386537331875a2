"""A client of the chat's socket, as tests speak it."""

import asyncio
from typing import Any, Self
from uuid import uuid4

import orjson
from channels.testing import WebsocketCommunicator
from django.db import connections

from apps.chat.consumers import ChatConsumer

Frame = dict[str, Any]


def _within_the_test(application: Any) -> Any:
    """The communicator begins with an empty context; give it the connection that holds the test's transaction."""
    connection = connections["default"]

    async def run(scope: Any, receive: Any, send: Any) -> None:
        connections["default"] = connection
        await application(scope, receive, send)

    return run


class Client:
    """One connection. `async with` signs in and, at the end, leaves like a browser that goes away."""

    def __init__(self, **headers: str) -> None:
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._wire = WebsocketCommunicator(_within_the_test(ChatConsumer.as_asgi()), "/ws/v1/chat", headers=raw)

    async def __aenter__(self) -> Self:
        connected, _ = await self._wire.connect(timeout=5)
        assert connected
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wire.disconnect()

    async def send(self, type: str, **fields: Any) -> None:  # noqa: A002 - the name on the wire
        await self._wire.send_to(text_data=orjson.dumps({"type": type, **fields}).decode())

    async def send_raw(self, text: str | None = None, data: bytes | None = None) -> None:
        await self._wire.send_input({"type": "websocket.receive", "text": text, "bytes": data})

    async def next(self, timeout: float = 2) -> Frame:
        frame: Frame = orjson.loads(await self._wire.receive_from(timeout=timeout))
        return frame

    async def until(self, *types: str) -> list[Frame]:
        """Frames up to and with the first one of these types."""
        frames = [await self.next()]
        while frames[-1]["type"] not in types:
            frames.append(await self.next())
        return frames

    async def is_silent(self) -> bool:
        return bool(await self._wire.receive_nothing(timeout=0.05, interval=0.01))

    async def closed(self, timeout: float = 2) -> int:
        """The code with which the server closes; frames before it are dropped."""
        async with asyncio.timeout(timeout):
            while True:
                message = await self._wire.receive_output(timeout=timeout)
                if message["type"] == "websocket.close":
                    return int(message["code"])

    async def ask(self, text: str = "How do tides work?", **fields: Any) -> Frame:
        """Ask and return `accepted`."""
        await self.send("ask", **({"id": str(uuid4()), "text": text} | fields))
        frame = await self.next()
        assert frame["type"] == "accepted", frame
        return frame


def text_of(frames: list[Frame]) -> str:
    """The text that a client has after these frames: deltas by their offset, switches cut it back."""
    text = ""
    for frame in frames:
        if frame["type"] == "delta":
            assert frame["at"] <= len(text), "a hole"
            text = text[: frame["at"]] + frame["text"]
        elif frame["type"] == "switched":
            text = text[: frame["keeps"]]
    return text
