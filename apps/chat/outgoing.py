"""The way out of one socket: one frame after the other, bounded, and never faster than its reader."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

MAX_WAITING_BYTES: Final = 1_000_000


class Outgoing:
    """Frames of one socket. `send` waits while the transport is full; `overflow` is called when a reader is too slow.

    Who streams uses `put` and so waits for the reader; what comes unasked uses `offer` and waits in here.
    """

    def __init__(self, send: Callable[[str], Awaitable[None]], overflow: Callable[[], None]) -> None:
        self._send = send
        self._overflow = overflow
        self._clock = asyncio.get_running_loop().time
        self._turn = asyncio.Lock()  # fair: frames leave in the order in which they came
        self._waiting_bytes = 0
        self._offers: set[asyncio.Task[None]] = set()
        self.stuck_since: float | None = None
        """When the frame that is being sent was begun, in the loop's seconds; None while nothing is being sent."""

    async def put(self, frame: str) -> None:
        """Send one frame, behind those that came before it."""
        turn = self._turn
        await turn.acquire()  # by hand: once per token, and `async with` is two calls more
        try:
            self.stuck_since = self._clock()
            await self._send(frame)
        finally:
            self.stuck_since = None
            turn.release()

    def offer(self, frame: str) -> None:
        """Send one frame as soon as the reader is ready; at most a megabyte may wait."""
        size = len(frame.encode())
        if self._waiting_bytes + size > MAX_WAITING_BYTES:
            self._overflow()
            return
        self._waiting_bytes += size
        task = asyncio.create_task(self._put_offered(frame, size))
        self._offers.add(task)
        task.add_done_callback(self._offers.discard)

    async def _put_offered(self, frame: str, size: int) -> None:
        try:
            await self.put(frame)
        finally:
            self._waiting_bytes -= size

    def close(self) -> None:
        """Drop what waits."""
        for task in self._offers:
            task.cancel()


class FrameRate:
    """A token bucket for what a client sends. `clock` gives seconds."""

    def __init__(self, *, per_second: float, burst: float, clock: Callable[[], float]) -> None:
        self._per_second, self._burst, self._clock = per_second, burst, clock
        self._level, self._at = burst, clock()

    def admit(self) -> bool:
        """Count one frame; False when the client sends too many."""
        now = self._clock()
        self._level = min(self._burst, self._level + (now - self._at) * self._per_second)
        self._at = now
        if self._level < 1.0:
            return False
        self._level -= 1.0
        return True
