"""The models of an egress drill stand in the catalogue of everybody; only who names them is given them."""

import pytest

from apps.domain.catalogue import DRILL_PREFIX
from apps.domain.ids import TenantId
from apps.tenants.models import Tenant
from apps.turns import context
from tests.support.factories.providers import ModelFactory
from tests.support.factories.tenants import TenantFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("named", "offered"), [(None, {"mine"}), ([f"{DRILL_PREFIX}a"], {f"{DRILL_PREFIX}a"})])
def test_are_given_to_who_names_them(named: list[str] | None, offered: set[str]) -> None:
    tenant: Tenant = TenantFactory(models_allowed=named)
    for name in ("mine", f"{DRILL_PREFIX}a"):
        ModelFactory(name=name)

    found = context.load(TenantId(tenant.pk))

    assert {candidate.model for candidate in found.models_for(None)} == offered
