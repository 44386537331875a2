"""The ordinary suite on PostgreSQL: the owner's login makes and empties the database, the other runs the tests.

Imported by the root conftest where DATABASE_OWNER_URL is set; on SQLite pytest-django does all of it by itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from apps.audit import triggers
from apps.core.grants import OWNER_ALIAS
from tests.support import databases


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One database per worker of the test run, instead of pytest-django's, which needs one login that may do all."""
    name = f"openroute_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    databases.create(name)
    for alias in (DEFAULT_DB_ALIAS, OWNER_ALIAS):
        connections[alias].settings_dict["NAME"] = name
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: _flush())
        yield
    with django_db_blocker.unblock():
        connections.close_all()
        connections[DEFAULT_DB_ALIAS].close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone
    databases.drop(name)


def _flush() -> None:
    connections.close_all()
    name = str(connections[OWNER_ALIAS].settings_dict["NAME"])
    databases.empty(databases.addresses(name)["DATABASE_OWNER_URL"])


@contextmanager
def as_owner() -> Iterator[None]:
    """Within the block the ORM has the owner's login, in a session of its own, which sees what is committed."""
    if OWNER_ALIAS not in connections:
        yield
        return
    application = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = owner = connections[OWNER_ALIAS].copy(alias=DEFAULT_DB_ALIAS)
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = application
        owner.close()


@contextmanager
def append_only_lifted() -> Iterator[None]:
    """What only the owner of the database can do: change entries of the audit trail.

    On PostgreSQL the entries must be committed: `@pytest.mark.django_db(transaction=True)`.
    """
    with as_owner(), triggers.lifted():
        yield
