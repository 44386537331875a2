"""API keys by REST."""

import pytest

from tests.support.company import JSON, Company, bearer
from tests.support.factories.identity import ApiKeyFactory
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db


class TestKeys:
    def test_show_their_value_once(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])
        order = {"name": "laptop", "scopes": ["chat"], "team": acme.team.pk}

        issued = browser.post("/api/v1/keys/", order, JSON)

        assert issued.status_code == 201
        assert issued["Cache-Control"].startswith("no-store") or "no-store" in issued["Cache-Control"]
        value = issued.json()["value"]
        assert bearer(value).get("/api/v1/me/").status_code == 200
        assert value not in browser.get("/api/v1/keys/").content.decode()
        assert value not in browser.get(f"/api/v1/keys/{issued.json()['id']}/").content.decode()

    def test_live_a_year_at_most(self, acme: Company) -> None:
        order = {"name": "laptop", "scopes": ["chat"], "expires_at": "2099-01-01T00:00:00Z"}

        answer = signed_in(acme.people["employee"]).post("/api/v1/keys/", order, JSON)

        assert "expires_at" in answer.json()["fields"]

    def test_die_when_they_are_revoked(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])
        issued = browser.post("/api/v1/keys/", {"name": "x", "scopes": ["chat"]}, JSON).json()

        assert browser.delete(f"/api/v1/keys/{issued['id']}/").status_code == 204
        assert bearer(issued["value"]).get("/api/v1/me/").status_code == 401

    def test_can_be_rotated_by_their_owner(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])
        old = browser.post("/api/v1/keys/", {"name": "x", "scopes": ["chat"]}, JSON).json()

        new = browser.post(f"/api/v1/keys/{old['id']}/rotate/", {"overlap_hours": 1}, JSON)

        assert new.status_code == 201
        assert [bearer(value).get("/api/v1/me/").status_code for value in (old["value"], new.json()["value"])] == [
            200,
            200,
        ]
        assert (
            signed_in(acme.people["tenant_admin"]).post(f"/api/v1/keys/{old['id']}/rotate/", {}, JSON).status_code
            == 404
        )

    def test_of_a_team_are_seen_and_revoked_by_its_admin(self, acme: Company) -> None:
        lead, address = signed_in(acme.people["team_admin"]), f"/api/v1/keys/{acme.key.pk}/"

        listed = lead.get(f"/api/v1/keys/?team={acme.team.pk}").json()["results"]
        assert [key["id"] for key in listed] == [acme.key.pk]
        assert lead.get(f"/api/v1/keys/?team={acme.other_team.pk}").status_code == 403
        assert lead.delete(address).status_code == 204

    def test_of_everyone_are_those_that_one_administers(self, acme: Company) -> None:
        private = ApiKeyFactory(user=acme.people["employee"], team=None)

        def listed(role: str) -> list[int]:
            answer = signed_in(acme.people[role]).get("/api/v1/keys/?everyone=true")
            return [key["id"] for key in answer.json()["results"]]

        assert {private.pk, acme.key.pk} <= set(listed("tenant_admin"))
        assert listed("team_admin") == [acme.key.pk]
        assert signed_in(acme.people["employee"]).get("/api/v1/keys/?everyone=true").status_code == 403

    def test_outside_teams_are_out_of_reach_of_team_admins(self, acme: Company) -> None:
        private = ApiKeyFactory(user=acme.people["employee"], team=None)
        address = f"/api/v1/keys/{private.pk}/"

        assert signed_in(acme.people["team_admin"]).get(address).status_code == 404
        assert signed_in(acme.people["tenant_admin"]).get(address).status_code == 200

    def test_cannot_make_keys_with_more_scopes_than_they_have(self, acme: Company) -> None:
        ApiKeyFactory(user=acme.people["tenant_admin"], scopes=["admin"], value="or-admin-key-of-adam-1")
        client = bearer("or-admin-key-of-adam-1")

        assert client.post("/api/v1/keys/", {"name": "x", "scopes": ["chat"]}, JSON).status_code == 403
        assert client.post("/api/v1/keys/", {"name": "x", "scopes": ["admin"]}, JSON).status_code == 201

    def test_of_employees_never_administer(self, acme: Company) -> None:
        answer = signed_in(acme.people["employee"]).post("/api/v1/keys/", {"name": "x", "scopes": ["admin"]}, JSON)

        assert (answer.status_code, answer.json()["code"]) == (403, "scope_not_permitted")
