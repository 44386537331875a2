"""The text of running answers on its way to `TurnChunk`: what a killed process had shown is not lost.

All running answers are written together, four operations a second however many streams a process serves: one operation
per stream took a fifth of what a token costs (apps/adr/0005-hot-path.md).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog
from django.db import DatabaseError

from apps.domain.errors import OpenRouteError
from apps.domain.limits import JOURNAL_S
from apps.turns.operations import AppendTexts, TextPiece

log = structlog.get_logger(__name__)


class Source(Protocol):
    """A running answer."""

    def unwritten(self) -> TextPiece | None:
        """The text since the last call, which is then in the journal's care; None when there is none."""
        ...


class Journal:
    """One per process. `submit` makes an operation durable; nobody waits for it, it is off the token path.

    What could not be written is tried again with the next piece, each answer by itself, until the answer has ended.
    """

    def __init__(self, submit: Callable[[AppendTexts], Awaitable[object]]) -> None:
        self._submit = submit
        self._sources: dict[Source, None] = {}
        self._failed: dict[Source, list[TextPiece]] = {}
        self._ended: set[Source] = set()  # while their last pieces are being written
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, source: Source) -> None:
        """This answer has new text. It is written within `JOURNAL_S`."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # nothing is planned on this loop
            self._plan(loop)
        self._sources[source] = None

    def forget(self, source: Source) -> None:
        """The answer has ended: its close holds the whole text."""
        self._sources.pop(source, None)
        self._failed.pop(source, None)
        if self._writing:
            self._ended.add(source)

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        loop.call_later(JOURNAL_S, self._write)

    def _write(self) -> None:
        self._loop = None
        sources, self._sources = self._sources, {}
        failed, self._failed = self._failed, {}
        found = {source: [piece] for source in sources if (piece := source.unwritten()) is not None}
        for source, pieces in failed.items():
            self._start({source: pieces})
        if found:
            self._start(found)

    def _start(self, found: dict[Source, list[TextPiece]]) -> None:
        task = asyncio.create_task(self._durable(found))
        self._writing.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._writing.discard(task)
        if not self._writing:
            self._ended.clear()

    async def _durable(self, found: dict[Source, list[TextPiece]]) -> None:
        operation = AppendTexts(tuple(piece for pieces in found.values() for piece in pieces))
        try:
            await self._submit(operation)
        except (OpenRouteError, DatabaseError) as error:
            log.warning("turn.journal_failed", answers=len(found), error=type(error).__name__)
            self._keep({source: pieces for source, pieces in found.items() if source not in self._ended})

    def _keep(self, found: dict[Source, list[TextPiece]]) -> None:
        """Try again soon, also when no further text comes."""
        for source, pieces in found.items():
            self._failed.setdefault(source, []).extend(pieces)
        if found and self._loop is None:
            self._plan(asyncio.get_running_loop())
