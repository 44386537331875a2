"""Two logins on PostgreSQL: what the application's may do, granted by the owner's after each migration.

The application reads and writes rows. It owns nothing, creates nothing, and only adds to the tables that apps have
called append-only; everything else is the owner's, who migrates. Whoever holds the application's password can therefore
read and change business data, but can neither rewrite the audit trail nor switch off what guards it (promise P08).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.module_loading import import_string

OWNER_ALIAS: Final = "owner"
GRANTING: Final = "apps.core.postgres.granting.apply"
"""By name: on SQLite psycopg, which it needs, is never loaded; it takes 9 MB."""
ORDINARY: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")

_restricted: dict[str, tuple[str, ...]] = {"django_migrations": ("SELECT",)}


def restrict(table: str, *privileges: str) -> None:
    """Say that the application needs only these privileges on a table; its app calls this when it loads."""
    _restricted[table] = privileges


def restricted() -> Mapping[str, tuple[str, ...]]:
    """Tables on which the application may do less than the ordinary, each with what it may do."""
    return MappingProxyType(_restricted)


def after_migrate(*, using: str, **_: Any) -> None:
    """Grant after each migration by the owner. With one login for everything there is nothing to grant."""
    if using == OWNER_ALIAS:
        apply = import_string(GRANTING)
        apply(connections[using], login=str(connections[DEFAULT_DB_ALIAS].settings_dict["USER"]))
