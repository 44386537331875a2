"""People who sign in; every test begins without counted tries and noted refusals of the one before."""

import pytest
from django.core.cache import cache
from django.test import Client

from apps.identity import refusals
from apps.identity.services import uses
from apps.tenants.models import Membership, User
from tests.support.company import Company, company
from tests.support.factories.tenants import MembershipFactory, TenantFactory, UserFactory


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(refusals, "_ledger", refusals.Ledger())
    monkeypatch.setattr(uses, "_board", uses.Board())


@pytest.fixture
def acme() -> Company:
    return company("acme")


@pytest.fixture
def erin() -> User:
    user: User = UserFactory(tenant=TenantFactory(slug="acme"), email="erin@acme.example")
    return user


@pytest.fixture
def seat() -> Membership:
    """Erin's place in a team, for which she may make keys."""
    membership: Membership = MembershipFactory(user__email="erin@acme.example", user__tenant__slug="acme")
    return membership


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)
