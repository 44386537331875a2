"""Budgets and usage over REST: who sees and writes what."""

from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from apps.budgets import services
from apps.core import clock
from apps.domain.ids import TeamId, TenantId, UserId
from apps.identity.values import Principal
from apps.tenants import selectors as tenants
from apps.tenants.models import Team, Tenant, User
from tests.support.factories.budgets import LedgerEntryFactory
from tests.support.factories.tenants import MembershipFactory, TeamFactory, TenantFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("apps.budgets.urls")]


class Company:
    """A tenant with a team of five and one of two."""

    def __init__(self) -> None:
        self.tenant: Tenant = TenantFactory.create()
        self.research, self.interns = (TeamFactory.create(tenant=self.tenant, slug=s) for s in ("research", "interns"))
        self.admin: User = UserFactory.create(tenant=self.tenant, role="tenant_admin")
        self.lead = self.join(self.research, is_admin=True)
        self.members = [self.join(self.research) for _ in range(4)]
        self.interns_people = [self.join(self.interns, is_admin=True), self.join(self.interns)]

    @property
    def id(self) -> TenantId:
        return TenantId(self.tenant.pk)

    def join(self, team: Team, *, is_admin: bool = False) -> User:
        user: User = UserFactory.create(tenant=self.tenant)
        MembershipFactory.create(user=user, team=team, is_admin=is_admin)
        return user

    def client(self, user: User) -> APIClient:
        client = APIClient()
        person = tenants.person(self.id, UserId(user.pk))
        principal: Any = Principal(tenant=self.id, person=person)
        client.force_authenticate(user=principal)
        return client

    def limit(self, amount: int, team: Team | None = None) -> int:
        budget = services.upsert_budget(
            tenant=self.id, team=TeamId(team.pk) if team else None, period="month", limit=amount, models=None,
            actor="system", at=clock.now(),
        )  # fmt: skip
        return int(budget.id)


@pytest.fixture
def acme() -> Company:
    return Company()


def listed(client: APIClient) -> list[dict[str, Any]]:
    response = client.get("/budgets/")
    assert response.status_code == 200
    results: list[dict[str, Any]] = response.json()["results"]
    return results


class TestReadingBudgets:
    def test_a_tenant_admin_sees_all(self, acme: Company) -> None:
        acme.limit(9)
        acme.limit(5, acme.research)

        assert [budget["team_slug"] for budget in listed(acme.client(acme.admin))] == [None, "research"]

    def test_a_team_admin_sees_his_team(self, acme: Company) -> None:
        acme.limit(9)
        acme.limit(5, acme.research)
        acme.limit(4, acme.interns)

        (budget,) = listed(acme.client(acme.lead))
        assert (budget["team"], budget["limit_microusd"], budget["left_microusd"]) == (acme.research.pk, 5, 5)

    def test_an_employee_sees_none(self, acme: Company) -> None:
        assert acme.client(acme.members[0]).get("/budgets/").status_code == 403

    def test_sums_of_a_small_team_are_hidden_but_not_that_it_is_used_up(self, acme: Company) -> None:
        acme.limit(0, acme.interns)

        (budget,) = listed(acme.client(acme.admin))
        assert (budget["spent_microusd"], budget["left_microusd"], budget["state"]) == (None, None, "used_up")


class TestWritingBudgets:
    def test_a_tenant_admin_sets_raises_and_removes_a_limit(self, acme: Company) -> None:
        client = acme.client(acme.admin)
        made = client.post(
            "/budgets/", {"team": acme.research.pk, "period": "day", "limit_microusd": 5, "models": ["gpt-mini"]}
        )
        address = f"/budgets/{made.json()['id']}/"

        assert made.status_code == 201
        assert client.patch(address, {"limit_microusd": 8}).json()["limit_microusd"] == 8
        assert client.delete(address).status_code == 204
        assert client.delete(address).status_code == 404

    def test_a_team_admin_may_not(self, acme: Company) -> None:
        budget = acme.limit(5, acme.research)

        assert acme.client(acme.lead).patch(f"/budgets/{budget}/", {"limit_microusd": 8}).status_code == 403

    def test_another_tenants_budget_does_not_exist(self, acme: Company) -> None:
        stranger = Company()
        budget = acme.limit(5)

        response = stranger.client(stranger.admin).patch(f"/budgets/{budget}/", {"limit_microusd": 8})

        assert response.status_code == 404

    def test_another_tenants_team_does_not_exist(self, acme: Company) -> None:
        stranger = Company()
        body = {"team": acme.research.pk, "period": "day", "limit_microusd": 5}

        assert stranger.client(stranger.admin).post("/budgets/", body).status_code == 404

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"period": "year", "limit_microusd": 1}, "period"),
            ({"period": "day", "limit_microusd": -1}, "limit_microusd"),
            ({"period": "day", "limit_microusd": 1, "spent_microusd": 0}, "spent_microusd"),
            ({"period": "day", "limit_microusd": 1, "models": []}, "models"),
        ],
    )
    def test_a_wrong_field_is_named(self, acme: Company, body: dict[str, Any], field: str) -> None:
        response = acme.client(acme.admin).post("/budgets/", body)

        assert response.status_code == 400
        assert field in response.json()["fields"]


class TestUsage:
    @pytest.fixture(autouse=True)
    def _entries(self, acme: Company) -> None:
        for user, amount in ((acme.lead, 30), (acme.members[0], 12)):
            LedgerEntryFactory.create(
                tenant=acme.tenant, team_id=acme.research.pk, user_id=user.pk, amount=amount, reserved_at=clock.now()
            )
        LedgerEntryFactory.create(
            tenant=acme.tenant, team_id=acme.interns.pk, user_id=acme.interns_people[0].pk, reserved_at=clock.now()
        )

    def test_people_see_their_own(self, acme: Company) -> None:
        usage = acme.client(acme.members[0]).get("/usage/").json()

        assert (usage["mine"]["cost_microusd"], usage["teams"], usage["company"]) == (12, [], None)
        assert usage["by_model"][0]["model"] == "gpt-mini"

    def test_a_team_admin_sees_the_sum_of_a_team_of_five(self, acme: Company) -> None:
        (team,) = acme.client(acme.lead).get("/usage/").json()["teams"]

        assert (team["team_slug"], team["figures"]["cost_microusd"]) == ("research", 42)

    def test_nobody_sees_the_sum_of_a_team_of_two(self, acme: Company) -> None:
        usage = acme.client(acme.admin).get("/usage/").json()

        assert {team["team_slug"]: team["figures"] is None for team in usage["teams"]} == {
            "interns": True, "research": False
        }  # fmt: skip
        assert usage["company"] is None  # the rest would be the interns

    def test_another_month_is_another_sum(self, acme: Company) -> None:
        usage = acme.client(acme.lead).get("/usage/", {"month": "2020-02"}).json()

        assert usage["mine"]["cost_microusd"] == 0
        assert usage["starts"] == "2020-01-31T23:00:00Z"

    @pytest.mark.parametrize("month", ["2026-13", "now", "2026-5", "2026-05-01"])
    def test_a_month_that_is_none_is_refused(self, acme: Company, month: str) -> None:
        assert acme.client(acme.lead).get("/usage/", {"month": month}).status_code == 400


class TestTheSchema:
    def test_says_that_budgets_come_in_pages(self) -> None:
        found = SchemaGenerator(urlconf="apps.budgets.urls").get_schema(request=None, public=True)

        answer = found["paths"]["/budgets/"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer == {"$ref": "#/components/schemas/PaginatedBudgetReadList"}
