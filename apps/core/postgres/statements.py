"""What one batch says to PostgreSQL: a statement per table, whatever the number of rows, built once from `Model._meta`.

Rows travel as one JSON text per statement (`json_to_recordset` with the columns' own types), ids as one array. So a
statement has the same text and parameter types for one row and for a thousand, is prepared once, and costs this process
a serialisation in C instead of a round of Python per value. Values take the form that Django stores, and come back
through Django's own converters.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.db import connections, models
from django.db.models import Model

from apps.core import columns
from apps.core.columns import Adapter, Column, Selected
from apps.core.writes import Read, Row, WriteSet

Statement = tuple[bytes, Sequence[Any]]
"""SQL and its parameters."""


# --- writing


@dataclass(frozen=True, slots=True)
class _Write:
    sql: bytes
    columns: tuple[Column, ...]

    def statement(self, rows: Sequence[Row]) -> Statement:
        """The rows as the statement's one parameter, built column by column."""
        names = [column.name for column in self.columns]
        values = zip(*[column.values(rows) for column in self.columns], strict=True)
        records = [dict(zip(names, row, strict=True)) for row in values]
        return self.sql, (orjson.dumps(records).decode(),)


def writes(wanted: WriteSet, alias: str) -> Iterator[Statement]:
    """Everything that a batch writes: new rows first, so that a later change finds them. See `core.bulk.write`."""
    for model, rows in wanted.inserts.items():
        yield _insert(model, alias).statement(rows)
    for (model, names), changes in wanted.updates.items():
        newest = dict(changes)  # two changes of one row: UPDATE ... FROM would take either of them
        key = model._meta.pk.attname  # noqa: SLF001
        yield _update(model, names, alias).statement([{**row, key: pk} for pk, row in newest.items()])
    for (model, conflict), entries in wanted.upserts.items():
        ordered = [entries[identity] for identity in sorted(entries, key=str)]  # two processes wait in one order
        yield _upsert(model, conflict, frozenset(ordered[0]), alias).statement(ordered)


@lru_cache(maxsize=256)
def _insert(model: type[Model], alias: str) -> _Write:
    filled = tuple(_columns(model, alias).values())
    names = ", ".join(column.quoted for column in filled)
    sql = f"INSERT INTO {columns.table(model, alias)} ({names}) SELECT {names} FROM {_records(filled)}"  # noqa: S608
    return _Write(sql.encode(), filled)


@lru_cache(maxsize=256)
def _update(model: type[Model], names: tuple[str, ...], alias: str) -> _Write:
    known, key = _columns(model, alias), model._meta.pk.attname  # noqa: SLF001
    pk = known.get(key) or _automatic_key(model, alias)
    changed = tuple(known[name] for name in names)
    assignments = ", ".join(f"{column.quoted} = x.{column.quoted}" for column in changed)
    sql = (
        f"UPDATE {columns.table(model, alias)} AS t SET {assignments} FROM {_records((pk, *changed))}"  # noqa: S608
        f" WHERE t.{pk.quoted} = x.{pk.quoted}"
    )
    return _Write(sql.encode(), (pk, *changed))


@lru_cache(maxsize=256)
def _upsert(model: type[Model], conflict: tuple[str, ...], named: frozenset[str], alias: str) -> _Write:
    insert, known = _insert(model, alias), _columns(model, alias)
    keys = ", ".join(known[name].quoted for name in conflict)
    overwritten = (known[name].quoted for name in sorted(named.difference(conflict)))
    overwrite = ", ".join(f"{name} = excluded.{name}" for name in overwritten)
    return _Write(insert.sql + f" ON CONFLICT ({keys}) DO UPDATE SET {overwrite}".encode(), insert.columns)


def _records(filled: Sequence[Column]) -> str:
    """The rows of the parameter, with the types of their columns: what does not fit is refused, never cut."""
    return f"json_to_recordset(%s::json) AS x({', '.join(f'{column.quoted} {column.type}' for column in filled)})"


@lru_cache(maxsize=256)
def _columns(model: type[Model], alias: str) -> dict[str, Column]:
    return columns.of(model, alias, _adapter)


