"""A company with three models outside and two inside, and an admin who runs evaluations over the real path."""

from typing import Any

import pytest

from apps.domain.ids import UserId
from apps.tenants.models import Tenant
from tests.integration.turns.conftest import House, _connection, _one_connection, _process, house  # noqa: F401
from tests.support.factories.tenants import UserFactory
from tests.support.lab import NOON, Answering, Lab


@pytest.fixture(autouse=True)
def _clock(settings: Any) -> None:
    settings.OPENROUTE_CLOCK = NOON.isoformat()


@pytest.fixture
def lab(house: House) -> Lab:  # noqa: F811 - the fixture
    admin = UserFactory(tenant=Tenant.objects.get(pk=house.tenant), role="tenant_admin")
    return Lab(house.tenant, UserId(admin.pk))


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Answering:
    """What leaves the house, and what comes back."""
    adapter = Answering()
    adapter.install(monkeypatch)
    return adapter
