"""Gives the application's login what it needs, and takes everything else from it (see `core.grants`)."""

from collections.abc import Iterator, Mapping
from typing import Final

from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from apps.core.grants import ORDINARY, restricted

GRANT_LOCK: Final = 0x4F52_4752  # "ORGR": two migrations at once would collide in PostgreSQL's catalogue

OWN_TABLES: Final = (
    "SELECT relname, relkind = 'S' FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
    " AND relkind IN ('r', 'p', 'S') AND pg_has_role(relowner, 'USAGE') ORDER BY relname"
)
OWNERSHIPS: Final = (
    "SELECT current_database(), current_schema(), current_user, pg_has_role(datdba, 'USAGE'),"
    " pg_has_role(nspowner, 'USAGE') FROM pg_database, pg_namespace"
    " WHERE datname = current_database() AND nspname = current_schema()"
)


def apply(connection: BaseDatabaseWrapper, *, login: str) -> None:
    """Give `login` what the application needs in this database; take everything else from it and from everybody.

    `connection` is the owner's. Idempotent, and sent as one string, which PostgreSQL takes as one transaction, so that
    a running application notices nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(OWNERSHIPS)
        database, schema, owner, owns_database, owns_schema = cursor.fetchone()
        cursor.execute(OWN_TABLES)
        tables = cursor.fetchall()
        names = {"database": database, "schema": schema, "owner": owner, "login": login}
        statements = (
            sql.SQL("SELECT pg_advisory_xact_lock({})").format(GRANT_LOCK),
            *_around(names, owns_database=owns_database, owns_schema=owns_schema),
            *_on_sequences([name for name, is_sequence in tables if is_sequence], names),
            *_on_tables([name for name, is_sequence in tables if not is_sequence], names),
        )
        cursor.execute(sql.SQL(";\n").join(statements))


def _around(names: Mapping[str, str], *, owns_database: bool, owns_schema: bool) -> Iterator[sql.Composed]:
    """Database, schema, and what tables of later migrations get until `apply` has looked at them one by one."""
    if owns_database:
        yield _sql("REVOKE ALL ON DATABASE {database} FROM PUBLIC, {login}", names)
        yield _sql("GRANT CONNECT ON DATABASE {database} TO {login}", names)
    if owns_schema:  # on PostgreSQL 14 and older `public` belongs to the superuser, who has to revoke it once
        yield _sql("REVOKE ALL ON SCHEMA {schema} FROM PUBLIC, {login}", names)
        yield _sql("GRANT USAGE ON SCHEMA {schema} TO {login}", names)
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} "
    yield _sql(default + "GRANT SELECT, INSERT ON TABLES TO {login}", names)
    yield _sql(default + "GRANT USAGE, SELECT ON SEQUENCES TO {login}", names)


def _on_sequences(sequences: list[str], names: Mapping[str, str]) -> Iterator[sql.Composed]:
    for name in sequences:
        yield _sql("REVOKE ALL ON SEQUENCE {schema}.{it} FROM PUBLIC, {login}", {**names, "it": name})
        yield _sql("GRANT USAGE, SELECT ON SEQUENCE {schema}.{it} TO {login}", {**names, "it": name})


def _on_tables(tables: list[str], names: Mapping[str, str]) -> Iterator[sql.Composed]:
    for name in tables:
        privileges = ", ".join(restricted().get(name, ORDINARY))
        yield _sql("REVOKE ALL ON TABLE {schema}.{it} FROM PUBLIC, {login}", {**names, "it": name})
        yield _sql(f"GRANT {privileges} ON TABLE {{schema}}.{{it}} TO {{login}}", {**names, "it": name})


def _sql(text: str, names: Mapping[str, str]) -> sql.Composed:
    return sql.SQL(text).format(**{name: sql.Identifier(value) for name, value in names.items()})