def _automatic_key(model: type[Model], alias: str) -> Column:
    field = model._meta.pk  # noqa: SLF001
    kind = str(field.rel_db_type(connections[alias]))
    return Column(field.attname, columns.quoted(field, alias), kind, None, field.get_default)


# --- values in JSON


def _adapter(field: Any, alias: str) -> Adapter | None:
    """What gives a field's value a form that JSON carries; None where orjson knows the value itself (UUID, date)."""
    target = columns.target(field)
    kind = type(target)
    if kind is models.FloatField:
        return _number
    if kind in columns.PLAIN or kind is models.UUIDField:
        return None
    if kind is models.DateTimeField:
        return columns.time_adapter(alias)
    return _document(target.encoder) if kind is models.JSONField else columns.through_field(target, alias)


def _number(value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _document(encoder: type[json.JSONEncoder] | None) -> Adapter:
    """As `json.dumps` for Django, at a tenth of the time; what orjson does not know is left to the field's encoder."""

    def dump(value: Any) -> orjson.Fragment:
        try:
            return orjson.Fragment(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS))
        except TypeError:
            return orjson.Fragment(json.dumps(value, cls=encoder))

    return dump


# --- reading


@dataclass(frozen=True, slots=True)
class _Select:
    """One read in its three forms: waiting for locks (or without them), passing locked rows by, and looking only."""

    wait: bytes
    skip: bytes
    look: bytes
    where: tuple[str, ...]
    selected: Selected


def read(wanted: Read, alias: str, *, skip: bool) -> Statement:
    """The rows of one read, locked where it says so. `skip`: without those that another session has locked."""
    select = _select(wanted.model, wanted.key, wanted.fields, wanted.where, wanted.lock, alias)
    return select.skip if skip else select.wait, (_array(wanted.ids), *select.where)


def look(wanted: Read, alias: str) -> Statement:
    """The keys of the rows that one read would lock, whoever has locked them."""
    select = _select(wanted.model, wanted.key, wanted.fields, wanted.where, wanted.lock, alias)
    return select.look, (_array(wanted.ids), *select.where)


def found(wanted: Read, records: Sequence[Sequence[Any]], alias: str) -> list[Row]:
    """The records of a read as Django's values."""
    select = _select(wanted.model, wanted.key, wanted.fields, wanted.where, wanted.lock, alias)
    return select.selected.rows(records, connections[alias])


@lru_cache(maxsize=256)
def _select(
    model: type[Model], key: str, names: tuple[str, ...], where: tuple[tuple[str, Any], ...], lock: bool, alias: str
) -> _Select:
    source, pk = columns.table(model, alias), columns.key(model, alias)
    by = columns.quoted(columns.field_of(model, key), alias)
    wanted = ", ".join(columns.quoted(columns.field_of(model, name), alias) for name in names)
    conditions = f"{by} = ANY(%s::{_element_type(model, key, alias)}[])"
    for name, _ in where:
        conditions += f" AND {columns.quoted(columns.field_of(model, name), alias)} = %s"
    select = f"SELECT {wanted} FROM {source} WHERE {conditions} ORDER BY {pk}"  # noqa: S608
    locked = " FOR NO KEY UPDATE" if lock else ""
    return _Select(
        wait=f"{select}{locked}".encode(),
        skip=f"{select}{locked}{' SKIP LOCKED' if lock else ''}".encode(),
        look=f"SELECT {by} FROM {source} WHERE {conditions}".encode(),  # noqa: S608
        where=tuple(str(value) for _, value in where),
        selected=columns.selected(model, names, alias),
    )


def _element_type(model: type[Model], key: str, alias: str) -> str:
    kind = str(columns.field_of(model, key).rel_db_type(connections[alias]))
    return "text" if kind.startswith("varchar") else kind  # a cast to varchar(n) would cut what is too long


def _array(ids: Sequence[Any]) -> str:
    """An array in PostgreSQL's text form: its type is the statement's, whatever the size of the numbers."""
    return "{" + ",".join(map(_element, set(ids))) + "}"


def _element(value: Any) -> str:
    if not isinstance(value, str):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
