"""The front door: a plain ASGI dispatcher. It guards, chooses a surface, and decides nothing else.

    lifespan          -> start-up and drain of the process
    websocket         -> the socket application, where it knows the path; else 404
    /v1, /v1/...      -> the developer API, which brings its own guards
    everything else   -> Django

It stands before Django's middleware because those alone cost more than a whole answer may cost.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from django.http.request import split_domain_port, validate_host

from apps.core import metrics
from apps.core.headers import REQUEST_ID, Application, Message, Receive, Scope, Send, adding, header, request_id
from apps.core.http_errors import send_error
from apps.domain.limits import MAX_BODY_BYTES
from openroute_site.pacing import Pace

log = structlog.get_logger(__name__)

Hook = Callable[[], Awaitable[None]]
BAD_NUL: Final = "The address contains a NUL character, which no text here may hold."


class Lifecycle:
    """Starts the process once per event loop, and drains it once.

    A server with lifespan starts it before the first request. One without (daphne) starts it with the first request;
    concurrent first requests wait for the same start, and a failed start is tried again by the next request.
    """

    def __init__(self, startup: Hook, shutdown: Hook, *, deadline_s: float) -> None:
        self._startup, self._shutdown, self._deadline_s = startup, shutdown, deadline_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock: asyncio.Lock | None = None
        self._ready = False

    async def ensure_started(self) -> None:
        """Return at once when this loop's process is up; else start it."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._lock, self._ready = loop, asyncio.Lock(), False
        if self._ready or self._lock is None:
            return
        async with self._lock:
            if not self._ready:
                await self._startup()
                self._ready = True

    async def serve(self, receive: Receive, send: Send) -> None:
        """Speak the lifespan protocol: the server waits for our word before it accepts, and before it exits."""
        await receive()
        try:
            await self.ensure_started()
        except BaseException as error:
            await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        try:
            await asyncio.wait_for(self._shutdown(), self._deadline_s)
        except TimeoutError:
            log.warning("drain.deadline_passed", seconds=self._deadline_s)
        self._ready = False
        await send({"type": "lifespan.shutdown.complete"})


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """The ASGI application that servers run. `knows_socket` says whether a websocket path leads anywhere."""

    lifecycle: Lifecycle
    django: Application
    developer_api: Application
    sockets: Application
    knows_socket: Callable[[str], bool]
    allowed_hosts: Callable[[], list[str]]
    pace: Pace = field(default_factory=Pace)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifecycle.serve(receive, send)
            return
        await self.lifecycle.ensure_started()
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["path"] == "/v1" or scope["path"].startswith("/v1/"):
            send = self.pace.pacing(scope, metrics.counting(send, surface="developer_api"))
            await self.developer_api(scope, receive, send)
        else:
            await self._page(scope, receive, send)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = "" if self._host_is_allowed(scope) else "invalid_request"
        if not refusal and not self.knows_socket(scope["path"]):
            refusal = "not_found"
        if not refusal:
            with metrics.SOCKETS.track_inprogress():
                await self.sockets(scope, receive, send)
        elif "websocket.http.response" in scope.get("extensions", {}):
            await send_error(send, refusal, websocket=True)
        else:
            await send({"type": "websocket.close", "code": 1008})  # before accept: the server answers 403

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        identity = request_id(scope)
        structlog.contextvars.bind_contextvars(request=identity)
        send = metrics.counting(adding(send, [(REQUEST_ID, identity.encode())]), surface="django")
        send = self.pace.pacing(scope, send)
        if not self._host_is_allowed(scope):
            await send_error(send, "invalid_request", detail="The Host header names a host that is not served here.")
        elif "\x00" in scope["path"] or b"%00" in scope.get("query_string", b""):
            await send_error(send, "invalid_request", detail=BAD_NUL)
        elif _announced_length(scope) > MAX_BODY_BYTES:
            await send_error(send, "too_large", unread=receive)
        else:
            body = CountedBody(receive, send, limit=MAX_BODY_BYTES)
            await self.django(scope, body.receive, body.send)

    def _host_is_allowed(self, scope: Scope) -> bool:
        domain, _ = split_domain_port(header(scope, b"host").decode("latin-1"))
        return bool(domain) and validate_host(domain, self.allowed_hosts())


def _announced_length(scope: Scope) -> int:
    length = header(scope, b"content-length")
    return int(length) if length.isdigit() else 0


class CountedBody:
    """Counts a body that did not announce its length while it arrives, and cuts it off where it passes the limit.

    Django sees the client gone, while the client gets its 413: whatever Django still says is dropped.
    """

    def __init__(self, receive: Receive, send: Send, *, limit: int) -> None:
        self._receive, self._send, self._left = receive, send, limit
        self._cut = False

    async def receive(self) -> Message:
        """The next piece, or a disconnection when the body has become too large."""
        if self._cut:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self._cut = True
            await send_error(self._send, "too_large", unread=self._receive)
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        """Pass on what the application says, unless the reply was already given."""
        if not self._cut:
            await self._send(message)
