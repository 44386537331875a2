"""What one batch of the hot path reads under lock and writes: plain values, no SQL, no connection.

A planner says which rows it needs (`Read`), gets them (`Rows`), and fills a `WriteSet`; a store turns both into
statements. So the planning is a pure function that can be tested without a database.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """Rows whose `key` is one of `ids` and whose columns equal `where`; locked until the commit when `lock` is set.

    Reads are executed in the order of the list, which is the lock order of the house: idempotency keys, turns,
    conversations, budget periods, audit heads.
    """

    model: type[Model]
    key: str
    ids: tuple[Any, ...]
    fields: tuple[str, ...]
    lock: bool = True
    where: tuple[tuple[str, Any], ...] = ()


class Rows:
    """The rows that a batch's reads found, by model; several reads of one model are joined."""

    def __init__(self) -> None:
        self._found: dict[type[Model], list[Row]] = defaultdict(list)

    def add(self, model: type[Model], rows: Sequence[Row]) -> None:
        self._found[model].extend(rows)

    def of(self, model: type[Model]) -> list[Row]:
        """Rows as `{attname: value}`; values are what Django would give (UUID, aware datetime, ...)."""
        return self._found.get(model, [])


@dataclass(slots=True)
class WriteSet:
    """The rows to be written by one batch, in the order in which models were first mentioned."""

    inserts: dict[type[Model], list[Row]] = field(default_factory=dict)
    updates: dict[tuple[type[Model], tuple[str, ...]], list[tuple[Any, Row]]] = field(default_factory=dict)
    upserts: dict[tuple[type[Model], tuple[str, ...]], dict[tuple[Any, ...], Row]] = field(default_factory=dict)

    def insert(self, model: type[Model], /, **values: Any) -> None:
        """One new row. Columns that are not named take the field's default."""
        self.inserts.setdefault(model, []).append(values)

    def update(self, model: type[Model], pk: Any, /, **changes: Any) -> None:
        """Change columns of the row with this primary key. Two updates of one row must name the same columns."""
        self.updates.setdefault((model, tuple(sorted(changes))), []).append((pk, changes))

    def upsert(self, model: type[Model], conflict: tuple[str, ...], /, **values: Any) -> None:
        """Insert, or overwrite the other columns where `conflict` exists. Within one batch the last one wins."""
        identity = tuple(values[name] for name in conflict)
        self.upserts.setdefault((model, conflict), {})[identity] = values

    def merge(self, other: "WriteSet") -> None:
        """Take over everything that `other` holds."""
        for model, rows in other.inserts.items():
            self.inserts.setdefault(model, []).extend(rows)
        for key, changes in other.updates.items():
            self.updates.setdefault(key, []).extend(changes)
        for key, entries in other.upserts.items():
            self.upserts.setdefault(key, {}).update(entries)
