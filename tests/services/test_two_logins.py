"""Two logins on a real PostgreSQL: the owner migrates and grants, the application can do its work and nothing more."""

import base64
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from apps.core import login
from tests.support.services import APPLICATION, DATABASE, OWNER, SUPERUSER, PostgresCluster, free_port

pytestmark = [pytest.mark.services, pytest.mark.server]

ROOT = Path(__file__).resolve().parents[2]
STRANGER = "stranger"


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """A cluster of its own, migrated by the owner, with one more login, of which each test makes something."""
    with PostgresCluster() as running:
        manage({"DATABASE_URL": running.url, "DATABASE_OWNER_URL": running.owner_url}, "migrate", "--verbosity", "0")
        yield running


@pytest.fixture
def stranger(cluster: PostgresCluster) -> Iterator[str]:
    """The URL of a login with the application's rights, which a test makes stronger."""
    cluster.execute(sql.SQL("CREATE ROLE stranger LOGIN PASSWORD 'k3Jx-9fQ2-mm' IN ROLE openroute"))
    yield cluster.url.replace(f"//{APPLICATION}:", f"//{STRANGER}:").replace(
        str(urlsplit(cluster.url).password), "k3Jx-9fQ2-mm"
    )
    for statement in ("DROP OWNED BY stranger", "DROP ROLE stranger"):
        cluster.execute(sql.SQL(statement), database=DATABASE)  # type: ignore[arg-type]  # no literal


def manage(environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    variables = {**os.environ, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.test", **environment}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def connected(url: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Django's connection logs in with this URL for the block."""
    parts, mine = urlsplit(url), connections["default"]
    other = mine.copy()
    other.settings_dict |= {
        "NAME": parts.path[1:], "USER": parts.username, "PASSWORD": parts.password, "HOST": parts.hostname,
        "PORT": parts.port, "OPTIONS": {},
    }  # fmt: skip
    connections["default"] = other
    try:
        with blocker.unblock():
            yield
            other.close()
    finally:
        connections["default"] = mine


def rights(cluster: PostgresCluster, grantee: str) -> dict[str, set[str]]:
    """Each table with what this role may do, as the catalogue spells it out."""
    rows = cluster.execute(
        sql.SQL(
            "SELECT relname, privilege_type FROM pg_class, aclexplode(relacl) WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND grantee = {}"
        ).format(sql.SQL("0") if grantee == "PUBLIC" else sql.Literal(f'"{grantee}"') + sql.SQL("::regrole")),
        database=DATABASE,
    )
    found: dict[str, set[str]] = {}
    for table, privilege in rows:
        found.setdefault(table, set()).add(privilege)
    return found


class TestTheGrants:
    def test_let_the_application_read_and_write_rows(self, cluster: PostgresCluster) -> None:
        found = rights(cluster, APPLICATION)

        assert len(found) > 30
        assert found["chat_message"] == {"SELECT", "INSERT", "UPDATE", "DELETE"}
        assert set().union(*found.values()) == {"SELECT", "INSERT", "UPDATE", "DELETE"}

    def test_let_it_only_add_to_the_audit_trail(self, cluster: PostgresCluster) -> None:
        found = rights(cluster, APPLICATION)

        assert found["audit_auditevent"] == found["audit_checkpoint"] == {"SELECT", "INSERT"}
        assert found["audit_audithead"] == {"SELECT", "INSERT", "UPDATE"}

    def test_give_everybody_nothing(self, cluster: PostgresCluster) -> None:
        assert rights(cluster, "PUBLIC") == {}
        assert cluster.execute(
            sql.SQL("SELECT FROM pg_database, aclexplode(datacl) WHERE datname = 'openroute' AND grantee = 0")
        ) == []  # fmt: skip

    def test_are_made_again_by_the_next_migrate(self, cluster: PostgresCluster) -> None:
        cluster.execute(sql.SQL("GRANT ALL ON audit_auditevent TO openroute"), database=DATABASE)
        cluster.execute(sql.SQL("REVOKE ALL ON chat_message FROM openroute"), database=DATABASE)

        done = manage({"DATABASE_URL": cluster.url, "DATABASE_OWNER_URL": cluster.owner_url}, "migrate")

        assert done.returncode == 0, done.stderr
        assert rights(cluster, APPLICATION)["audit_auditevent"] == {"SELECT", "INSERT"}
        assert rights(cluster, APPLICATION)["chat_message"] == {"SELECT", "INSERT", "UPDATE", "DELETE"}

    def test_reach_no_further_than_reading_and_adding_on_a_table_they_do_not_know(
        self, cluster: PostgresCluster
    ) -> None:
        with psycopg.connect(cluster.owner_url) as owner:
            owner.execute("CREATE TABLE later (id int)")

        assert rights(cluster, APPLICATION)["later"] == {"SELECT", "INSERT"}
        with psycopg.connect(cluster.owner_url) as owner:
            owner.execute("DROP TABLE later")


class TestTheApplicationsLogin:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_auditevent SET kind = 'x'",
            "DELETE FROM audit_auditevent",
            "TRUNCATE audit_auditevent",
            "DELETE FROM audit_audithead",
            "UPDATE audit_checkpoint SET seq = 1",
            "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
            "DROP TRIGGER audit_auditevent_no_change ON audit_auditevent",
            "CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "ALTER TABLE chat_message ADD COLUMN extra int",
            "DROP TABLE chat_message",
            "TRUNCATE chat_message",
            "CREATE TABLE mine (id int)",
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '0009', now())",
            "SET session_replication_role = replica",
            "CREATE ROLE mine",
            "SET ROLE openroute_owner",
            "COPY chat_message TO PROGRAM 'cat'",
        ],
    )
    def test_is_refused(self, cluster: PostgresCluster, statement: str) -> None:
        with psycopg.connect(cluster.url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)  # type: ignore[call-overload]  # no literal

    def test_does_not_migrate(self, cluster: PostgresCluster) -> None:
        both = {"DATABASE_URL": cluster.url, "DATABASE_OWNER_URL": cluster.owner_url}

        refused = manage(both, "migrate", "--database", "default")

        assert refused.returncode == 1
        assert "The application's login does not migrate" in refused.stderr


