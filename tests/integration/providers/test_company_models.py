"""`GET /api/v1/models/?company=true`: all that the company may use, whatever the teams of its admin are."""

import pytest

from tests.support.factories.providers import ModelFactory
from tests.support.factories.tenants import MembershipFactory, TeamFactory, TenantFactory, UserFactory
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db


class TestModelsOfTheCompany:
    def test_are_more_than_those_of_the_admins_team(self) -> None:
        ModelFactory(name="small"), ModelFactory(name="large"), ModelFactory(name="foreign")
        tenant = TenantFactory(models_allowed=["small", "large"])
        admin = UserFactory(tenant=tenant, role="tenant_admin")
        MembershipFactory(user=admin, team=TeamFactory(tenant=tenant, models_allowed=["small"]))
        browser = signed_in(admin)

        assert [model["name"] for model in browser.get("/api/v1/models/").json()] == ["small"]
        assert [model["name"] for model in browser.get("/api/v1/models/?company=true").json()] == ["large", "small"]

    def test_are_for_admins(self) -> None:
        assert signed_in(UserFactory()).get("/api/v1/models/?company=true").status_code == 403
