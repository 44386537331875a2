"""Running answers that belong to the turn, not to a socket: many readers, late readers, no reader at all.

The task of a live turn consumes the pipeline, numbers what readers see, keeps the text, and writes it to the journal
every 250 ms, so that a second device, a reload and a killed process lose nothing that was shown.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import structlog
from django.db import DatabaseError, InterfaceError

from apps.domain.errors import OpenRouteError, Overloaded
from apps.domain.ids import TurnId
from apps.domain.privacy import Sensitivity
from apps.domain.turn import (
    Accepted,
    Completed,
    Failed,
    Labelled,
    Principal,
    Routed,
    Switched,
    TextDelta,
    TurnEvent,
    TurnRequest,
)
from apps.turns import runtime
from apps.turns.growing import GrowingText
from apps.turns.journal import Journal
from apps.turns.operations import Idempotency, TextPiece
from apps.turns.pipeline import answer
from apps.turns.received import Broken
from apps.turns.stopping import StopSignal

log = structlog.get_logger(__name__)

LINGER_S = 5.0
"""How long a finished turn can still be resumed from memory; later its message is read, which is there by then."""


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
        self._marks: list[Numbered] = []  # all but the text, of which only the newest number is kept
        self._text = GrowingText()
        self._text_seq = 0
        self._label = Sensitivity.CLEAN  # what was found since `routed`, in the answer or by newer rules
        self._waiters: list[asyncio.Future[None]] = []
        self._error: OpenRouteError | None = None
        self._journal: Journal | None = None  # from the first text on
        self._journaled = 0  # code points of `_text` that are written or being written
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
        return str(self._text)

    async def events(self, *, at: int = 0, seq: int = 0) -> AsyncIterator[list[Numbered]]:
        """What a reader lacks, in batches: first a catch-up, then everything as it comes, joined per wake-up.

        Args:
            at: code points of the answer that the reader has.
            seq: the last number that the reader has seen; 0 if none. A switch after it comes first, and the text goes
                on from what the switch kept.
        """
        knows_route, told = bool(seq), Sensitivity.CLEAN
        while True:
            news, told = self._since(at, seq, knows_route=knows_route, told=told), self._label
            if news:
                at, seq = _place_after(news, at, seq)
                knows_route = True
                yield news
            elif self._task.done():
                return
            else:
                waiter = self._loop.create_future()
                self._waiters.append(waiter)
                await waiter

    def _since(self, at: int, seq: int, *, knows_route: bool, told: Sensitivity) -> list[Numbered]:
        """What a reader lacks that has so much: marks, then the text that is missing as one piece, then the end.

        In the common case this is one new piece of text. A reader that is slow, late or back again gets one piece for
        all that it missed, so nothing is ever queued for a reader.
        """
        heads: list[Numbered] = []
        ends: list[Numbered] = []
        for mark in self._marks:
            if isinstance(mark.event, Routed):
                if not knows_route:
                    heads.append(mark)
            elif mark.seq > seq:
                (heads if isinstance(mark.event, Switched) else ends).append(mark)
                if isinstance(mark.event, Switched):
                    at = min(at, mark.event.keeps)
        if missing := self._text.since(at):
            heads.append(Numbered(self._text_seq, TextDelta(self.turn, at, missing)))
        if self._label > told:
            heads.append(Numbered(0, Labelled(self.turn, self._label)))
        return heads + ends

    async def _run(self) -> None:
        try:
            events = answer(self.request, stop=self._stop, idempotency=self._idempotency, text=self._text)
            async for event in events:
                self._take(event)
        except OpenRouteError as error:
            self._refuse(error)
        except (DatabaseError, InterfaceError) as error:
            log.warning("turn.store_away", turn=str(self.turn), error=type(error).__name__)
            self._refuse(Overloaded("The database cannot be reached. Try again in a moment."))
        finally:
            if not self._is_told:  # a defect passes by on its way to the log: nobody must wait for ever
                self._refuse(Broken("Something went wrong here. It is logged; ask again."))
            if self._journal is not None:
                self._journal.forget(self)
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
        length = self._text.length
        failed = Failed(self.turn, error.code, error.detail, error.status, bool(length), length, 0)
        self._number(failed)

    def _take(self, event: TurnEvent) -> None:
        if isinstance(event, TextDelta):
            self.seq += 1
            self._text_seq = self.seq  # the pipeline has put it into `_text`
            self._journal = self._journal or runtime.current().journal
            self._journal.note(self)
            self._wake()
        elif isinstance(event, Accepted):
            self._accepted.set_result(event)
        elif isinstance(event, Routed):
            self.routed = event
            self._marks.append(Numbered(0, event))
            self._wake()
        elif isinstance(event, Labelled):
            self._raise(event.sensitivity)
        elif isinstance(event, Switched | Completed | Failed):  # tool calls belong to the developer API
            self._number(event)

    def _number(self, event: Switched | Completed | Failed) -> None:
        self._is_told = self._is_told or isinstance(event, Completed | Failed)
        self.seq += 1
        self._marks.append(Numbered(self.seq, event))
        if isinstance(event, Switched):
            self._raise(event.sensitivity)
        self._wake()

    def _raise(self, label: Sensitivity | None) -> None:
        known = self.routed.sensitivity if self.routed else Sensitivity.CLEAN
        if label is not None and label > max(known, self._label):
            self._label = label
            self._wake()

    def _wake(self) -> None:
        """Wake every reader; each looks up in the log what it lacks."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def unwritten(self) -> TextPiece | None:
        """The text that the journal has not got yet; it has it with this call."""
        at, text = self._journaled, self._text.since(self._journaled)
        if not text:
            return None
        self._journaled += len(text)
        return TextPiece(self.turn, self.principal.tenant, at, self.seq, text)


def _place_after(news: list[Numbered], at: int, seq: int) -> tuple[int, int]:
    """Where a reader is who was at this offset and number, and then read this."""
    for entry in news:
        seq = max(seq, entry.seq)
        if isinstance(entry.event, TextDelta):
            at = entry.event.at + len(entry.event.text)
        elif isinstance(entry.event, Switched):
            at = min(at, entry.event.keeps)
    return at, seq


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
