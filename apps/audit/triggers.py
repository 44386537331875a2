"""Triggers that make the trail append-only, below every program that uses the database.

Django remakes a SQLite table when a migration alters it and drops its triggers with it, so they are created again
after each migrate and checked at start. TRUNCATE fires no row trigger, so PostgreSQL gets a statement trigger as well;
`ENABLE ALWAYS` keeps them on under `session_replication_role`. `INSERT OR REPLACE` on SQLite removes the old row
without firing a delete trigger, so an insert over an existing entry is refused too. Who owns the database can drop the
triggers: only checkpoints that left the machine prove that nobody did.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

TABLES: Final[dict[str, str]] = {
    "audit_auditevent": "tenant_id = NEW.tenant_id AND seq = NEW.seq",
    "audit_checkpoint": "tenant_id = NEW.tenant_id AND seq = NEW.seq AND key_id = NEW.key_id",
}
"""Guarded tables, each with the condition under which a new row would take the place of an old one."""

_REFUSAL: Final = "BEGIN RAISE EXCEPTION 'the audit trail is append-only' USING ERRCODE = 'insufficient_privilege'; END"
_FUNCTION: Final = (
    f"CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ {_REFUSAL} $$"
)


class TriggersMissing(RuntimeError):
    """The trail is not protected. Raised at start: run `manage.py migrate`, which creates the triggers."""


def install(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Create the triggers, or replace them. Idempotent; does nothing before the tables exist.

    On PostgreSQL `using` names the owner's connection: the application's login may not.
    """
    connection = connections[using]
    if not set(TABLES) <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection):
            cursor.execute(statement)


def remove(*, using: str = DEFAULT_DB_ALIAS) -> None:
    """Lift the guard; for `lifted` alone."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in TABLES:
            for name in _names(table, connection.vendor):
                on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing(*, using: str = DEFAULT_DB_ALIAS) -> tuple[str, ...]:
    """Names of the triggers that do not exist as they should: absent, disabled or with another text."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            found = dict(cursor.fetchall())
            return tuple(name for name, text in _sqlite().items() if found.get(name) != text)
        cursor.execute(
            "SELECT relname, tgname, trim(prosrc) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgenabled = 'A' AND relnamespace = current_schema()::regnamespace"
        )
        active = {name for table, name, source in cursor.fetchall() if source == _REFUSAL and name.startswith(table)}
        return tuple(name for table in TABLES for name in _names(table, connection.vendor) if name not in active)


def check() -> None:
    """Raise `TriggersMissing` unless the trail is protected."""
    names = missing()
    if names:
        raise TriggersMissing(f"The audit trail is not protected ({', '.join(names)}): run `manage.py migrate`.")


@contextmanager
def lifted(*, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Take the guard away for a block. Only for tests, whose flush empties every table."""
    remove(using=using)
    try:
        yield
    finally:
        install(using=using)


def _names(table: str, vendor: str) -> tuple[str, ...]:
    verbs = ("update", "delete", "replace") if vendor == "sqlite" else ("change", "truncate")
    return tuple(f"{table}_no_{verb}" for verb in verbs)


def _statements(connection: BaseDatabaseWrapper) -> Iterator[str]:
    if connection.vendor == "sqlite":
        for name, text in _sqlite().items():
            yield f"DROP TRIGGER IF EXISTS {name}"
            yield text
        return
    yield _FUNCTION
    for table in TABLES:
        change, truncate = _names(table, connection.vendor)
        yield (
            f"CREATE OR REPLACE TRIGGER {change} BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
        )
        yield f"DROP TRIGGER IF EXISTS {truncate} ON {table}"
        yield (
            f"CREATE TRIGGER {truncate} BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        )
        yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {change}, ENABLE ALWAYS TRIGGER {truncate}"


def _sqlite() -> dict[str, str]:
    """The text of each trigger as `sqlite_master` keeps it."""
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    texts = {}
    for table, same in TABLES.items():
        update, delete, replace = _names(table, "sqlite")
        texts[update] = f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} {refuse}"
        texts[delete] = f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} {refuse}"
        taken = f"SELECT 1 FROM {table} WHERE id = NEW.id OR ({same})"  # noqa: S608 - constants
        texts[replace] = f"CREATE TRIGGER {replace} BEFORE INSERT ON {table} WHEN EXISTS ({taken}) {refuse}"
    return texts
