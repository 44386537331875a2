"""A line to PostgreSQL that a test can cut at the worst moment, and that counts round trips."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from enum import Enum
from typing import Any

import psycopg
from django.db import connections

COMMIT = b"COMMIT\0"
"""The statement as it travels; `BEGIN ... READ COMMITTED` is none."""


class Fate(Enum):
    """What happens to the message that carries COMMIT."""

    PASSES = "passes"
    LOST = "lost"  # the line is cut before the server gets it
    UNANSWERED = "unanswered"  # the server gets it; the line is cut before its answer is back
    LATE = "late"  # the line is cut, and the server, which still waits, gets it a moment later
    SILENT = "silent"  # the server gets it, and nothing comes back, nor is the line closed


class Line:
    """A proxy in front of the test's PostgreSQL. `fate` holds for one COMMIT, then it is PASSES again.

    While it `is_down`, nobody new gets through.
    """

    def __init__(self) -> None:
        self.fate = Fate.PASSES
        self.rounds = 0
        self.is_down = False
        self.late_s = 0.2
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_down:
            writer.close()
            return
        self._tasks.add(task := asyncio.current_task())  # type: ignore[arg-type]
        settings = connections["default"].settings_dict
        to_server: asyncio.StreamWriter
        from_server, to_server = await asyncio.open_connection(settings["HOST"], settings["PORT"])
        back = asyncio.create_task(self._back(from_server, writer))
        try:
            while data := await reader.read(1 << 20):
                self.rounds += 1
                if COMMIT not in data or self.fate is Fate.PASSES:
                    to_server.write(data)
                    continue
                fate, self.fate = self.fate, Fate.PASSES
                await self._misfortune(fate, data, back, writer, to_server)
                if fate is not Fate.SILENT:
                    break
        finally:
            back.cancel()
            writer.close()
            to_server.close()
            self._tasks.discard(task)  # type: ignore[arg-type]

    async def _misfortune(
        self,
        fate: Fate,
        data: bytes,
        back: "asyncio.Task[None]",
        writer: asyncio.StreamWriter,
        to_server: asyncio.StreamWriter,
    ) -> None:
        back.cancel()
        if fate in (Fate.UNANSWERED, Fate.SILENT):
            to_server.write(data)
            await asyncio.sleep(0.05)
        if fate is Fate.LATE:
            writer.close()
            await asyncio.sleep(self.late_s)
            to_server.write(data)
            await asyncio.sleep(0.05)

    @staticmethod
    async def _back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 20):
            writer.write(data)
        writer.close()

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def line() -> AsyncIterator[Line]:
    """A line that is open; `Line.port` is where to connect."""
    line = Line()
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
        await line.close()


@contextmanager
def database_alias(name: str, **changes: Any) -> Iterator[str]:
    """The test's database under another alias of Django's, with some settings changed; nothing connects to it yet."""
    connections.databases[name] = {**connections["default"].settings_dict, **changes}
    try:
        yield name
    finally:
        with suppress(AttributeError):
            del connections[name]
        del connections.databases[name]


@asynccontextmanager
async def another_session() -> AsyncIterator["psycopg.AsyncConnection[Any]"]:
    """A transaction of somebody else's, rolled back at the end unless the test commits it."""
    parameters = connections["default"].get_connection_params()  # type: ignore[attr-defined]  # PostgreSQL's alone
    parameters.pop("cursor_factory")
    connection = await psycopg.AsyncConnection.connect(**parameters)
    try:
        yield connection
        await connection.rollback()
    finally:
        await connection.close()
