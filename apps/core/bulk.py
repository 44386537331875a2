"""Builds and runs the statements of a batch from `Model._meta`: no SQL by hand per table, no model instances.

Values go through the field's own `get_db_prep_save`, and come back through its converters, so that what the writer
stores reads as equal to what the ORM stores. A statement is built once per table and set of columns: in a small commit
building it anew would cost more than running it (apps/adr/0005-hot-path.md).
"""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from apps.core import columns
from apps.core.columns import Adapter, Column
from apps.core.writes import Read, Row, Rows, WriteSet


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL with the columns whose values it takes, row by row."""

    sql: str
    columns: tuple[Column, ...]

    def parameters(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """One tuple of driver values per row, built column by column."""
        return list(zip(*[column.values(rows) for column in self.columns], strict=True))


def _adapter(field: Any, alias: str) -> Adapter | None:
    """What turns a field's Python value into the driver's; None when it is the same."""
    target = columns.target(field)
    connection = connections[alias]
    if type(target) in columns.PLAIN:
        return None
    if type(target) is models.UUIDField and not connection.features.has_native_uuid_field:
        return operator.attrgetter("hex")
    if type(target) is models.JSONField and target.encoder is None and connection.vendor == "sqlite":
        return _json_text
    if type(target) is models.DateTimeField:
        return columns.time_adapter(alias)
    return columns.through_field(target, alias)


def _json_text(value: Any) -> str:
    """As `json.dumps` for Django, at a tenth of the time; a decision holds a hundred values."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


@lru_cache(maxsize=256)
def _columns(model: type[Model], alias: str) -> dict[str, Column]:
    return columns.of(model, alias, _adapter)


# --- writing


@lru_cache(maxsize=256)
def _insert(model: type[Model], alias: str) -> _Statement:
    filled = tuple(_columns(model, alias).values())
    names, marks = ", ".join(column.quoted for column in filled), ", ".join(["%s"] * len(filled))
    return _Statement(f"INSERT INTO {columns.table(model, alias)} ({names}) VALUES ({marks})", filled)  # noqa: S608 - names from _meta


@lru_cache(maxsize=256)
def _update(model: type[Model], names: tuple[str, ...], alias: str) -> _Statement:
    known = _columns(model, alias)
    changed = tuple(known[name] for name in names)
    assignments = ", ".join(f"{column.quoted} = %s" for column in changed)
    sql = f"UPDATE {columns.table(model, alias)} SET {assignments} WHERE {columns.key(model, alias)} = %s"  # noqa: S608
    return _Statement(sql, changed)


@lru_cache(maxsize=256)
def _upsert(model: type[Model], conflict: tuple[str, ...], named: frozenset[str], alias: str) -> _Statement:
    insert, known = _insert(model, alias), _columns(model, alias)
    keys = ", ".join(known[name].quoted for name in conflict)
    overwritten = (known[name].quoted for name in sorted(named.difference(conflict)))
    overwrite = ", ".join(f"{name} = excluded.{name}" for name in overwritten)
    return _Statement(f"{insert.sql} ON CONFLICT ({keys}) DO UPDATE SET {overwrite}", insert.columns)


@lru_cache(maxsize=256)
def _key_adapter(model: type[Model], alias: str) -> Adapter | None:
    return _adapter(model._meta.pk, alias)  # noqa: SLF001


def write(cursor: CursorWrapper, connection: BaseDatabaseWrapper, writes: WriteSet) -> None:
    """Everything that a batch writes, a statement per table: new rows first, so that a later change finds them."""
    alias = connection.alias
    for model, rows in writes.inserts.items():
        statement = _insert(model, alias)
        cursor.executemany(statement.sql, statement.parameters(rows))
    for (model, names), changes in writes.updates.items():
        statement, adapt = _update(model, names, alias), _key_adapter(model, alias)
        values = statement.parameters([row for _, row in changes])
        keys = [key if adapt is None else adapt(key) for key, _ in changes]
        cursor.executemany(statement.sql, [(*row, key) for row, key in zip(values, keys, strict=True)])
    for (model, conflict), entries in writes.upserts.items():
        rows = list(entries.values())
        statement = _upsert(model, conflict, frozenset(rows[0]), alias)
        cursor.executemany(statement.sql, statement.parameters(rows))


# --- reading


@dataclass(frozen=True, slots=True)
class _Select:
    """A SELECT around its list of ids, and how its records become rows."""

    before: str
    after: str
    key: Adapter | None
    where: tuple[Any, ...]
    selected: columns.Selected


@lru_cache(maxsize=256)
def _select(
    model: type[Model], key: str, names: tuple[str, ...], where: tuple[tuple[str, Any], ...], lock: bool, alias: str
) -> _Select:
    connection = connections[alias]
    by_name = {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001
    wanted = ", ".join(columns.quoted(by_name[name], alias) for name in names)
    conditions = "".join(f" AND {columns.quoted(by_name[name], alias)} = %s" for name, _ in where)
    locked = " FOR NO KEY UPDATE" if lock and connection.features.has_select_for_no_key_update else ""
    source, by = columns.table(model, alias), columns.quoted(by_name[key], alias)
    return _Select(
        before=f"SELECT {wanted} FROM {source} WHERE {by} IN (",  # noqa: S608
        after=f"){conditions} ORDER BY {columns.key(model, alias)}{locked}",
        key=_adapter(by_name[key], alias),
        where=tuple(by_name[name].get_db_prep_save(value, connection) for name, value in where),
        selected=columns.selected(model, names, alias),
    )


def read(cursor: CursorWrapper, connection: BaseDatabaseWrapper, reads: Sequence[Read]) -> Rows:
    """The rows of a batch, in lock order; on PostgreSQL they stay locked until the commit."""
    rows = Rows()
    for wanted in reads:
        if wanted.ids:
            rows.add(wanted.model, _found(cursor, connection, wanted))
    return rows


def _found(cursor: CursorWrapper, connection: BaseDatabaseWrapper, wanted: Read) -> list[Row]:
    select = _select(wanted.model, wanted.key, wanted.fields, wanted.where, wanted.lock, connection.alias)
    adapt = select.key
    ids = [value if adapt is None else adapt(value) for value in sorted(set(wanted.ids))]
    cursor.execute(f"{select.before}{', '.join(['%s'] * len(ids))}{select.after}", [*ids, *select.where])
    return select.selected.rows(cursor.fetchall(), connection)
