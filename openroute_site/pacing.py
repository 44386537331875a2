"""Who is refused again and again waits for it: a flood of refused requests must not slow those who are served.

Refusing costs a part of a millisecond of the one event loop, so a client that sends refused requests as fast as it can
would use it up. Its refusals are answered at a steady pace instead; what it sends over its other connections waits
behind them. Whatever is not refused is never held back. The limits themselves (promise P30) stay where they are.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from apps.core.headers import Message, Scope, Send

REFUSALS: Final = frozenset({400, 401, 413, 429})
"""What a client should not send again: nobody known, too often, not understood, too large."""
PER_S: Final = 100.0
BURST: Final = 200
LONGEST_S: Final = 2.0
"""How long one refusal is held back at most: clients have time-outs, and each wait holds a connection."""
MAX_CLIENTS: Final = 10_000
"""Addresses that are remembered; beyond, those whose burst is full again are forgotten."""


class Pace:
    """The pace of refusals, one client address apart from the other. `clock` gives monotonic seconds.

    The usual virtual scheduling (GCRA, as in ATM's traffic control): kept is when the next refusal would be on time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._on_time: dict[str, float] = {}

    def wait_s(self, client: str) -> float:
        """Count one refusal; returns how long it is to be held back."""
        now = self._clock()
        on_time = max(self._on_time.pop(client, now), now)
        if len(self._on_time) >= MAX_CLIENTS:
            self._forget(now)
        waits = on_time - now - BURST / PER_S
        # Beyond the longest wait nothing adds up: who stops is served as others are a moment later.
        self._on_time[client] = on_time if waits >= LONGEST_S else on_time + 1 / PER_S
        return min(max(waits, 0.0), LONGEST_S)

    def _forget(self, now: float) -> None:
        self._on_time = {client: at for client, at in self._on_time.items() if at > now}
        while len(self._on_time) >= MAX_CLIENTS:
            del self._on_time[next(iter(self._on_time))]  # the one that was refused longest ago

    def pacing(self, scope: Scope, send: Send) -> Send:
        """`send` for one request, which holds a refusal back."""

        async def paced(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in REFUSALS:
                wait_s = self.wait_s((scope.get("client") or ("",))[0])
                if wait_s:
                    await asyncio.sleep(wait_s)
            await send(message)

        return paced
