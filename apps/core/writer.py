"""The one writer of a process: group commit.

Whatever was queued while the last commit ran is committed together, and each caller awaits its own outcome. So a
hundred turns share one flush to disk, and nothing is acknowledged before it is durable.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError

from apps.core import faults
from apps.core.store import BlockingStore, Outcome, Store
from apps.domain.errors import OpenRouteError, Overloaded

log = structlog.get_logger(__name__)

MAX_BATCH = 128
MAX_QUEUE = 4096
TRIES = 4
BACK_OFF_S = 0.02
RETRY_S = 1.0
LOST = (OperationalError, InterfaceError)
REFUSED = (
    DatabaseError, OpenRouteError, ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError,
    TypeError, ValueError,
)  # fmt: skip
"""What one operation can cause, be it bad data or a defect in its planning: it must not take the writer with it."""


@dataclass(frozen=True, slots=True)
class _Entry:
    operation: Any
    outcome: "asyncio.Future[Outcome]"
    patient: bool


class Writer:
    """Queue and loop of one process. `now` gives the time that a batch is stamped with."""

    def __init__(self, store: Store, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._queue: deque[_Entry] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self.batches = 0
        self.operations = 0

    def start(self) -> None:
        """Begin to commit, on the running event loop."""
        self._task = asyncio.create_task(self._run(), name="writer")

    def enqueue(self, operation: Any, *, patient: bool = False) -> "asyncio.Future[Outcome]":
        """Queue an operation; the future tells its outcome once it is durable.

        Who stops waiting gives up the outcome, not the operation: it is committed all the same.

        Args:
            operation: what the planner understands.
            patient: a close never gives up while the store is away; an open fails fast instead.

        Raises:
            Overloaded: the queue is full; nothing was written. The future raises it when the store stayed away.
        """
        if not patient and (self._closed or len(self._queue) >= MAX_QUEUE):
            raise Overloaded
        entry = _Entry(operation, asyncio.get_running_loop().create_future(), patient)
        self._queue.append(entry)
        self._wake.set()
        return entry.outcome

    async def submit(self, operation: Any, *, patient: bool = False) -> Outcome:
        """Queue an operation and wait until it is durable; returns its outcome or raises it. See `enqueue`."""
        return await self.enqueue(operation, patient=patient)

    async def drain(self) -> None:
        """Refuse new operations that can wait, commit the rest, and stop."""
        self._closed = True
        while self._queue or not self._idle.is_set():
            await asyncio.wait({asyncio.ensure_future(self._idle.wait())}, timeout=0.05)
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            if not self._queue:
                self._wake.clear()
                self._idle.set()
                await self._wake.wait()
            self._idle.clear()
            batch = [self._queue.popleft() for _ in range(min(MAX_BATCH, len(self._queue)))]
            if faults.active("writer") == "slow":
                await asyncio.sleep(0.2)
            await self._commit(batch)

    async def _commit(self, batch: list[_Entry]) -> None:
        """Commit a batch and tell everybody in it; what the store refuses is halved until the culprit is alone."""
        try:
            outcomes = await self._durable([entry.operation for entry in batch])
        except LOST as error:
            self._store_is_away(batch, error)
            return
        except REFUSED as error:
            await self._halve(batch, error)
            return
        self.batches += 1
        self.operations += len(batch)
        for entry, outcome in zip(batch, outcomes, strict=True):
            _tell(entry, outcome)

    async def _halve(self, batch: list[_Entry], error: Exception) -> None:
        if len(batch) == 1:
            self._alone(batch[0], error)
            return
        middle = len(batch) // 2
        await self._commit(batch[:middle])
        await self._commit(batch[middle:])

    def _alone(self, entry: _Entry, error: Exception) -> None:
        """One operation that cannot be committed: its caller is told, or, for a close, it is tried again later."""
        log.error("writer.refused", operation=type(entry.operation).__name__, error=type(error).__name__)
        if entry.patient and isinstance(error, OpenRouteError):  # the audit trail refuses: it will be back
            asyncio.get_running_loop().call_later(RETRY_S, self._again, entry)
        else:
            _tell(entry, error)

    def _again(self, entry: _Entry) -> None:
        self._queue.append(entry)
        self._wake.set()

    def _store_is_away(self, batch: list[_Entry], error: Exception) -> None:
        log.warning("writer.store_away", waiting=len(batch), error=type(error).__name__)
        for entry in batch:
            if not entry.patient:
                _tell(entry, Overloaded("The database cannot be reached. Nothing was sent; try again in a moment."))
        # In front again, in their order: what was asked first is closed first.
        self._queue.extendleft(reversed([entry for entry in batch if entry.patient]))
        self._wake.set()

    async def _durable(self, operations: Sequence[Any]) -> list[Outcome]:
        """Commit; after a lost connection ask what had been committed, then repeat only the rest."""
        known: dict[int, Outcome] = {}
        lost: Exception | None = None
        for attempt in range(TRIES):
            try:
                if lost is not None:
                    await asyncio.sleep(BACK_OFF_S * 2**attempt)
                    known |= await self._store.committed(operations)
                rest = [operation for place, operation in enumerate(operations) if place not in known]
                fresh = iter(await self._store.commit(rest, self._now()) if rest else ())
                return [known[place] if place in known else next(fresh) for place in range(len(operations))]
            except LOST as error:
                lost = error
        assert lost is not None
        raise lost


def _tell(entry: _Entry, outcome: Outcome) -> None:
    if entry.outcome.done():
        return
    if isinstance(outcome, BaseException):
        entry.outcome.set_exception(outcome)
        entry.outcome.exception()  # its caller may be gone: then nobody else asks, and asyncio would complain
    else:
        entry.outcome.set_result(outcome)


class InlineWriter:
    """Commits each operation at once on the caller's connection: for tests inside one transaction, and commands."""

    def __init__(self, store: BlockingStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def start(self) -> None:
        """Nothing to start."""

    def enqueue(self, operation: Any, *, patient: bool = False) -> "asyncio.Future[Outcome]":
        """See `Writer.enqueue`. The future is done already."""
        outcome = self._store.commit_now([operation], self._now())[0]
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        if isinstance(outcome, BaseException):
            done.set_exception(outcome)
        else:
            done.set_result(outcome)
        return done

    async def submit(self, operation: Any, *, patient: bool = False) -> Outcome:
        """See `Writer.submit`."""
        return await self.enqueue(operation, patient=patient)

    async def drain(self) -> None:
        """Nothing is ever queued."""
