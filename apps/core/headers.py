"""Headers that every surface shares: the request id, and what a browser is told about replies that hold data.

Plain ASGI applications wrap `send` with these; Django's own replies pass through the same wrapper in the dispatcher.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from apps.domain.ids import new_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

REQUEST_ID = b"x-request-id"
_ACCEPTABLE_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

DATA_HEADERS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""For replies that hold a tenant's data: nobody stores them, no browser guesses their type or embeds them."""


def header(scope: Scope, name: bytes) -> bytes:
    """The first header of this lower-case name, or nothing."""
    return next((value for key, value in scope.get("headers", ()) if key == name), b"")


def request_id(scope: Scope) -> str:
    """The caller's id when it is short and harmless, so that a proxy's logs and ours can be joined; else a new one."""
    given = header(scope, REQUEST_ID)
    return given.decode("ascii") if _ACCEPTABLE_ID.fullmatch(given) else new_id().hex


def adding(send: Send, extra: Iterable[Header]) -> Send:
    """A `send` that adds headers to the reply where the application has not set them itself."""
    wanted = tuple(extra)

    async def send_with(message: Message) -> None:
        if message["type"] in {"http.response.start", "websocket.http.response.start", "websocket.accept"}:
            headers = list(message.get("headers", ()))
            present = {key.lower() for key, _ in headers}
            message = {**message, "headers": headers + [pair for pair in wanted if pair[0] not in present]}
        await send(message)

    return send_with
