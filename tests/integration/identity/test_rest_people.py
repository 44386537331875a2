"""People and teams by REST."""

import pytest

from apps.domain.ids import TenantId
from apps.tenants.models import User
from tests.support.company import JSON, Company, bearer, kinds
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import UserFactory
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db


class TestPeople:
    def test_are_created_with_seats_and_can_sign_in(self, acme: Company) -> None:
        order = {
            "email": "New@acme.example",
            "name": "New",
            "password": "a sentence to begin with",
            "memberships": [{"team": acme.team.pk, "admin": True}],
        }

        answer = signed_in(acme.people["tenant_admin"]).post("/api/v1/people/", order, JSON)

        assert answer.status_code == 201
        assert answer.json()["memberships"] == [{"team": acme.team.pk, "admin": True}]
        assert "password" not in answer.json()

    def test_get_no_role_that_one_admin_alone_may_not_give(self, acme: Company) -> None:
        browser = signed_in(acme.people["tenant_admin"])
        erin = f"/api/v1/people/{acme.people['employee'].pk}/"
        cleo = f"/api/v1/people/{acme.people['compliance_officer'].pk}/"

        for role in ("compliance_officer", "operator"):
            assert browser.patch(erin, {"role": role}, JSON).status_code == 403
            order = {"email": "x@acme.example", "name": "X", "role": role}
            assert browser.post("/api/v1/people/", order, JSON).status_code == 403
        assert browser.patch(cleo, {"role": "employee"}, JSON).status_code == 403
        assert browser.patch(erin, {"role": "tenant_admin"}, JSON).status_code == 200

    def test_do_not_change_their_own_role(self, acme: Company) -> None:
        adam = acme.people["tenant_admin"]
        UserFactory(tenant=acme.tenant, role="tenant_admin")

        answer = signed_in(adam).patch(f"/api/v1/people/{adam.pk}/", {"role": "employee"}, JSON)

        assert answer.status_code == 403

    def test_keep_their_last_admin(self, acme: Company) -> None:
        adam = acme.people["tenant_admin"]

        answer = signed_in(adam).patch(f"/api/v1/people/{adam.pk}/", {"name": "A", "active": False}, JSON)

        assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
        assert User.objects.for_tenant(TenantId(acme.tenant.pk)).get(pk=adam.pk).name != "A"

    def test_lose_everything_when_they_are_deactivated(self, acme: Company) -> None:
        erins = signed_in(acme.people["employee"])
        ApiKeyFactory(user=acme.people["employee"], value="or-chat-key-of-erin-1")
        address = f"/api/v1/people/{acme.people['employee'].pk}/"

        assert signed_in(acme.people["tenant_admin"]).patch(address, {"active": False}, JSON).status_code == 200

        assert erins.get("/api/v1/me/").status_code == 401
        assert bearer("or-chat-key-of-erin-1").get("/api/v1/me/").status_code == 401

    @pytest.mark.parametrize("seat", [{}, {"team": "x"}, {"team": 1, "admin": None}, {"team": 1, "position": 0}, 7])
    def test_do_not_take_odd_seats(self, acme: Company, seat: object) -> None:
        address = f"/api/v1/people/{acme.people['employee'].pk}/"

        answer = signed_in(acme.people["tenant_admin"]).patch(address, {"memberships": [seat]}, JSON)

        assert answer.status_code == 400
        assert all(field.startswith("memberships") for field in answer.json()["fields"])

    def test_are_seen_by_team_admins_within_their_teams(self, acme: Company) -> None:
        lead = signed_in(acme.people["team_admin"])

        seen = {person["email"] for person in lead.get("/api/v1/people/").json()["results"]}
        assert seen == {"erin@acme.example", "lead@acme.example"}
        assert lead.get(f"/api/v1/people/{acme.people['tenant_admin'].pk}/").status_code == 404

    def test_can_be_listed_by_team(self, acme: Company) -> None:
        def members(role: str, team: object) -> list[str]:
            answer = signed_in(acme.people[role]).get("/api/v1/people/", {"team": team})
            return [person["email"] for person in answer.json()["results"]] if answer.status_code == 200 else []

        assert members("tenant_admin", acme.team.pk) == ["erin@acme.example", "lead@acme.example"]
        assert members("team_admin", acme.team.pk) == ["erin@acme.example", "lead@acme.example"]
        assert members("team_admin", acme.other_team.pk) == []
        assert signed_in(acme.people["team_admin"]).get("/api/v1/people/?team=x").status_code == 400

    def test_come_in_pages(self, acme: Company) -> None:
        browser = signed_in(acme.people["tenant_admin"])

        pages = [browser.get(f"/api/v1/people/?page_size=3&page={number}").json() for number in (1, 2)]

        assert [len(page["results"]) for page in pages] == [3, 1]
        assert pages[0]["count"] == 4


class TestTeams:
    def test_are_seen_by_their_members_only(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])

        assert [team["id"] for team in browser.get("/api/v1/teams/").json()["results"]] == [acme.team.pk]
        assert browser.get(f"/api/v1/teams/{acme.other_team.pk}/").status_code == 404

    def test_are_created_changed_and_suspended(self, acme: Company) -> None:
        browser = signed_in(acme.people["tenant_admin"])
        order = {"slug": "new", "name": "New", "models": ["b", "a"], "rate_limits": {"requests_per_minute": 5}}

        team = browser.post("/api/v1/teams/", order, JSON).json()
        assert (team["models"], team["rate_limits"]["requests_per_minute"]) == (["a", "b"], 5)
        changed = browser.patch(f"/api/v1/teams/{team['id']}/", {"models": None, "active": False}, JSON).json()

        assert (changed["models"], changed["active"], changed["name"]) == (None, False, "New")
        assert kinds(acme.tenant)[-3:] == ["team.created", "team.changed", "team.suspended"]

    def test_with_a_taken_name_are_refused(self, acme: Company) -> None:
        order = {"slug": acme.team.slug, "name": "Again"}

        answer = signed_in(acme.people["tenant_admin"]).post("/api/v1/teams/", order, JSON)

        assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
