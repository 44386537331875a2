"""Commits the batches of a writer to PostgreSQL, on the event loop, in two round trips each.

1. BEGIN and the planner's reads, locked in the house's order; 2. a statement per table, and COMMIT.

Where another session holds a row for longer than `LOCK_TIMEOUT_MS`, the batch is run again without the operations that
need it: those are deferred, their neighbours are committed at once.
"""

import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure, UniqueViolation

from apps.core.db import telling_unwritable
from apps.core.postgres import statements
from apps.core.postgres.holds import Holds, Key
from apps.core.postgres.link import Link, Session
from apps.core.store import Deferred, InDoubt, Outcome, Planner
from apps.core.writes import Read, Rows

log = structlog.get_logger(__name__)

RACES = (DeadlockDetected, SerializationFailure, UniqueViolation)
"""Somebody else was there at the same time: planned again, the batch sees what they wrote."""
_BLOCKED = object()
BLOCKED_S = 1.0
"""When an operation is tried again whose writes, not reads, wait for another session."""


class _WriteBlocked(Exception):
    """A row that is written without having been locked before is held by another session."""


class PostgresStore:
    """A store over a connection of its own. It belongs to the event loop that first commits; see `core.store.Store`.

    Errors are those of `django.db`, as from the ORM.
    """

    def __init__(self, planner: Planner, *, alias: str = DEFAULT_DB_ALIAS) -> None:
        self._planner = planner
        self._alias = alias
        self._link: Link | None = None
        self._lost: Session | None = None
        self._holds = Holds()

    async def commit(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        """Commit a batch. An operation whose rows are held by another session has the outcome `Deferred`.

        All others become durable together, or an error is raised and nothing does: `OperationalError` or
        `InterfaceError` where the connection was lost, another `DatabaseError` where the database refuses the batch.

        Raises:
            InDoubt: the connection was lost after COMMIT had been sent; ask `committed`.
            Unwritable: the database takes no changes, whoever makes them.
        """
        with telling_unwritable(), connections[self._alias].wrap_database_errors:
            try:
                return await (self._commit_around(batch, at) if self._holds else self._commit(batch, at))
            except _WriteBlocked as error:
                if len(batch) == 1:
                    return [Deferred(BLOCKED_S)]
                # The writer halves the batch: whoever is left alone is deferred.
                raise DatabaseError("A row that the batch writes is held by another session.") from error

    async def committed(self, batch: Sequence[Any]) -> dict[int, Outcome]:
        """After a lost connection: outcomes, by position, of operations that had been committed all the same."""
        with connections[self._alias].wrap_database_errors:
            link, reads = await self._connected(), self._planner.traces(batch)
            async with link.pipeline():
                rows, _ = await self._read(link, reads, skip=False)
        return self._planner.committed(batch, rows)

    async def close(self) -> None:
        """Give the connection back; a later commit opens a new one."""
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    # --- whom to commit

    async def _commit_around(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        """While rows are known to be held: those who need one that is due try alone, else the others go on without."""
        now = time.monotonic()
        self._holds.forget_old(now)
        waits = [self._holds.wait_s(self._needs([operation]), now) for operation in batch]
        due = [place for place, wait_s in enumerate(waits) if wait_s == 0]
        chosen = due or [place for place, wait_s in enumerate(waits) if wait_s is None]
        outcomes: list[Outcome] = [Deferred(wait_s or 0.0) for wait_s in waits]
        if chosen:
            fresh = await self._commit([batch[place] for place in chosen], at)
            for place, outcome in zip(chosen, fresh, strict=True):
                outcomes[place] = outcome
        return outcomes

    async def _commit(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        """Wait for locks, but not for long; then pass by what is held."""
        try:
            return await self._transact(batch, at)
        except RACES as error:
            log.info("writer.race", error=type(error).__name__, operations=len(batch))
            return await self._transact(batch, at)

    # --- one transaction

    async def _transact(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        try:
            outcomes, _ = await self._run(batch, at, skip=False)
        except LockNotAvailable:
            return await self._skipping(batch, at)
        if self._holds:
            self._holds.freed(self._needs(batch))
        return outcomes

    async def _skipping(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        """Commit what needs no row that is held by another session; defer the rest."""
        outcomes, held = await self._run(batch, at, skip=True)
        wait_s = self._holds.held(held, time.monotonic())
        outcomes = [Deferred(wait_s) if outcome is _BLOCKED else outcome for outcome in outcomes]
        deferred = sum(isinstance(outcome, Deferred) for outcome in outcomes)
        log.info("writer.deferred", rows=len(held), operations=deferred, committed=len(batch) - deferred)
        return outcomes

    async def _run(self, batch: Sequence[Any], at: datetime, *, skip: bool) -> tuple[list[Outcome], set[Key]]:
        """One try. With `skip`, operations that need a held row have the outcome `_BLOCKED`; the rows come with it."""
        link, is_writing = await self._connected(), False
        try:
            async with link.transaction():
                rows, held = await self._read(link, self._planner.reads(batch), skip=skip)
                is_writing = True
                blocked = [bool(held) and not held.isdisjoint(self._needs([operation])) for operation in batch]
                ready = [operation for operation, is_blocked in zip(batch, blocked, strict=True) if not is_blocked]
                fresh = iter(await self._write(link, ready, rows, at) if ready else ())
        except LockNotAvailable as error:
            if is_writing:
                raise _WriteBlocked from error
            raise
        except psycopg.Error as error:
            if link.in_doubt:
                raise InDoubt(str(error)) from error
            raise
        return [_BLOCKED if is_blocked else next(fresh) for is_blocked in blocked], held

    async def _read(self, link: Link, reads: Sequence[Read], *, skip: bool) -> tuple[Rows, set[Key]]:
        """The rows of a batch in lock order; with `skip`, also the keys of those that another session has locked.

        A row that was passed by looks like one that does not exist, so all are looked up again without locks, after
        the locking reads: what is not seen then is not there, what is seen and not locked is held.
        """
        wanted = [read for read in reads if read.ids]
        asked = [(read, await link.execute(*statements.read(read, self._alias, skip=skip))) for read in wanted]
        looked = {
            place: await link.execute(*statements.look(read, self._alias))
            for place, read in enumerate(wanted)
            if skip and read.lock
        }
        rows, held = Rows(), set[Key]()
        for place, (read, cursor) in enumerate(asked):
            found = statements.found(read, await cursor.fetchall(), self._alias)
            rows.add(read.model, found)
            if place in looked:
                ours = {row[read.key] for row in found}
                held |= {(read.model, key) for (key,) in await looked[place].fetchall() if key not in ours}
        return rows, held

    def _needs(self, batch: Sequence[Any]) -> set[Key]:
        """The rows that these operations lock."""
        return {(read.model, key) for read in self._planner.reads(batch) if read.lock for key in read.ids}

    async def _write(self, link: Link, batch: Sequence[Any], rows: Rows, at: datetime) -> list[Outcome]:
        writes, outcomes = self._planner.plan(batch, rows, at)
        for sql, parameters in statements.writes(writes, self._alias):
            await link.execute(sql, parameters)
        return outcomes

    # --- the connection

    async def _connected(self) -> Link:
        """The open connection, or a new one; the session of a lost one is ended before anything else is done.

        Otherwise it could still commit what it was sent, after somebody has looked whether it had.
        """
        link = self._link
        if link is not None and not link.closed:
            return link
        if link is not None:
            self._link, self._lost = None, link.session
        link = await Link.open(self._alias)
        async with AsyncExitStack() as undo:
            undo.push_async_callback(link.close)
            if self._lost is not None:
                await link.end(self._lost)
            undo.pop_all()
        self._link, self._lost = link, None
        return link
