"""Moves everything that an installation knows from a SQLite file into an empty, migrated PostgreSQL database.

Row by row with its id, in one transaction, then read back and compared, so that the result is the same installation or
nothing at all. It works with the owner's login where there is one: only that one may set sequences.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.query import QuerySet

from apps.audit import tasks as audit
from apps.core import clock, db
from apps.core.grants import OWNER_ALIAS
from apps.core.models import Process
from apps.domain.errors import OpenRouteError

SOURCE_ALIAS: Final = "source"
AT_ONCE: Final = 500
ALIVE_FOR: Final = timedelta(seconds=30)
"""A process whose heartbeat is younger may still write to the source."""
MADE_BY_MIGRATE: Final = frozenset({"contenttypes.ContentType", "auth.Permission", "auth.Group_permissions"})
"""The target has these already, under ids of its own, and nothing of ours points to them."""

AnyModel = type[models.Model]
Counts = Mapping[str, int]


class MoveRefused(OpenRouteError):
    """The move cannot be made, or its result was not the same. Nothing was changed."""

    code, status = "move_refused", 409


def move(source: Path, *, tell: Callable[[str], None]) -> Counts:
    """Copy all rows of a SQLite file into this installation's PostgreSQL database; returns the rows of each table.

    `tell` hears a line for each table. No process may serve either database meanwhile.

    Raises:
        MoveRefused: the target is no empty PostgreSQL database, the source is in use or at another migration,
            PostgreSQL does not take a row, or a row or an audit chain reads differently afterwards.
    """
    with _opened(source), _as_owner():
        _check()
        with db.atomic():
            counts = {}
            for model in _tables():
                table = _meta(model).db_table
                counts[table] = _copy(model)
                tell(f"{table}: {counts[table]}")
            _check_references()
            _set_sequences()
            for model in _tables():
                _compare(model, counts[_meta(model).db_table])
            if broken := audit.verify_all():
                raise MoveRefused(
                    f"The audit trails of {broken} companies are not intact; see `manage.py audit_verify`."
                )
    return counts


@contextmanager
def _opened(path: Path) -> Iterator[None]:
    """The source as a connection whose reads all see the same moment."""
    if not path.is_file():
        raise MoveRefused(f"There is no file {path}.")
    template = connections.databases[DEFAULT_DB_ALIAS]
    options = {"timeout": 20, "init_command": "PRAGMA query_only=ON"}
    connections.databases[SOURCE_ALIAS] = {
        **template, "ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options, "CONN_MAX_AGE": 0,
    }  # fmt: skip
    try:
        with connections[SOURCE_ALIAS].cursor() as cursor:
            cursor.execute("BEGIN")
        yield
    finally:
        connections[SOURCE_ALIAS].close()
        del connections[SOURCE_ALIAS]
        del connections.databases[SOURCE_ALIAS]


@contextmanager
def _as_owner() -> Iterator[None]:
    """The owner's login in the place of the application's, for this thread and block."""
    if OWNER_ALIAS not in connections:
        yield
        return
    application = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = owner = connections[OWNER_ALIAS].copy(alias=DEFAULT_DB_ALIAS)
    try:
        yield
    finally:
        owner.close()
        connections[DEFAULT_DB_ALIAS] = application


def _check() -> None:
    """Raise `MoveRefused` where the move cannot end well."""
    target = connections[DEFAULT_DB_ALIAS]
    if target.vendor != "postgresql":
        raise MoveRefused("DATABASE_URL names no PostgreSQL database; that is where rows are moved to.")
    theirs, ours = (set(MigrationRecorder(connections[alias]).applied_migrations()) for alias in _BOTH)
    if theirs != ours:
        differing = ", ".join(sorted(f"{app}.{name}" for app, name in theirs ^ ours)[:5])
        raise MoveRefused(
            f"Source and target differ in their migrations ({differing}): run `manage.py migrate` on both."
        )
    for model in _tables():
        if _rows(model, DEFAULT_DB_ALIAS).exists():
            raise MoveRefused(f"The target is not empty: {_meta(model).db_table} has rows. Name a new database.")
    if _rows(Process, SOURCE_ALIAS).filter(heartbeat_at__gt=clock.now() - ALIVE_FOR).exists():
        raise MoveRefused(
            "OpenRoute still runs on the source, or did until a moment ago: stop it, wait 30 s, try again."
        )


_BOTH: Final = (SOURCE_ALIAS, DEFAULT_DB_ALIAS)


def _tables() -> list[AnyModel]:
    """Every table that holds what the installation knows, each after those that it points to."""
    left = [
        model
        for model in apps.get_models(include_auto_created=True)
        if _meta(model).managed and not _meta(model).proxy and _meta(model).label not in MADE_BY_MIGRATE
    ]
    ordered: list[AnyModel] = []
    while left:
        ready = [model for model in left if not _targets(model) & (set(left) - {model})] or left  # a ring: any order
        ordered += ready
        left = [model for model in left if model not in ready]
    return ordered


def _meta(model: Any) -> Any:
    return model._meta  # noqa: SLF001 - Django's documented name for it


def _targets(model: AnyModel) -> set[AnyModel]:
    return {field.related_model for field in _meta(model).concrete_fields if isinstance(field, models.ForeignKey)}


def _rows(model: AnyModel, alias: str) -> "QuerySet[Any]":
    """All rows of every company, past the manager that would ask for one."""
    return QuerySet(model=model, using=alias)


def _chunks(model: AnyModel) -> Iterator[list[Any]]:
    rows = _rows(model, SOURCE_ALIAS).order_by("pk").iterator(chunk_size=AT_ONCE)
    while chunk := list(islice(rows, AT_ONCE)):
        yield [_without_nul(row) for row in chunk]


def _copy(model: AnyModel) -> int:
    """Copy a table; returns its number of rows."""
    count = 0
    for chunk in _chunks(model):
        try:
            _rows(model, DEFAULT_DB_ALIAS).bulk_create(chunk)
        except (DatabaseError, InterfaceError) as error:
            raise MoveRefused(
                f"PostgreSQL does not take a row of {_meta(model).db_table} between ids {chunk[0].pk} and"
                f" {chunk[-1].pk}: {type(error).__name__}."
            ) from error
        count += len(chunk)
    return count


def _without_nul(row: Any) -> Any:
    """PostgreSQL stores no NUL character, SQLite does: it becomes U+FFFD, the sign for what cannot be shown."""
    for field in _meta(row).concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, str | dict | list):
            setattr(row, field.attname, _replaced(value))
    return row


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    return [_replaced(item) for item in value] if isinstance(value, list) else value


def _check_references() -> None:
    """Foreign keys are checked now and not at COMMIT, where the reason would come too late for a sentence."""
    try:
        connections[DEFAULT_DB_ALIAS].check_constraints()
    except (DatabaseError, InterfaceError) as error:
        raise MoveRefused(
            "A row of the source points to one that does not exist; PostgreSQL does not take it."
        ) from error


def _set_sequences() -> None:
    """The next id of each table comes after the last one that was copied."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), _tables()):
            cursor.execute(statement)


def _compare(model: AnyModel, expected: int) -> None:
    """Raise `MoveRefused` unless every row reads as it did in the source, and there are no others."""
    table = _meta(model).db_table
    if _rows(model, DEFAULT_DB_ALIAS).count() != expected:
        raise MoveRefused(f"{table} has another number of rows than in the source.")
    fields = [field.attname for field in _meta(model).concrete_fields]
    for chunk in _chunks(model):
        copies = _rows(model, DEFAULT_DB_ALIAS).in_bulk([row.pk for row in chunk])
        for row in chunk:
            for name in fields:
                if getattr(row, name) != getattr(copies[row.pk], name):
                    raise MoveRefused(f"{table}, id {row.pk}: {name} reads differently than in the source.")
