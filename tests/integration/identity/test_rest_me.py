"""Oneself by REST: who one is, password, devices."""

from typing import Any

import pytest
from django.test import Client

from apps.domain.ids import TenantId
from apps.identity.models import UserSession
from tests.support.company import JSON, Company, bearer
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import PASSWORD
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db


class TestMe:
    def test_tells_who_i_am_and_what_i_may_do(self, acme: Company) -> None:
        me = signed_in(acme.people["team_admin"]).get("/api/v1/me/").json()

        assert me["tenant"]["slug"] == "acme"
        assert me["teams"] == [{"id": acme.team.pk, "slug": acme.team.slug, "name": acme.team.name, "admin": True}]
        assert "keys.read_team" in me["operations"]
        assert "teams.write" not in me["operations"]

    def test_changes_only_the_language(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])

        assert browser.patch("/api/v1/me/", {"locale": "de"}, JSON).json()["locale"] == "de"
        assert browser.patch("/api/v1/me/", {"role": "tenant_admin"}, JSON).status_code == 400

    def test_changes_nothing_with_a_key_that_is_not_for_it(self, acme: Company) -> None:
        ApiKeyFactory(user=acme.people["employee"], scopes=["chat"], value="or-chat-key-of-erin-1")

        assert bearer("or-chat-key-of-erin-1").patch("/api/v1/me/", {"locale": "de"}, JSON).status_code == 403


class TestPassword:
    def change(self, browser: Client, current: str, new: str) -> Any:
        return browser.post("/api/v1/me/password/", {"current_password": current, "new_password": new}, JSON)

    def test_ends_every_session(self, acme: Company) -> None:
        here, there = signed_in(acme.people["employee"]), signed_in(acme.people["employee"])

        assert self.change(here, PASSWORD, "an entirely new sentence").status_code == 204
        assert [browser.get("/api/v1/me/").status_code for browser in (here, there)] == [401, 401]

    @pytest.mark.parametrize("new", ["short", "123456789012345", "password1234", "erin@acme.example"])
    def test_must_be_strong(self, acme: Company, new: str) -> None:
        answer = self.change(signed_in(acme.people["employee"]), PASSWORD, new)

        assert answer.status_code == 400
        assert "password" in answer.json()["fields"]

    def test_is_tried_a_few_times_only(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])
        codes = [self.change(browser, "wrong", "an entirely new sentence").status_code for _ in range(6)]

        assert codes == [400] * 5 + [429]

    def test_cannot_be_changed_with_a_key(self, acme: Company) -> None:
        ApiKeyFactory(user=acme.people["tenant_admin"], scopes=["admin"], value="or-admin-key-of-adam-1")

        assert self.change(bearer("or-admin-key-of-adam-1"), PASSWORD, "an entirely new one").status_code == 403


class TestSessions:
    def test_are_listed_with_the_current_one_marked(self, acme: Company) -> None:
        agent = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0"
        here, _ = signed_in(acme.people["employee"]), signed_in(acme.people["employee"], HTTP_USER_AGENT=agent)
        signed_in(acme.people["tenant_admin"])

        found = here.get("/api/v1/sessions/").json()["results"]

        assert len(found) == 2
        assert sorted((session["agent"], session["current"]) for session in found) == [
            ("Firefox on Windows", False),
            ("Unknown device", True),
        ]

    def test_can_be_ended_one_by_one(self, acme: Company) -> None:
        here, there = signed_in(acme.people["employee"]), signed_in(acme.people["employee"])
        found = here.get("/api/v1/sessions/").json()["results"]
        other = next(session["id"] for session in found if not session["current"])

        assert here.delete(f"/api/v1/sessions/{other}/").status_code == 204
        assert here.delete(f"/api/v1/sessions/{other}/").status_code == 404
        assert [browser.get("/api/v1/me/").status_code for browser in (here, there)] == [200, 401]

    def test_can_be_ended_all_at_once(self, acme: Company) -> None:
        browsers = [signed_in(acme.people["employee"]) for _ in range(3)]

        assert browsers[0].delete("/api/v1/sessions/").status_code == 204
        assert {browser.get("/api/v1/me/").status_code for browser in browsers} == {401}

    def test_of_others_are_out_of_reach(self, acme: Company) -> None:
        signed_in(acme.people["employee"])
        erins = UserSession.objects.for_tenant(TenantId(acme.tenant.pk)).get().pk

        assert signed_in(acme.people["tenant_admin"]).delete(f"/api/v1/sessions/{erins}/").status_code == 404
