"""Running answers that belong to the turn, not to a socket: many readers, late readers, no reader at all.

The task of a live turn consumes the pipeline, numbers what readers see, keeps the text, and writes it to the journal
every 250 ms, so that a second device, a reload and a killed process lose nothing that was shown.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import structlog
from django.db import DatabaseError

from apps.domain.errors import OpenRouteError, Overloaded
from apps.domain.ids import TurnId
from apps.domain.turn import (
    Accepted,
    Completed,
    Failed,
    Principal,
    Routed,
    Switched,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
    TurnRequest,
)
from apps.turns import runtime
from apps.turns.flow import Broken
from apps.turns.journal import Journal
from apps.turns.operations import Idempotency, TextPiece
from apps.turns.pipeline import answer
from apps.turns.stopping import StopSignal

log = structlog.get_logger(__name__)

LINGER_S = 60.0
"""How long a finished turn can still be resumed from memory; later its message is read."""


class Numbered(NamedTuple):
    """An event as readers see it. `seq` counts 1, 2, 3 ... over text, switches and the end; 0 before them."""

    seq: int
    event: TurnEvent


class LiveTurn:
    """One running answer. Build it with `launch`; read it with `events`, as often as you like."""

    def __init__(self, request: TurnRequest, idempotency: Idempotency | None) -> None:
        self.request = request
        self.routed: Routed | None = None
        self.seq = 0
        self._idempotency = idempotency
        self._stop = StopSignal()
        self._log: list[Numbered] = []
        self._text: list[str] = []
        self._length = 0
        self._waiters: list[asyncio.Future[None]] = []
        self._error: OpenRouteError | None = None
        self._journal: Journal | None = None  # from the first text on
        self._journaled = 0  # pieces of `_text` that are written or being written
        self._journal_at = 0
        self._is_told = False
        self._loop = asyncio.get_running_loop()
        self._accepted: asyncio.Future[Accepted] = self._loop.create_future()
        self._task = asyncio.create_task(self._run(), name=f"turn-{request.turn}")

    @property
    def turn(self) -> TurnId:
        return self.request.turn

    @property
    def principal(self) -> Principal:
        return self.request.principal

    @property
    def is_over(self) -> bool:
        return self._task.done()

    async def accepted(self) -> Accepted:
        """Wait until the question is durable. Raises the `OpenRouteError` that kept it from being recorded."""
        return await asyncio.shield(self._accepted)

    async def over(self) -> None:
        """Wait until the turn has ended and is settled."""
        await asyncio.wait({self._task})

    def stop(self) -> None:
        """End the answer now; its readers get `Completed` with `finish: stopped` once that is durable."""
        self._stop.request()

    def text(self) -> str:
        """The answer so far."""
        return "".join(self._text)

    async def events(self, *, at: int = 0, seq: int = 0) -> AsyncIterator[list[Numbered]]:
        """What a reader lacks, in batches: first a catch-up, then everything as it comes, joined per wake-up.

        Args:
            at: code points of the answer that the reader has.
            seq: the last number that the reader has seen; 0 if none. A switch after it comes first, and the text goes
                on from what the switch kept.
        """
        log = self._log  # what a reader has begun with is never changed, only added to
        place = len(log)
        catch_up = self._catch_up(at, seq)
        if catch_up:
            yield catch_up
        while True:
            if place < len(log):
                fresh, place = log[place:], len(log)
                yield _joined(fresh)
            elif self._task.done():
                return
            else:
                waiter = self._loop.create_future()
                self._waiters.append(waiter)
                await waiter

    def _catch_up(self, at: int, seq: int) -> list[Numbered]:
        if not self._log:
            return []
        found = [entry for entry in self._log if entry.seq > seq or entry.seq == 0]
        start = min([at, *(e.event.keeps for e in found if isinstance(e.event, Switched))])
        heads = [entry for entry in found if isinstance(entry.event, Routed | Switched)]
        if seq:
            heads = [entry for entry in heads if not isinstance(entry.event, Routed)]
        ends = [entry for entry in found if isinstance(entry.event, Completed | Failed)]
        missing = self.text()[start:]
        texts = [entry.seq for entry in self._log if isinstance(entry.event, TextDelta)]
        if missing and texts:
            heads.append(Numbered(texts[-1], TextDelta(self.turn, start, missing)))
        return [*heads, *ends]

    async def _run(self) -> None:
        try:
            async for event in answer(self.request, stop=self._stop, idempotency=self._idempotency):
                self._take(event)
        except OpenRouteError as error:
            self._refuse(error)
        except DatabaseError as error:
            log.warning("turn.store_away", turn=str(self.turn), error=type(error).__name__)
            self._refuse(Overloaded("The database cannot be reached. Try again in a moment."))
        finally:
            if not self._is_told:  # a defect passes by on its way to the log: nobody must wait for ever
                self._refuse(Broken("Something went wrong here. It is logged; ask again."))
            if self._journal is not None:
                self._journal.forget(self)
            self._compact()
            self._wake()
            _linger(self)

    def _refuse(self, error: OpenRouteError) -> None:
        """Tell those who wait for the record of the question, or those who read its answer."""
        self._is_told = True
        if not self._accepted.done():
            self._accepted.set_exception(error)
            self._accepted.exception()
            return
        log.warning("turn.interrupted", turn=str(self.turn), code=error.code)
        failed = Failed(self.turn, error.code, error.detail, error.status, bool(self._length), self._length, 0)
        self._number(failed)

    def _take(self, event: TurnEvent) -> None:
        if isinstance(event, TextDelta):
            self._text.append(event.text)
            self._length += len(event.text)
            self._journal = self._journal or runtime.current().journal
            self._journal.note(self)
        elif isinstance(event, Accepted):
            self._accepted.set_result(event)
            return
        elif isinstance(event, Routed):
            self.routed = event
            self._log.append(Numbered(0, event))
            self._wake()
            return
        self._number(event)

    def _number(self, event: TurnEvent) -> None:
        self._is_told = self._is_told or isinstance(event, Completed | Failed)
        self.seq += 1
        self._log.append(Numbered(self.seq, event))
        self._wake()

    def _compact(self) -> None:
        """Nothing comes any more: what lingers is one piece of text, not an object for each of its tokens."""
        self._log, self._text = _joined(self._log), [self.text()]
        self._journaled = len(self._text)

    def _wake(self) -> None:
        """Wake every reader; each looks up in the log what it lacks."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def unwritten(self) -> TextPiece | None:
        """The text that the journal has not got yet; it has it with this call."""
        text = "".join(self._text[self._journaled :])
        if not text:
            return None
        at, self._journal_at = self._journal_at, self._journal_at + len(text)
        self._journaled = len(self._text)
        return TextPiece(self.turn, self.principal.tenant, at, self.seq, text)


