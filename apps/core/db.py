"""The one transaction of the house. Nothing else opens one (a lint), so that gate, audit and locks keep one order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import transaction

from apps.core.gates import write_gate

Hook = Callable[[], None]

_hooks: ContextVar[list[Hook] | None] = ContextVar("openroute_before_commit", default=None)


@contextmanager
def atomic() -> Iterator[None]:
    """All or nothing. Nested blocks are savepoints of the outermost one.

    The outermost block holds SQLite's write gate and runs the `before_commit` hooks (the audit entries) as its last
    statements; an exception in one of them rolls everything back: no effect without record. Never await the writer
    inside: it waits for the same gate.
    """
    hooks = _hooks.get()
    if hooks is not None:
        with _savepoint(hooks):
            yield
        return
    token = _hooks.set(hooks := [])
    try:
        with write_gate(), transaction.atomic():
            yield
            while hooks:
                hooks.pop(0)()
    finally:
        _hooks.reset(token)


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
