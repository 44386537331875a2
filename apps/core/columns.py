"""What a model says about its columns: for statements that are built from `Model._meta`, without model instances."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from apps.core.writes import Row

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
class Column:
    """A column as the writer fills it. `adapt` is None where the transport takes the Python value as it is."""

    name: str  # attname
    quoted: str
    type: str
    adapt: Adapter | None
    default: Callable[[], Any]

    def values(self, rows: Sequence[Row]) -> list[Any]:
        """The transport's values of this column; a row that leaves it out takes the field's default."""
        name, adapt, default = self.name, self.adapt, self.default
        values = [row[name] if name in row else default() for row in rows]
        return values if adapt is None else [None if value is None else adapt(value) for value in values]


def of(model: type[Model], alias: str, adapter: Callable[[Any, str], Adapter | None]) -> dict[str, Column]:
    """Concrete columns by attname, without an automatic key that the database gives. `adapter` chooses `adapt`."""
    return {
        field.attname: Column(
            name=field.attname,
            quoted=quoted(field, alias),
            type=str(field.db_type(connections[alias])),
            adapt=adapter(field, alias),
            default=_default(field),
        )
        for field in model._meta.concrete_fields  # noqa: SLF001 - _meta is Django's documented introspection
        if not isinstance(field, models.AutoField)
    }


def field_of(model: type[Model], attname: str) -> Any:
    """The concrete field behind an attname."""
    return next(field for field in model._meta.concrete_fields if field.attname == attname)  # noqa: SLF001


def target(field: Any) -> Any:
    """The field whose values a column holds: a foreign key's is the key that it points to."""
    return target(field.target_field) if field.is_relation else field


def through_field(field: Any, alias: str) -> Adapter:
    """What Django itself would hand to the driver."""
    return lambda value: field.get_db_prep_save(value, connections[alias])


@lru_cache(maxsize=8)
def time_adapter(alias: str) -> Adapter:
    """The rows of a batch share their times: each is adapted once."""
    return lru_cache(maxsize=256)(through_field(models.DateTimeField(), alias))


def _default(field: Any) -> Callable[[], Any]:
    if callable(field.default):
        return field.get_default  # type: ignore[no-any-return]
    return partial(_same, field.get_default())


def _same(value: Any) -> Any:
    return value


def quoted(field: Any, alias: str) -> str:
    """The column's name, quoted."""
    return str(connections[alias].ops.quote_name(field.column))


def table(model: type[Model], alias: str) -> str:
    """The table's name, quoted."""
    return str(connections[alias].ops.quote_name(model._meta.db_table))  # noqa: SLF001


def key(model: type[Model], alias: str) -> str:
    """The primary key's column, quoted."""
    return quoted(model._meta.pk, alias)  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Selected:
    """Selected columns, and what turns the driver's values into Django's, column by column; most need nothing."""

    names: tuple[str, ...]
    converters: tuple[tuple[int, Any, Callable[[Any, Any, BaseDatabaseWrapper], Any]], ...]

    def rows(self, records: Sequence[Sequence[Any]], connection: BaseDatabaseWrapper) -> list[Row]:
        """The driver's records as `{attname: value}`, with the values that Django would give."""
        columns = [list(column) for column in zip(*records, strict=True)]
        if columns:
            for place, expression, convert in self.converters:
                columns[place] = [convert(value, expression, connection) for value in columns[place]]
        return [dict(zip(self.names, row, strict=True)) for row in zip(*columns, strict=True)]


def selected(model: type[Model], names: tuple[str, ...], alias: str) -> Selected:
    """How the values of these columns become Django's."""
    connection = connections[alias]
    found = []
    for place, name in enumerate(names):
        field = field_of(model, name)
        expression = field.get_col(model._meta.db_table)  # noqa: SLF001
        converters = (*connection.ops.get_db_converters(expression), *field.get_db_converters(connection))
        found += [(place, expression, convert) for convert in converters]
    return Selected(names, tuple(found))
