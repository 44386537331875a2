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
from apps.core.db import Unwritable
from apps.core.store import BlockingStore, Deferred, InDoubt, Outcome, Store
from apps.domain.errors import OpenRouteError, Overloaded

log = structlog.get_logger(__name__)

MAX_BATCH = 128
MAX_QUEUE = 4096
TRIES = 4
BACK_OFF_S = 0.02
RETRY_S = 1.0
DEFERRED_S = 5.0
"""How long an open waits for a row that another session holds; then it is refused, and nothing was sent."""
LOST = (OperationalError, InterfaceError, OSError)
"""The store is away: the database, or on SQLite the file of its gate."""
REFUSED = (
    DatabaseError, OpenRouteError, ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError,
    TypeError, ValueError,
)  # fmt: skip
"""What one operation can cause, be it bad data or a defect in its planning: it must not take the writer with it."""


@dataclass(slots=True)
class _Entry:
    operation: Any
    outcome: "asyncio.Future[Outcome]"
    patient: bool
    until: float
    """When an open that is deferred gives up, in the event loop's time."""
    doubtful: bool = False
    """It may be durable already: it is looked up before it is committed, and its caller is told no guess."""


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
        self._later = 0  # entries that a timer brings back
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
        if not patient and (self._closed or len(self._queue) + self._later >= MAX_QUEUE):
            raise Overloaded
        loop = asyncio.get_running_loop()
        entry = _Entry(operation, loop.create_future(), patient, loop.time() + DEFERRED_S)
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
        await self._store.close()

    async def _run(self) -> None:
        while True:
            if not self._queue:
                self._wake.clear()
                if not self._later:
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
            outcomes = await self._durable(batch)
        except LOST as error:
            self._store_is_away(batch, error)
            return
        except REFUSED as error:
            await self._halve(batch, error)
            return
        self.batches += 1
        self.operations += len(batch)
        for entry, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Deferred):
                self._defer(entry, outcome.after_s)
            else:
                _tell(entry.outcome, outcome)

    def _defer(self, entry: _Entry, after_s: float) -> None:
        """Another session holds a row that this operation needs: it waits aside, and an open not for ever."""
        if not entry.patient and asyncio.get_running_loop().time() > entry.until:
            _tell(
                entry.outcome,
                Overloaded("Another change of the same tenant takes too long. Nothing was sent; try again."),
            )
        else:
            self._again_in(after_s, entry)

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
        if entry.patient and _passes(error):
            self._again_in(RETRY_S, entry)
        else:
            _tell(entry.outcome, error)

    def _again_in(self, seconds: float, entry: _Entry) -> None:
        self._later += 1
        asyncio.get_running_loop().call_later(seconds, self._again, entry)

    def _again(self, entry: _Entry) -> None:
        self._later -= 1
        self._queue.append(entry)
        self._wake.set()

    def _store_is_away(self, batch: list[_Entry], error: Exception) -> None:
        log.warning("writer.store_away", waiting=len(batch), error=type(error).__name__)
        kept = [entry for entry in batch if entry.patient or entry.doubtful]
        trouble = "takes no changes at this moment" if isinstance(error, Unwritable) else "cannot be reached"
        for entry in batch:
            if not (entry.patient or entry.doubtful):
                refusal = Overloaded(f"The database {trouble}. Nothing was sent; try again in a moment.")
                _tell(entry.outcome, refusal)
        # In front again, in their order: what was asked first is closed first.
        self._queue.extendleft(reversed(kept))
        self._wake.set()

    async def _durable(self, batch: Sequence[_Entry]) -> list[Outcome]:
        """Commit; after a lost connection ask what had been committed, then repeat only the rest."""
        operations = [entry.operation for entry in batch]
        known: dict[int, Outcome] = {}
        lost: Exception | None = None
        for attempt in range(TRIES):
            try:
                if lost is not None:
                    await asyncio.sleep(BACK_OFF_S * 2**attempt)
                if lost is not None or any(entry.doubtful for entry in batch):
                    known |= await self._store.committed(operations)
                    for place, entry in enumerate(batch):
                        entry.doubtful = place in known
                rest = [operation for place, operation in enumerate(operations) if place not in known]
                fresh = iter(await self._store.commit(rest, self._now()) if rest else ())
                return [known[place] if place in known else next(fresh) for place in range(len(operations))]
            except LOST as error:
                lost = error
                if isinstance(error, InDoubt):
                    for entry in batch:
                        entry.doubtful = True
        assert lost is not None
        raise lost


def _tell(waiting: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
    if waiting.done():
        return
    if isinstance(outcome, BaseException):
        waiting.set_exception(outcome)
        waiting.exception()  # its caller may be gone: then nobody else asks, and asyncio would complain
    else:
        waiting.set_result(outcome)


def _passes(error: Exception) -> bool:
    """Whether the operation is without fault: the audit trail, say, cannot be written now, and will be back."""
    return isinstance(error, OpenRouteError) and error.status == Overloaded.status


def commit_apart(store: BlockingStore, batch: Sequence[Any], at: datetime) -> list[Outcome]:
    """Commit from synchronous code as a writer does: what is refused is halved until the culprit stands alone.

    Returns one outcome per operation, in order; a culprit's is the exception that it caused.

    Raises:
        LOST, or what stops everybody (the audit trail is away): operations that are not durable have no outcome.
    """
    try:
        return store.commit_now(batch, at)
    except LOST:
        raise
    except REFUSED as error:
        if _passes(error):
            raise
        if len(batch) == 1:
            return [error]
    middle = len(batch) // 2
    return commit_apart(store, batch[:middle], at) + commit_apart(store, batch[middle:], at)


class InlineWriter:
    """Commits each operation at once on the caller's connection: for tests inside one transaction, and commands."""

    def __init__(self, store: BlockingStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def start(self) -> None:
        """Nothing to start."""

    def enqueue(self, operation: Any, *, patient: bool = False) -> "asyncio.Future[Outcome]":
        """See `Writer.enqueue`. The future is done already."""
        done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        (outcome,) = commit_apart(self._store, [operation], self._now())
        _tell(done, outcome)
        return done

    async def submit(self, operation: Any, *, patient: bool = False) -> Outcome:
        """See `Writer.submit`."""
        return await self.enqueue(operation, patient=patient)

    async def drain(self) -> None:
        """Nothing is ever queued."""
