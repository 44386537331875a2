"""Commits one batch in one transaction over Django's own connection: SQLite, and every synchronous caller.

A store knows statements and transactions; what a batch means is the planner's business. The writer's store on
PostgreSQL is `core.postgres.store`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

from apps.core import bulk, db
from apps.core.threads import in_writer
from apps.core.writes import Read, Rows, WriteSet
from apps.domain.errors import OpenRouteError

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a lock that was waited for in vain."""

Outcome = Any
"""What an operation's caller gets: a value, or an exception that stands for a refusal of this one operation."""


class Planner(Protocol):
    """Turns a batch of operations into rows, purely. Composed above `core` and injected at start."""

    def reads(self, batch: Sequence[Any]) -> Sequence[Read]:
        """What must be read under lock before planning, in lock order."""
        ...

    def plan(self, batch: Sequence[Any], rows: Rows, at: datetime) -> tuple[WriteSet, list[Outcome]]:
        """What is to be written, and one outcome per operation in order."""
        ...

    def traces(self, batch: Sequence[Any]) -> Sequence[Read]:
        """What a committed batch would have left behind, for `committed`; read without locks."""
        ...

    def committed(self, batch: Sequence[Any], rows: Rows) -> dict[int, Outcome]:
        """After a lost connection: outcomes, by position, of operations that had reached the database all the same."""
        ...


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not an outcome yet: another session holds a row that the operation needs. Commit it again after `after_s`."""

    after_s: float


class InDoubt(OperationalError):
    """The connection was lost after COMMIT had been sent: `Store.committed` tells, once the database is back."""


class Held(OpenRouteError):
    """Another session holds a row that the batch needs; nothing of it was committed."""

    code, status = "overloaded", 503


class Store(Protocol):
    """Where a writer commits."""

    async def commit(self, batch: Sequence[Any], at: datetime) -> list[Outcome]: ...

    async def committed(self, batch: Sequence[Any]) -> dict[int, Outcome]: ...

    async def close(self) -> None: ...


class BlockingStore:
    """A store over Django's connection of the calling thread; the writer calls it on a thread of its own.

    `lock_timeout_ms`: how long a row that another session holds is waited for on PostgreSQL; None: for ever.
    """

    def __init__(self, planner: Planner, *, lock_timeout_ms: int | None = None) -> None:
        self._planner = planner
        self._lock_timeout_ms = lock_timeout_ms

    def commit_now(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        """Commit a batch from synchronous code (the sweeper, commands). All of it becomes durable, or nothing does.

        Raises:
            Held: a row was waited for in vain.
        """
        connection = connections[DEFAULT_DB_ALIAS]  # this thread's own, without the proxy on every attribute
        try:
            with db.atomic(), connection.cursor() as cursor:
                if self._lock_timeout_ms is not None and connection.vendor == "postgresql":
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [str(self._lock_timeout_ms)])
                rows = bulk.read(cursor, connection, self._planner.reads(batch))
                writes, outcomes = self._planner.plan(batch, rows, at)
                bulk.write(cursor, connection, writes)
        except (OperationalError, InterfaceError) as error:
            if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
                raise Held("Another session holds a row that is needed. Nothing was done; try again.") from error
            if not db.in_transaction():
                connection.close_if_unusable_or_obsolete()  # the next try gets a fresh connection
            raise
        return outcomes

    async def commit(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        return await in_writer(self.commit_now, batch, at)

    async def committed(self, batch: Sequence[Any]) -> dict[int, Outcome]:
        return await in_writer(self._committed_now, batch)

    async def close(self) -> None:
        """Nothing to close: the connection belongs to the thread that commits."""

    def _committed_now(self, batch: Sequence[Any]) -> dict[int, Outcome]:
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            rows = bulk.read(cursor, connection, self._planner.traces(batch))
        return self._planner.committed(batch, rows)
