"""Builds and runs the statements of a batch from `Model._meta`: no SQL by hand per table, no model instances.

Values go through the field's own `get_db_prep_save`, and come back through its converters, so that what the writer
stores reads as equal to what the ORM stores. A statement is built once per table and set of columns: in a small commit
building it anew would cost more than running it (apps/adr/0005-hot-path.md).
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import orjson
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

from apps.core.writes import Read, Row, Rows, WriteSet

Adapter = Callable[[Any], Any]

# Fields whose Python value is what the drivers take: calling get_db_prep_save for each would only cost time.
PLAIN = frozenset(
    {
        models.AutoField, models.BigAutoField, models.BigIntegerField, models.BooleanField, models.CharField,
        models.FloatField, models.IntegerField,
        models.PositiveBigIntegerField, models.PositiveIntegerField, models.PositiveSmallIntegerField,
        models.SlugField, models.SmallIntegerField, models.TextField,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as the writer fills it. `adapt` is None where the driver takes the Python value as it is."""

    name: str  # attname
    quoted: str
    adapt: Adapter | None
    default: Callable[[], Any]

    def values(self, rows: Sequence[Row]) -> list[Any]:
        """The driver's values of this column; a row that leaves it out takes the field's default."""
        name, adapt, default = self.name, self.adapt, self.default
        values = [row[name] if name in row else default() for row in rows]
        return values if adapt is None else [None if value is None else adapt(value) for value in values]


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL with the columns whose values it takes, row by row."""

    sql: str
    columns: tuple[_Column, ...]

    def parameters(self, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """One tuple of driver values per row, built column by column."""
        return list(zip(*[column.values(rows) for column in self.columns], strict=True))


# --- what a model says


def _adapter(field: Any, alias: str) -> Adapter | None:
    """What turns a field's Python value into the driver's; None when it is the same."""
    target = field.target_field if field.is_relation else field
    connection = connections[alias]
    if type(target) in PLAIN:
        return None
    if type(target) is models.UUIDField and not connection.features.has_native_uuid_field:
        return operator.attrgetter("hex")
    if type(target) is models.JSONField and target.encoder is None and connection.vendor == "sqlite":
        return _json_text
    return _time_adapter(alias) if type(target) is models.DateTimeField else _through_field(target, alias)


def _through_field(field: Any, alias: str) -> Adapter:
    return lambda value: field.get_db_prep_save(value, connections[alias])


@lru_cache(maxsize=8)
def _time_adapter(alias: str) -> Adapter:
    """The rows of a batch share their times: each is adapted once."""
    return lru_cache(maxsize=256)(_through_field(models.DateTimeField(), alias))


def _json_text(value: Any) -> str:
    """As `json.dumps` for Django, at a tenth of the time; a decision holds a hundred values."""
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def _default(field: Any) -> Callable[[], Any]:
    if callable(field.default):
        return field.get_default  # type: ignore[no-any-return]
    return partial(_same, field.get_default())


def _same(value: Any) -> Any:
    return value


@lru_cache(maxsize=256)
def _columns(model: type[Model], alias: str) -> dict[str, _Column]:
    """Concrete fields by attname, without an automatic key that the database gives."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - _meta is Django's documented introspection
    return {
        field.attname: _Column(field.attname, _quoted(field, alias), _adapter(field, alias), _default(field))
        for field in fields
        if not isinstance(field, models.AutoField)
    }


def _quoted(field: Any, alias: str) -> str:
    return str(connections[alias].ops.quote_name(field.column))


def _table(model: type[Model], alias: str) -> str:
    return str(connections[alias].ops.quote_name(model._meta.db_table))  # noqa: SLF001


def _key(model: type[Model], alias: str) -> str:
    return _quoted(model._meta.pk, alias)  # noqa: SLF001


# --- writing


@lru_cache(maxsize=256)
def _insert(model: type[Model], alias: str) -> _Statement:
    columns = tuple(_columns(model, alias).values())
    names, marks = ", ".join(column.quoted for column in columns), ", ".join(["%s"] * len(columns))
    return _Statement(f"INSERT INTO {_table(model, alias)} ({names}) VALUES ({marks})", columns)  # noqa: S608 - names from _meta


@lru_cache(maxsize=256)
def _update(model: type[Model], names: tuple[str, ...], alias: str) -> _Statement:
    known = _columns(model, alias)
    columns = tuple(known[name] for name in names)
    assignments = ", ".join(f"{column.quoted} = %s" for column in columns)
    sql = f"UPDATE {_table(model, alias)} SET {assignments} WHERE {_key(model, alias)} = %s"  # noqa: S608
    return _Statement(sql, columns)


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
    """A SELECT around its list of ids, and what turns the driver's values into Django's, column by column."""

    before: str
    after: str
    key: Adapter | None
    where: tuple[Any, ...]
    names: tuple[str, ...]
    converters: tuple[tuple[int, Any, Callable[[Any, Any, BaseDatabaseWrapper], Any]], ...]


@lru_cache(maxsize=256)
def _select(
    model: type[Model], key: str, names: tuple[str, ...], where: tuple[tuple[str, Any], ...], lock: bool, alias: str
) -> _Select:
    connection = connections[alias]
    by_name = {field.attname: field for field in model._meta.concrete_fields}  # noqa: SLF001
    fields = [by_name[name] for name in names]
    selected = ", ".join(_quoted(field, alias) for field in fields)
    conditions = "".join(f" AND {_quoted(by_name[name], alias)} = %s" for name, _ in where)
    locked = " FOR NO KEY UPDATE" if lock and connection.features.has_select_for_no_key_update else ""
    return _Select(
        before=f"SELECT {selected} FROM {_table(model, alias)} WHERE {_quoted(by_name[key], alias)} IN (",  # noqa: S608
        after=f"){conditions} ORDER BY {_key(model, alias)}{locked}",
        key=_adapter(by_name[key], alias),
        where=tuple(by_name[name].get_db_prep_save(value, connection) for name, value in where),
        names=names,
        converters=tuple(_converters(fields, connection)),
    )


def _converters(fields: Sequence[Any], connection: BaseDatabaseWrapper) -> list[tuple[int, Any, Any]]:
    """Place of the column, expression and function; most columns need none."""
    found = []
    for place, field in enumerate(fields):
        expression = field.get_col(field.model._meta.db_table)  # noqa: SLF001
        converters = (*connection.ops.get_db_converters(expression), *field.get_db_converters(connection))
        found += [(place, expression, convert) for convert in converters]
    return found


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
    columns = [list(column) for column in zip(*cursor.fetchall(), strict=True)]
    if columns:
        for place, expression, convert in select.converters:
            columns[place] = [convert(value, expression, connection) for value in columns[place]]
    return [dict(zip(select.names, row, strict=True)) for row in zip(*columns, strict=True)]