def _joined(entries: list[Numbered]) -> list[Numbered]:
    """Neighbouring pieces of text as one, under the newest number: one frame per wake-up, not per token."""
    if len(entries) == 1 and not isinstance(entries[0].event, ToolCallDelta):
        return entries
    joined: list[Numbered] = []
    for entry in entries:
        last = joined[-1].event if joined else None
        if isinstance(entry.event, TextDelta) and isinstance(last, TextDelta):
            merged = TextDelta(last.turn, last.at, last.text + entry.event.text)
            joined[-1] = Numbered(entry.seq, merged)
        elif not isinstance(entry.event, ToolCallDelta):
            joined.append(entry)
    return joined


_turns: dict[TurnId, LiveTurn] = {}


def launch(request: TurnRequest, idempotency: Idempotency | None = None) -> LiveTurn:
    """Start answering. The turn goes on whoever reads it; `accepted()` tells when it is on record."""
    live = LiveTurn(request, idempotency)
    _turns[request.turn] = live
    return live


def find(turn: TurnId) -> LiveTurn | None:
    """The turn, when this process answers it or did a minute ago."""
    return _turns.get(turn)


def running() -> tuple[LiveTurn, ...]:
    """Every turn that this process is answering now."""
    return tuple(live for live in _turns.values() if not live.is_over)


def _linger(live: LiveTurn) -> None:
    asyncio.get_running_loop().call_later(LINGER_S, _turns.pop, live.turn, None)
