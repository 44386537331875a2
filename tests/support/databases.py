"""Databases for tests on PostgreSQL: made by the owner's login as copies of one migrated template, used by the other.

A copy takes a tenth of a second where the migrations take many. The template is named after what it was made of, so a
changed migration makes a new one; whoever comes first makes it, the others wait.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE_LOCK: Final = 0x4F52_5445
KEPT_BY_FLUSH: Final = ("django_migrations", "django_content_type", "auth_permission")
"""What migrations put there; no test changes it."""

ON_POSTGRES: Final = "DATABASE_OWNER_URL" in os.environ
"""Whether this test run has PostgreSQL with both logins: `python -m tests.support.services -- pytest ...`."""


def named(url: str, database: str) -> str:
    """The same server and login with another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@contextmanager
def _maintenance() -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """The owner's login outside all databases of tests."""
    with psycopg.connect(named(os.environ["DATABASE_OWNER_URL"], "postgres"), autocommit=True) as connection:
        yield connection


def create(name: str) -> Mapping[str, str]:
    """A migrated database without rows; returns DATABASE_URL and DATABASE_OWNER_URL for it."""
    template = _template()
    login = urlsplit(os.environ["DATABASE_URL"]).username or ""
    with _maintenance() as connection:
        for statement in (
            "DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            "CREATE DATABASE {name} TEMPLATE {template}",
            "REVOKE ALL ON DATABASE {name} FROM PUBLIC",  # a copy takes over everything but these
            "GRANT CONNECT ON DATABASE {name} TO {login}",
        ):
            connection.execute(_sql(statement, name=name, template=template, login=login))
    return addresses(name)


def create_empty(name: str) -> Mapping[str, str]:
    """A database without tables."""
    with _maintenance() as connection:
        connection.execute(_sql("CREATE DATABASE {name}", name=name))
    return addresses(name)


def addresses(name: str) -> Mapping[str, str]:
    """DATABASE_URL and DATABASE_OWNER_URL of a database."""
    return {variable: named(os.environ[variable], name) for variable in ("DATABASE_URL", "DATABASE_OWNER_URL")}


def drop(name: str) -> None:
    """Remove a database, whoever is still connected."""
    with _maintenance() as connection:
        connection.execute(_sql("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name))


def empty(owner_url: str) -> None:
    """Remove every row but those of migrations, past the guard of the append-only tables, and put the guard back."""
    with psycopg.connect(owner_url) as connection:
        connection.execute("SET LOCAL lock_timeout = '20s'")
        guards = connection.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
        ).fetchall()
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND relname <> ALL (%s)",
            [list(KEPT_BY_FLUSH)],
        ).fetchall()
        for table, guard in guards:
            connection.execute(_sql("ALTER TABLE {table} DISABLE TRIGGER {guard}", table=table, guard=guard))
        names = sql.SQL(", ").join(sql.Identifier(table) for (table,) in tables)
        connection.execute(sql.SQL("TRUNCATE {}").format(names))
        for table, guard in guards:
            connection.execute(_sql("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}", table=table, guard=guard))


def migrate(variables: Mapping[str, str]) -> None:
    """Run `manage.py migrate` with this DATABASE_URL and DATABASE_OWNER_URL."""
    environment = {**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.test"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise AssertionError(f"The database could not be migrated:\n{done.stdout}\n{done.stderr}")


@lru_cache(maxsize=1)
def _template() -> str:
    sources = [*sorted(ROOT.glob("apps/*/migrations/*.py")), *sorted(ROOT.glob("apps/*/apps.py"))]
    sources += [
        ROOT / "apps/audit/triggers.py",
        ROOT / "apps/core/grants.py",
        ROOT / "apps/core/postgres/granting.py",
        ROOT / "apps/chat/search/engines.py",
        ROOT / "requirements/base.txt",
    ]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    name, draft = f"openroute_template_{digest}", f"openroute_draft_{digest}"
    with _maintenance() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(_sql("DROP DATABASE IF EXISTS {draft} WITH (FORCE)", draft=draft))
            migrate(create_empty(draft))
            connection.execute(_sql("ALTER DATABASE {draft} RENAME TO {name}", draft=draft, name=name))
    return name


def _sql(text: str, **names: str) -> sql.Composed:
    return sql.SQL(text).format(**{key: sql.Identifier(value) for key, value in names.items()})
