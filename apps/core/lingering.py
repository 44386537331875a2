"""The end of a connection whose client is still sending, so that it gets its answer.

A close with unread bytes resets the connection, and the reset overtakes the answer (RFC 9112, section 9.6).
"""

import asyncio
from contextlib import suppress
from typing import Final

from apps.core.headers import Receive, Send
from apps.domain.limits import MAX_BODY_BYTES

LINGER_S: Final = 5.0
LINGER_BYTES: Final = 4 * MAX_BODY_BYTES


async def send_last(send: Send, receive: Receive, body: bytes) -> None:
    """Send the whole body of a reply, then read and drop what still comes, within bounds, before the reply ends."""
    await send({"type": "http.response.body", "body": body, "more_body": True})
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            await _drop(receive)
    await send({"type": "http.response.body", "body": b""})


async def _drop(receive: Receive) -> None:
    left = LINGER_BYTES
    while left > 0:
        message = await receive()
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return
        left -= len(message.get("body", b""))
