"""The one transaction of the house. Nothing else opens one (a lint), so that gate, audit and locks keep one order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.db import DatabaseError, OperationalError, transaction

from apps.core.gates import write_gate

Hook = Callable[[], None]

_REFUSES_ALL: Final = frozenset({"25006", "42501"})
"""PostgreSQL's codes for a database that may only be read, and for a table that this login may not write."""


class Unwritable(OperationalError):
    """The database can be reached and takes no changes: as if it were away, until somebody has mended it."""


_hooks: ContextVar[list[Hook] | None] = ContextVar("openroute_before_commit", default=None)


@contextmanager
def atomic() -> Iterator[None]:
    """All or nothing. Nested blocks are savepoints of the outermost one.

    The outermost block holds SQLite's write gate and runs the `before_commit` hooks (the audit entries) as its last
    statements; an exception in one of them rolls everything back: no effect without record. Never await the writer
    inside: it waits for the same gate.

    Raises:
        Unwritable: the database takes no changes; nothing was done.
    """
    hooks = _hooks.get()
    if hooks is not None:
        with _savepoint(hooks):
            yield
        return
    token = _hooks.set(hooks := [])
    try:
        with telling_unwritable(), write_gate(), transaction.atomic():
            yield
            while hooks:
                hooks.pop(0)()
    finally:
        _hooks.reset(token)


@contextmanager
def telling_unwritable() -> Iterator[None]:
    """Errors that are no fault of what was to be written as `Unwritable`: whoever asked may try again later."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) in _REFUSES_ALL:
            raise Unwritable(str(error)) from error.__cause__
        raise


@contextmanager
def _savepoint(hooks: list[Hook]) -> Iterator[None]:
    queued, kept = len(hooks), False
    try:
        with transaction.atomic():
            yield
        kept = True
    finally:
        if not kept:
            del hooks[queued:]  # what was undone is not recorded as done


def before_commit(hook: Hook) -> None:
    """Run `hook` as one of the last statements of the current transaction.

    Raises:
        RuntimeError: there is no `atomic()` block; the act would have no record.
    """
    hooks = _hooks.get()
    if hooks is None:
        raise RuntimeError("before_commit needs a surrounding core.db.atomic() block")
    hooks.append(hook)


def in_transaction() -> bool:
    """Whether the caller stands inside `atomic()`."""
    return _hooks.get() is not None
