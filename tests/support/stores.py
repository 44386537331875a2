"""Where a server under test keeps its rows: a file, a copy of the migrated template on the run's PostgreSQL, or a
database that the test names, for instance on a cluster that it means to kill.

All three answer questions in the same SQL, with `?` for parameters, and give values as SQLite would: ids as hex, times
and JSON as text.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import redis

from tests.support import databases

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = ROOT / ".pytest_cache" / "server"
FIRST_FREE_REDIS_DATABASE: Final = 64
"""The workers of the test run have those below (settings/test.py)."""

Row = Mapping[str, Any]


class StoreRefused(Exception):
    """The database itself refused a change."""


class Store(Protocol):
    """What a server under test is given to keep its rows in."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the server's processes see of it."""
        ...

    def prepare(self) -> None:
        """Bring it to the newest migration, without rows."""
        ...

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        """Look into it beside the running server."""
        ...

    def execute(self, sql: str) -> None:
        """Change it beside the running server, with the server's own rights. Raises `StoreRefused`."""
        ...

    def remove(self) -> None:
        """Forget it."""
        ...


class FileStore:
    """SQLite in the server's folder; the migrated file is made once for all workers and runs, and copied."""

    def __init__(self, state: Path) -> None:
        self.path = state / "openroute.sqlite3"

    environment: Mapping[str, str] = {}

    def prepare(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_migrated_file(), self.path)

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            cursor = connection.execute(sql, parameters)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str) -> None:
        with closing(sqlite3.connect(self.path, timeout=10)) as connection:
            try:
                connection.execute(sql)
            except sqlite3.DatabaseError as error:
                raise StoreRefused(str(error)) from error
            connection.commit()

    def remove(self) -> None:
        """The test's folder goes as a whole."""


class PostgresStore:
    """A database that the test names, on a cluster of its own. `environment` holds DATABASE_URL and, for migrating,
    DATABASE_OWNER_URL; the server's processes see the first only.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment: Mapping[str, str] = {"DATABASE_URL": environment["DATABASE_URL"]}
        self._all = dict(environment)

    def prepare(self) -> None:
        databases.migrate(self._all)

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        question = sql.replace("%", "%%").replace("?", "%s")
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            cursor = connection.execute(question, parameters)  # type: ignore[call-overload]  # no literal
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, map(_as_sqlite, row), strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            try:
                connection.execute(sql)  # type: ignore[call-overload]  # no literal
            except psycopg.Error as error:
                raise StoreRefused(str(error)) from error

    def remove(self) -> None:
        """The cluster is the test's own."""


class CopiedStore(PostgresStore):
    """A database of its own on the PostgreSQL of this test run, and a number of its own on its Redis."""

    def __init__(self) -> None:
        self._name = f"openroute_server_{secrets.token_hex(6)}"
        super().__init__(databases.addresses(self._name))
        self.environment = {**self.environment, "REDIS_URL": _redis_of_its_own()}

    def prepare(self) -> None:
        databases.create(self._name)

    def remove(self) -> None:
        databases.drop(self._name)


def store_for(state: Path, environment: Mapping[str, str]) -> Store:
    """What the environment names, else what this test run has."""
    if "DATABASE_URL" in environment:
        return PostgresStore(environment)
    return CopiedStore() if databases.ON_POSTGRES else FileStore(state)


def _as_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value


def _redis_of_its_own() -> str:
    url = os.environ["REDIS_URL"]
    with closing(redis.Redis.from_url(urlsplit(url)._replace(path="/0").geturl())) as client:
        number = FIRST_FREE_REDIS_DATABASE + int(client.incr("openroute:databases"))  # type: ignore[arg-type]
    return urlsplit(url)._replace(path=f"/{number}").geturl()


def _migrated_file() -> Path:
    """A database file with the newest migrations, made once and kept for all workers and runs until one changes."""
    sources = [*sorted(ROOT.glob("apps/*/migrations/*.py")), ROOT / "apps/audit/triggers.py"]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = CACHE / f"template-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / "template.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _migrate_file(folder)
            (folder / "openroute.sqlite3").rename(template)
    return template


def _migrate_file(folder: Path) -> None:
    environment = {**plain_environment(), "STATE_DIR": str(folder)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
    with closing(sqlite3.connect(folder / "openroute.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def plain_environment() -> dict[str, str]:
    """What every process of a test server sees: nothing of this one's settings, and compiled modules that are kept."""
    hidden = ("OPENROUTE_", "DJANGO_", "PYTHONDONTWRITEBYTECODE", "DATABASE_", "REDIS_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(hidden)},
        "DJANGO_SETTINGS_MODULE": "openroute_site.settings.local",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode"),
    }
