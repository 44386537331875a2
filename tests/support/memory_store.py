"""A store in memory that runs the real planner: what a database would hold after each batch, without one."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import AutoField, Model

from apps.core.store import Outcome, Planner
from apps.core.writes import Read, Row, Rows, WriteSet


class MemoryStore:
    """Tables as dictionaries by primary key; batches are atomic because they are planned before they are applied."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner
        self.tables: dict[type[Model], dict[Any, Row]] = defaultdict(dict)

    def commit(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        writes, outcomes = self._planner.plan(batch, self._read(self._planner.reads(batch)), at)
        self._apply(writes)
        return outcomes

    def committed(self, batch: Sequence[Any]) -> dict[int, Outcome]:
        """What the planner recognises as committed."""
        return self._planner.committed(batch, self._read(self._planner.traces(batch)))

    def put(self, model: type[Model], /, **values: Any) -> None:
        """Insert one row; columns that are not named take the field's default."""
        row = {field.attname: field.get_default() for field in model._meta.concrete_fields}
        row |= values
        pk = model._meta.pk
        if isinstance(pk, AutoField) and row[pk.attname] is None:
            row[pk.attname] = len(self.tables[model]) + 1
        assert row[pk.attname] not in self.tables[model], f"{model.__name__} {row[pk.attname]} exists"
        self.tables[model][row[pk.attname]] = row

    def rows(self, model: type[Model]) -> list[Row]:
        return list(self.tables[model].values())

    def _read(self, reads: Sequence[Read]) -> Rows:
        rows = Rows()
        for wanted in reads:
            rows.add(wanted.model, self._found(wanted))
        return rows

    def _found(self, wanted: Read) -> list[Row]:
        ids, where = set(wanted.ids), dict(wanted.where)
        return [
            {name: row[name] for name in wanted.fields}
            for row in self.tables[wanted.model].values()
            if row[wanted.key] in ids and all(row[name] == value for name, value in where.items())
        ]

    def _apply(self, writes: WriteSet) -> None:
        for model, rows in writes.inserts.items():
            for row in rows:
                self.put(model, **row)
        for (model, _), changes in writes.updates.items():
            for pk, values in changes:
                self.tables[model][pk].update(values)
        for (model, conflict), entries in writes.upserts.items():
            for identity, row in entries.items():
                self._upsert(model, conflict, identity, row)

    def _upsert(self, model: type[Model], conflict: tuple[str, ...], identity: tuple[Any, ...], row: Row) -> None:
        for existing in self.tables[model].values():
            if tuple(existing[name] for name in conflict) == identity:
                existing.update(row)
                return
        self.put(model, **row)
