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
    """One per process. `submit` makes an operation durable; nobody waits for it, it is off the token path."""

    def __init__(self, submit: Callable[[AppendTexts], Awaitable[object]]) -> None:
        self._submit = submit
        self._sources: dict[Source, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, source: Source) -> None:
        """This answer has new text. It is written within `JOURNAL_S`."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:  # nothing is planned on this loop
            self._loop = loop
            loop.call_later(JOURNAL_S, self._write)
        self._sources[source] = None

    def forget(self, source: Source) -> None:
        """The answer has ended: its close holds the whole text."""
        self._sources.pop(source, None)

    def _write(self) -> None:
        assert self._loop is not None
        sources, self._sources = self._sources, {}
        pieces = tuple(piece for source in sources if (piece := source.unwritten()) is not None)
        if pieces:
            task = self._loop.create_task(self._durable(AppendTexts(pieces)))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        self._loop = None

    async def _durable(self, operation: AppendTexts) -> None:
        try:
            await self._submit(operation)
        except (OpenRouteError, DatabaseError) as error:  # the text is in memory still, and the close will hold it
            log.warning("turn.journal_failed", answers=len(operation.pieces), error=type(error).__name__)
