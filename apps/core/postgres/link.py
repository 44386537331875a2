"""The writer's own connection: psycopg's asynchronous one, in pipeline mode, so that a batch is two round trips.

Django's connection is synchronous, belongs to a thread and prepares no statements. This one takes its parameters from
the same settings and gives values in the same form (the adapters are Django's).
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any, Final, NamedTuple, Self

import psycopg
from django.db import connections
from psycopg import sql

APPLICATION_NAME: Final = "openroute-writer"
LOCK_TIMEOUT_MS: Final = 50
STALL_S: Final = 10.0
"""A server that does not answer a batch for so long is treated as lost."""
FROZEN_MS: Final = 10_000
"""The server ends a transaction whose client stands still, or a frozen process would hold its tenants' chains."""

# A dead server is noticed within seconds, also where no packet comes back; what the settings say goes first.
_NETWORK: Final = {
    "connect_timeout": 5, "keepalives": 1, "keepalives_idle": 2, "keepalives_interval": 2, "keepalives_count": 2,
    "tcp_user_timeout": 6_000,
}  # fmt: skip

# Every read of a batch names its rows by key. Of a list of unknown length the planner expects a hundred and reads small
# tables whole, with a plan that is kept while they grow: measured, a third of PostgreSQL's share of an answer.
_SESSION: Final = b"""
SELECT set_config('lock_timeout', %s, false), set_config('idle_in_transaction_session_timeout', %s, false),
       set_config('TimeZone', %s, false), pg_backend_pid(),
       (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()),
       set_config('enable_seqscan', 'off', false),
       CASE WHEN current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
            THEN set_config('synchronous_commit', 'on', false) END
"""
_END: Final = b"""
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s::timestamptz
"""


class Session(NamedTuple):
    """A backend of the server; its number alone may be given to another one."""

    pid: int
    started: str


class Link:
    """An open connection of one event loop. Errors are psycopg's; after one that broke it, `closed` is true."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], session: Session) -> None:
        self._connection = connection
        self._committing = False
        self.session = session

    @classmethod
    async def open(cls, alias: str) -> Self:
        """Connect as Django would. Raises `psycopg.OperationalError`."""
        django = connections[alias]
        options = django.settings_dict["OPTIONS"]
        parameters = {**_NETWORK, **django.get_connection_params()}
        parameters |= {"application_name": APPLICATION_NAME, "prepare_threshold": options.get("prepare_threshold", 0)}
        del parameters["cursor_factory"]
        connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
        connection.prepared_max = 256  # every statement of the house stays prepared
        async with AsyncExitStack() as undo:
            undo.push_async_callback(connection.close)
            with _watched(connection):
                if role := options.get("assume_role"):
                    await connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
                settings = (str(LOCK_TIMEOUT_MS), str(FROZEN_MS), django.timezone_name)
                row = await (await connection.execute(_SESSION, settings)).fetchone()
            undo.pop_all()
        assert row is not None
        return cls(connection, Session(row[3], row[4]))

    @property
    def closed(self) -> bool:
        return self._connection.closed

    @property
    def in_doubt(self) -> bool:
        """Whether the connection was lost while it may have been told to commit."""
        return self._committing and self.closed

    async def close(self) -> None:
        await self._connection.close()

    async def execute(self, statement: bytes, parameters: Sequence[Any] = ()) -> psycopg.AsyncCursor[Any]:
        """Send a statement, prepared once; inside `pipeline` its answer comes with that of the others."""
        return await self._connection.execute(statement, parameters, prepare=True)

    async def end(self, session: Session) -> None:
        """End another session of ours, which may still be busy with what it was sent, and wait until it is gone.

        Raises:
            psycopg.OperationalError: it is still there; whether it commits cannot be told yet.
        """
        with _watched(self._connection):
            row = await (await self.execute(_END, session)).fetchone()
        if row is not None and not row[0]:
            raise psycopg.OperationalError("the session that was lost is still busy")

    @asynccontextmanager
    async def pipeline(self) -> AsyncIterator[None]:
        """Statements of the block are sent without waiting for one another; a server that stalls is hung up on."""
        with _watched(self._connection):
            async with self._connection.pipeline() as sent:
                try:
                    yield
                except psycopg.Error:
                    with suppress(psycopg.Error):  # what was sent after the error has nothing new to tell
                        await sent.sync()
                    raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """All or nothing, in a pipeline: COMMIT travels with the last statements of the block."""
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self._undo)
            async with self.pipeline():
                # READ COMMITTED: what a lock was waited for is read as it is afterwards.
                await self._connection.execute(b"BEGIN ISOLATION LEVEL READ COMMITTED", prepare=False)
                yield
                self._committing = True
                done = await self._connection.execute(b"COMMIT", prepare=False)
            if done.statusmessage != "COMMIT":
                raise psycopg.OperationalError("the transaction was rolled back")
            undo.pop_all()
        self._committing = False

    async def _undo(self) -> None:
        """Roll back, or close a connection that cannot: nothing of a failed batch may stay open."""
        busy = psycopg.pq.TransactionStatus.ACTIVE
        try:
            if not self.closed and self._connection.pgconn.transaction_status != busy:
                await self._connection.rollback()
                self._committing = False
                return
        except psycopg.Error:
            pass  # it is lost as well
        await self._connection.close()


@contextmanager
def _watched(connection: psycopg.AsyncConnection[Any]) -> Iterator[None]:
    """Hang up on a server that does not answer the block in time."""
    watch = asyncio.get_running_loop().call_later(STALL_S, _hang_up, connection)
    try:
        yield
    finally:
        watch.cancel()


def _hang_up(connection: psycopg.AsyncConnection[Any]) -> None:
    """Close the line under whoever waits for it: psycopg's own cancelling would ask the same silent server."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
