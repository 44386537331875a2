"""One writer at a time on SQLite: a file lock over processes and a thread lock over threads.

SQLite's own busy handler polls and starves waiters; the kernel wakes them in order. A descriptor excludes neither the
threads that share it nor the children that inherit it, hence the thread lock and a descriptor per process.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from django.db import connection


class FileGate:
    """Mutual exclusion between all threads of all processes that open the same file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._opened: tuple[int, int] | None = None  # (process id, descriptor)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Wait for the gate, then hold it for the block."""
        with self._thread:
            descriptor = self._descriptor()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    @contextmanager
    def try_hold(self) -> Iterator[bool]:
        """Yield True while holding the gate, or False at once when somebody else holds it."""
        if not self._thread.acquire(blocking=False):
            yield False
            return
        try:
            descriptor = self._descriptor()
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            try:
                yield True
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        finally:
            self._thread.release()

    def _descriptor(self) -> int:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        return self._opened[1]


_gates: dict[str, FileGate] = {}
_memory = threading.RLock()


def _gate(suffix: str) -> FileGate | None:
    name = str(connection.settings_dict["NAME"])
    if "mode=memory" in name or name == ":memory:":
        return None
    return _gates.setdefault(name + suffix, FileGate(name + suffix))


def write_gate() -> AbstractContextManager[None]:
    """The gate round every write transaction; free on PostgreSQL, which locks rows instead."""
    if connection.vendor != "sqlite":
        return nullcontext()
    gate = _gate(".gate")
    return gate.hold() if gate else _in_memory()


@contextmanager
def _in_memory() -> Iterator[None]:
    with _memory:
        yield


def sweep_gate() -> AbstractContextManager[bool]:
    """True for the one process that may sweep now; the others go on and try later."""
    if connection.vendor != "sqlite":
        return _advisory_lock()
    gate = _gate(".sweep")
    return gate.try_hold() if gate else nullcontext(True)


SWEEP_LOCK = 0x4F52_5357  # "ORSW": PostgreSQL's advisory locks are named by a number


@contextmanager
def _advisory_lock() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        held = bool(cursor.fetchone()[0])
        try:
            yield held
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
