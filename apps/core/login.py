"""Whether the application's database login may do more than an application should (promise P08). It is asked, not
believed: PostgreSQL's catalogue says what the session's login owns, inherits and may do to the restricted tables.
"""

from typing import Final, Literal

import structlog
from django.conf import settings
from django.db import connection

from apps.core import grants

log = structlog.get_logger(__name__)

Strength = Literal["file", "ok", "too_strong"]
"""`file`: SQLite, whose owner can do everything; there are no logins."""

_RIGHTS: Final = {
    "is a superuser, or may become one": "pg_has_role(session_user, oid, 'MEMBER') AND rolsuper",
    "goes round row-level security, or may": "pg_has_role(session_user, oid, 'MEMBER') AND rolbypassrls",
    "may create roles and give itself theirs": "pg_has_role(session_user, oid, 'MEMBER') AND rolcreaterole",
    "may run programs or read and write files on the database's machine": (
        "pg_has_role(session_user, oid, 'MEMBER') AND rolname IN"
        " ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')"
    ),
    "owns the database": (
        "EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND datdba = pg_roles.oid)"
        " AND pg_has_role(session_user, oid, 'MEMBER')"
    ),
    "owns tables": (
        "EXISTS (SELECT FROM pg_class WHERE relnamespace = current_schema()::regnamespace"
        " AND relkind IN ('r', 'p') AND relowner = pg_roles.oid) AND pg_has_role(session_user, oid, 'MEMBER')"
    ),
}
# `session_user`: SET ROLE in the connection's options hides nothing.
_ASK_RIGHTS: Final = f"SELECT {', '.join(f'bool_or({condition})' for condition in _RIGHTS.values())} FROM pg_roles"  # noqa: S608
_ASK_TABLES: Final = """
SELECT relname, privilege FROM pg_class, unnest(%s::text[], %s::text[]) AS denied (name, privilege)
WHERE relnamespace = current_schema()::regnamespace AND relname = name AND (
    has_table_privilege(session_user, pg_class.oid, privilege)
    OR privilege = 'UPDATE' AND has_any_column_privilege(session_user, pg_class.oid, privilege))
ORDER BY 1, 2
"""
_DANGEROUS: Final = ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
"""What changes or removes rows that are there, or puts code of one's own before a row that comes."""


class LoginTooStrong(RuntimeError):
    """The application's login may do what only the owner's should. Raised at start, with what to do."""


def excesses() -> tuple[str, ...]:
    """What this process's login may do and the application must not, as parts of a sentence."""
    if connection.vendor != "postgresql":
        return ()
    denied = [
        (table, privilege)
        for table, privileges in grants.restricted().items()
        for privilege in _DANGEROUS
        if privilege not in privileges
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ASK_RIGHTS)
        found = [text for text, is_so in zip(_RIGHTS, cursor.fetchone(), strict=True) if is_so]
        cursor.execute(_ASK_TABLES, [[table for table, _ in denied], [privilege for _, privilege in denied]])
        tables: dict[str, list[str]] = {}
        for table, privilege in cursor.fetchall():
            tables.setdefault(table, []).append(privilege)
    return (*found, *(f"may {', '.join(privileges)} rows of {table}" for table, privileges in tables.items()))


def strength() -> Strength:
    """One word for probes."""
    if connection.vendor != "postgresql":
        return "file"
    return "too_strong" if excesses() else "ok"


def check() -> None:
    """Refuse to start with a login that is too strong; where the settings allow one, warn of it.

    Raises:
        LoginTooStrong: with everything that it may do too much.
    """
    found = excesses()
    if not found:
        return
    if settings.OPENROUTE_STRONG_LOGIN_ALLOWED:
        log.warning("database.login_too_strong", excesses=list(found))
        return
    raise LoginTooStrong(
        "The login of DATABASE_URL may do too much. Give the application a login of its own that owns nothing, name the"
        " owner's in DATABASE_OWNER_URL, and run `manage.py migrate`, which grants. This login"
        f" {'; '.join(found)}."
    )