STRONGER = [
    ("ALTER ROLE stranger SUPERUSER", "is a superuser"),
    ("ALTER ROLE stranger BYPASSRLS", "goes round row-level security"),
    ("ALTER ROLE stranger CREATEROLE", "may create roles"),
    ("GRANT openroute_owner TO stranger", "owns tables"),
    ("GRANT openroute_owner TO stranger", "owns the database"),
    ("GRANT pg_execute_server_program TO stranger", "may run programs"),
    ("GRANT pg_write_all_data TO stranger", "may DELETE, UPDATE rows of audit_auditevent"),
    ("GRANT UPDATE (kind) ON audit_auditevent TO stranger", "may UPDATE rows of audit_auditevent"),
    ("GRANT DELETE ON audit_audithead TO stranger", "may DELETE rows of audit_audithead"),
    ("GRANT TRUNCATE ON audit_checkpoint TO stranger", "may TRUNCATE rows of audit_checkpoint"),
    ("GRANT TRIGGER ON audit_auditevent TO stranger", "may TRIGGER rows of audit_auditevent"),
    ("ALTER TABLE chat_feedback OWNER TO stranger", "owns tables"),
]


class TestALogin:
    def test_with_the_granted_rights_is_strong_enough(
        self, cluster: PostgresCluster, django_db_blocker: DjangoDbBlocker
    ) -> None:
        with connected(cluster.url, django_db_blocker):
            assert (login.excesses(), login.strength()) == ((), "ok")
            login.check()

    @pytest.mark.parametrize(("statement", "excess"), STRONGER)
    def test_that_may_more_is_too_strong(
        self, cluster: PostgresCluster, stranger: str, django_db_blocker: DjangoDbBlocker, statement: str, excess: str
    ) -> None:
        cluster.execute(sql.SQL(statement), database=DATABASE)  # type: ignore[arg-type]  # no literal
        try:
            with connected(stranger, django_db_blocker):
                assert login.strength() == "too_strong"
                assert any(found.startswith(excess) for found in login.excesses()), login.excesses()
                with pytest.raises(login.LoginTooStrong, match=excess):
                    login.check()
        finally:
            cluster.execute(sql.SQL("ALTER TABLE chat_feedback OWNER TO openroute_owner"), database=DATABASE)

    def test_that_put_on_a_weaker_role_is_too_strong_all_the_same(
        self, cluster: PostgresCluster, django_db_blocker: DjangoDbBlocker
    ) -> None:
        with connected(cluster.dsn(SUPERUSER), django_db_blocker):
            with connections["default"].cursor() as cursor:
                cursor.execute("SET ROLE openroute")
            assert login.strength() == "too_strong"

    def test_that_is_too_strong_is_warned_of_where_the_settings_allow_it(
        self, cluster: PostgresCluster, django_db_blocker: DjangoDbBlocker, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(settings, "OPENROUTE_STRONG_LOGIN_ALLOWED", True)
        with connected(cluster.dsn(OWNER), django_db_blocker):
            login.check()


def production(url: str, folder: Path, port: int) -> "subprocess.Popen[str]":
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "openroute_site.settings.production",
        "STATE_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "AUDIT_SIGNING_KEY": base64.b64encode(os.urandom(32)).decode(),
        "DATABASE_URL": url,
        "ALLOWED_HOSTS": "127.0.0.1",
        "ALLOWED_ORIGINS": "https://chat.acme.com",
    }
    command = [sys.executable, "-m", "openroute_site.serve", "--port", str(port)]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def readiness(port: int) -> Any:
    """The status of /readyz; None while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


class TestProduction:
    def test_refuses_the_owners_login_with_a_sentence(self, cluster: PostgresCluster, tmp_path: Path) -> None:
        process = production(cluster.owner_url, tmp_path, free_port())
        printed, _ = process.communicate(timeout=60)

        assert process.returncode != 0
        assert "This login owns the database" in printed

    def test_starts_with_the_applications_and_is_ready_until_that_becomes_too_strong(
        self, cluster: PostgresCluster, stranger: str, tmp_path: Path
    ) -> None:
        process = production(stranger, tmp_path, port := free_port())
        try:
            end = time.monotonic() + 60
            while (before := readiness(port)) is None and time.monotonic() < end and process.poll() is None:
                time.sleep(0.1)
            cluster.execute(sql.SQL("GRANT DELETE ON audit_auditevent TO stranger"), database=DATABASE)
            assert (before, readiness(port)) == (200, 503)
        finally:
            process.terminate()
            process.communicate(timeout=30)
