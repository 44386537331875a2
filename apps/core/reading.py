"""Long reads beside a running server: everything at one moment, a bounded piece at a time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

BATCH: Final = 1_000
_BEGIN: Final[Mapping[str, tuple[str, ...]]] = {
    "postgresql": ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",),
    "sqlite": ("PRAGMA query_only=ON", "BEGIN DEFERRED"),  # no gate: a reader of the WAL waits for no writer
}
_END: Final[Mapping[str, tuple[str, ...]]] = {
    "postgresql": ("ROLLBACK",),
    "sqlite": ("ROLLBACK", "PRAGMA query_only=OFF"),
}


@contextmanager
def one_moment() -> Iterator[None]:
    """Let all reads inside see the database as it was when the first of them ran. Locks nothing, refuses changes.

    PostgreSQL cannot clean up behind it, nor SQLite shorten its journal, for as long as it lasts. Inside a transaction
    that is open already it adds nothing: that one decides what is seen.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        for statement in _BEGIN[connection.vendor]:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in _END[connection.vendor]:
                cursor.execute(statement)


def batches(rows: "QuerySet[Any, Any]", *names: str, size: int = BATCH) -> Iterator[list[dict[str, Any]]]:
    """These fields, and `pk`, of all rows in the order of their keys, at most `size` at a time; never an empty list."""
    rows = rows.order_by("pk").values("pk", *names)
    found = list(rows[:size])
    while found:
        yield found
        if len(found) < size:
            return
        found = list(rows.filter(pk__gt=found[-1]["pk"])[:size])
