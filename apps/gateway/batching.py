"""Turns events that come one by one into batches of what is there at once, so that each batch is one write.

No timers: a batch is what arrived since the reader last looked. While the reader is slow, batches grow up to a bound;
then the source waits.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MAX_WAITING: Final = 1024
"""Events that may wait for a slow reader."""


class Batches(Generic[T]):
    """Reads a source in a task of its own. Use as an async context manager: leaving it stops and closes the source."""

    def __init__(self, source: AsyncGenerator[T, None]) -> None:
        self._source = source
        self._waiting: list[T] = []
        self._reader: asyncio.Future[None] | None = None  # set while it waits for news
        self._room = asyncio.Event()

    async def __aenter__(self) -> "Batches[T]":
        self._task = asyncio.create_task(self._read())
        self._task.add_done_callback(lambda _: self._wake())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cancels the source and waits until it has closed: a turn settles what was produced."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def __aiter__(self) -> AsyncIterator[list[T]]:
        """Batches in order, never empty. Raises what the source raised, after everything that came before it."""
        while True:
            if not self._waiting and not self._task.done():
                self._reader = asyncio.get_running_loop().create_future()
                await self._reader
            ended = self._task.done()
            batch, self._waiting = self._waiting, []
            self._room.set()
            if batch:
                yield batch
            if ended:
                self._task.result()
                return

    async def _read(self) -> None:
        async with aclosing(self._source):
            async for event in self._source:
                self._waiting.append(event)
                self._wake()
                if len(self._waiting) >= MAX_WAITING:
                    self._room.clear()
                    await self._room.wait()

    def _wake(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.set_result(None)
