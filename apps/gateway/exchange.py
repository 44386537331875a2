"""One request and its reply over plain ASGI: what was asked, how to answer, and whether the client is still there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Final

from apps.core.headers import DATA_HEADERS, REQUEST_ID, Header, Message, Receive, Scope, Send, header, request_id
from apps.core.lingering import send_last
from apps.domain.errors import OpenRouteError
from apps.gateway import errors, jsonbody
from apps.gateway.jsonbody import ClientGone

JSON: Final[Header] = (b"content-type", b"application/json")
EVENT_STREAM: Final[tuple[Header, ...]] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"x-accel-buffering", b"no"),  # proxies pass each event on
)
LOOK_EVERY_S: Final = 2.0
"""How often a running answer looks whether its reader still takes what is sent and may still read it."""
SEND_TIMEOUT_S: Final = 30.0
"""A reader that takes nothing for so long is cut off."""

Check = Callable[[], Awaitable[None]]


class Exchange:
    """One HTTP request. `started` and `finished` say how far the reply is."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        self.started = self.finished = False
        self.streaming = False
        self._receive, self._send = receive, send
        self._sending_since: float | None = None
        self._interruption: Exception | None = None
        self._identity = request_id(scope)

    def header(self, name: bytes) -> str:
        """The first header of this lower-case name, or an empty string."""
        return header(self.scope, name).decode("latin-1")

    def headers(self, name: bytes) -> list[str]:
        """Every header of this lower-case name, in order."""
        return [value.decode("latin-1") for key, value in self.scope["headers"] if key == name]

    async def body(self) -> bytes:
        """The whole body; see `jsonbody.read`."""
        return await jsonbody.read(self.scope, self._receive)

    async def reply(self, body: bytes, *, status: int = 200, headers: Iterable[Header] = ()) -> None:
        """Answer with one JSON body."""
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, [JSON, length, *headers])
        self.finished = True
        if status == 413:
            await send_last(self._put, self._receive, body)
        else:
            await self._put({"type": "http.response.body", "body": body})

    async def refuse(self, error: OpenRouteError) -> None:
        """Answer with an error in the form of the route, or end a stream that has begun with one."""
        if self.finished:
            return
        with suppress(TimeoutError):  # a reader that takes nothing does not take an error either
            async with asyncio.timeout(SEND_TIMEOUT_S):
                if self.streaming:
                    await self.write(errors.stream_event(error), last=True)
                elif not self.started:
                    await self.reply(errors.body(error, self.path), status=error.status, headers=errors.headers(error))

    async def begin_stream(self, headers: Iterable[Header]) -> None:
        """Start a reply of server-sent events."""
        await self._start(200, [*EVENT_STREAM, *headers])
        self.streaming = True

    async def write(self, data: bytes, *, last: bool = False) -> None:
        """Send a piece of a stream; waits while the reader is slow."""
        self.finished = last
        await self._put({"type": "http.response.body", "body": data, "more_body": not last})

    @asynccontextmanager
    async def watched(self, check: Check) -> AsyncIterator[None]:
        """Interrupt the block when the client leaves or stops reading (`ClientGone`), or with what `check` raises.

        `check` is asked every two seconds whether the reader still may have the answer (promise P02).
        """
        reader = asyncio.current_task()
        assert reader is not None
        watch = asyncio.create_task(self._watch(check, reader))
        try:
            yield
        except asyncio.CancelledError:
            if self._interruption is None or reader.uncancel():
                raise  # somebody else ends this task
            raise self._interruption from None
        finally:
            watch.cancel()

    async def _watch(self, check: Check, reader: "asyncio.Task[object]") -> None:
        """Cancelling reaches a reader that hangs in a send just as well as one that waits for more of the answer."""
        self._interruption = await self._reason_to_stop(check)
        reader.cancel()

    async def _reason_to_stop(self, check: Check) -> Exception:
        clock = asyncio.get_running_loop().time
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    message = await self._receive()
                if message["type"] == "http.disconnect":
                    return ClientGone()
            except TimeoutError:
                if self._sending_since is not None and clock() - self._sending_since > SEND_TIMEOUT_S:
                    return ClientGone()
                try:
                    await check()
                except OpenRouteError as error:
                    return error

    async def _start(self, status: int, headers: list[Header]) -> None:
        self.started = True
        identity = (REQUEST_ID, self._identity.encode())
        await self._put(
            {"type": "http.response.start", "status": status, "headers": [*headers, *DATA_HEADERS, identity]}
        )

    async def _put(self, message: Message) -> None:
        self._sending_since = asyncio.get_running_loop().time()
        await self._send(message)
        self._sending_since = None
