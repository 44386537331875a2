"""The REST routes of identity: who may do what on every route, and nothing across companies."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.domain.ids import TenantId
from apps.identity.models import UserSession
from apps.identity.urls import urlpatterns
from apps.tenants import roles
from apps.tenants import services as tenants
from apps.tenants.models import User
from tests.support.company import JSON, Company, as_json, bearer, company, kinds
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import NOON, PASSWORD, UserFactory
from tests.support.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> User:
    platform = tenants.ensure_platform(actor="system", at=NOON)
    user: User = UserFactory(tenant_id=platform, tenant=None, role="operator")
    return user


ROUTES: dict[tuple[str, str], tuple[str, Callable[[Company], str], dict[str, Any] | None]] = {
    ("GET", "me"): ("me.read", lambda c: "/api/v1/me/", None),
    ("PATCH", "me"): ("me.write", lambda c: "/api/v1/me/", {"locale": "de"}),
    ("POST", "my_password"): (
        "me.write",
        lambda c: "/api/v1/me/password/",
        {"current_password": PASSWORD, "new_password": "an entirely new sentence"},
    ),
    ("GET", "sessions"): ("sessions.read", lambda c: "/api/v1/sessions/", None),
    ("DELETE", "sessions"): ("sessions.end", lambda c: "/api/v1/sessions/", None),
    ("GET", "keys"): ("keys.read", lambda c: "/api/v1/keys/", None),
    ("POST", "keys"): ("keys.issue", lambda c: "/api/v1/keys/", {"name": "mine", "scopes": ["models"]}),
    ("GET", "people"): ("people.read", lambda c: "/api/v1/people/", None),
    ("POST", "people"): ("people.write", lambda c: "/api/v1/people/", {"email": "new@x.example", "name": "New"}),
    ("GET", "person"): ("people.read", lambda c: f"/api/v1/people/{c.people['employee'].pk}/", None),
    ("PATCH", "person"): ("people.write", lambda c: f"/api/v1/people/{c.people['employee'].pk}/", {"name": "Erin M."}),
    ("GET", "teams"): ("teams.read", lambda c: "/api/v1/teams/", None),
    ("POST", "teams"): ("teams.write", lambda c: "/api/v1/teams/", {"slug": "new", "name": "New"}),
    ("PATCH", "team"): ("teams.write", lambda c: f"/api/v1/teams/{c.team.pk}/", {"name": "Renamed"}),
}


BY_OWNERSHIP = {("GET", "key"), ("DELETE", "key"), ("POST", "key_rotation"), ("DELETE", "session"), ("GET", "team")}
"""Routes whose answer depends on whose object it is; they have tests of their own below."""


class TestRoles:
    def test_are_tried_on_every_route_of_this_app(self) -> None:
        live = {
            (method.upper(), pattern.name)
            for pattern in urlpatterns
            for method in pattern.callback.view_class.http_method_names
            if hasattr(pattern.callback.view_class, method) and method != "options"
        }

        assert live == ROUTES.keys() | BY_OWNERSHIP

    @pytest.mark.parametrize("role", roles.COLUMNS)
    @pytest.mark.parametrize("route", ROUTES, ids=" ".join)
    def test_get_what_the_published_table_says(
        self, acme: Company, operator: User, role: str, route: tuple[str, str]
    ) -> None:
        operation, address, body = ROUTES[route]
        person = operator if role == "operator" else acme.people[role]
        also = {"employee"} if role == "team_admin" else set()
        listed = bool(({role} | also) & roles.OPERATIONS[operation].roles)

        answer = signed_in(person).generic(route[0], address(acme), as_json(body), JSON)

        if listed:
            assert answer.status_code in {200, 201, 204}, answer.content
        else:
            assert answer.status_code == 403, answer.content
            assert answer.json()["code"] == "permission_denied"

    def test_are_the_same_for_head_as_for_get(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])

        assert browser.head("/api/v1/people/").status_code == 403
        assert browser.head("/api/v1/teams/").status_code == 200

    def test_put_refusals_on_record(self, acme: Company) -> None:
        browser = signed_in(acme.people["employee"])
        for _ in range(3):
            browser.post("/api/v1/teams/", {"slug": "x", "name": "X"}, JSON)

        assert kinds(acme.tenant) == ["session.started", "permission.refused"]

    def test_are_asked_of_strangers_first(self, acme: Company) -> None:
        for method, name in ROUTES:
            _, address, body = ROUTES[method, name]
            answer = Client().generic(method, address(acme), as_json(body), JSON)
            assert answer.status_code == 401, (method, name)
            assert answer.json()["code"] == "unauthenticated"

    def test_reach_nothing_through_a_key_without_the_scope(self, acme: Company) -> None:
        ApiKeyFactory(
            user=acme.people["tenant_admin"],
            scopes=["chat", "models", "embeddings", "conversations"],
            value="or-all-but-admin-key-1",
        )
        client = bearer("or-all-but-admin-key-1")

        for method, name in ROUTES:
            _, address, body = ROUTES[method, name]
            if name != "me":
                answer = client.generic(method, address(acme), as_json(body), JSON)
                assert answer.status_code == 403, (method, name)


class TestForeignObjects:
    """What belongs to another company answers exactly as what does not exist."""

    def test_answer_like_missing_ones(self, acme: Company) -> None:
        globex = company("globex")
        browser = signed_in(acme.people["tenant_admin"])
        session = UserSession.objects.for_tenant(TenantId(acme.tenant.pk)).get().pk
        foreign_key = globex.key.pk
        tries = [
            ("GET", f"/api/v1/people/{globex.people['employee'].pk}/", "/api/v1/people/999999/", None),
            ("PATCH", f"/api/v1/people/{globex.people['employee'].pk}/", "/api/v1/people/999999/", {"name": "X"}),
            ("GET", f"/api/v1/teams/{globex.team.pk}/", "/api/v1/teams/999999/", None),
            ("PATCH", f"/api/v1/teams/{globex.team.pk}/", "/api/v1/teams/999999/", {"name": "X"}),
            ("GET", f"/api/v1/keys/{foreign_key}/", "/api/v1/keys/999999/", None),
            ("DELETE", f"/api/v1/keys/{foreign_key}/", "/api/v1/keys/999999/", None),
            ("POST", f"/api/v1/keys/{foreign_key}/rotate/", "/api/v1/keys/999999/rotate/", {}),
            ("GET", f"/api/v1/keys/?team={globex.team.pk}", "/api/v1/keys/?team=999999", None),
        ]
        for method, foreign, missing, body in tries:
            answers = [browser.generic(method, address, as_json(body), JSON) for address in (foreign, missing)]
            assert [answer.status_code for answer in answers] == [404, 404], foreign
            assert answers[0].content == answers[1].content

        foreign_browser = signed_in(globex.people["tenant_admin"])
        assert foreign_browser.delete(f"/api/v1/sessions/{session}/").status_code == 404
        assert UserSession.objects.for_tenant(TenantId(acme.tenant.pk)).filter(pk=session).exists()

    def test_cannot_be_put_into_ones_own(self, acme: Company) -> None:
        globex = company("globex")
        browser = signed_in(acme.people["tenant_admin"])
        address = f"/api/v1/people/{acme.people['employee'].pk}/"

        answer = browser.patch(address, {"memberships": [{"team": globex.team.pk}]}, JSON)

        assert answer.status_code == 400
        key = {"name": "x", "scopes": ["chat"], "team": globex.team.pk}
        assert browser.post("/api/v1/keys/", key, JSON).status_code == 404

    def test_do_not_stand_in_lists(self, acme: Company) -> None:
        company("globex")
        browser = signed_in(acme.people["tenant_admin"])

        people = browser.get("/api/v1/people/").json()
        assert people["count"] == 4
        assert all(person["email"].endswith("@acme.example") for person in people["results"])
        assert {team["id"] for team in browser.get("/api/v1/teams/").json()["results"]} == {
            acme.team.pk,
            acme.other_team.pk,
        }


class TestFields:
    @pytest.mark.parametrize(
        "body",
        [
            {"id": 1},
            {"tenant": 2},
            {"email": "x@x.example"},
            {"password": "x"},
            {"session_epoch": 0},
            {"team": 1},
        ],
    )
    def test_that_are_not_listed_cannot_be_written(self, acme: Company, body: dict[str, Any]) -> None:
        browser = signed_in(acme.people["tenant_admin"])
        before = User.objects.for_tenant(TenantId(acme.tenant.pk)).values().get(pk=acme.people["employee"].pk)

        answer = browser.patch(f"/api/v1/people/{acme.people['employee'].pk}/", {"name": "X", **body}, JSON)

        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == list(body)
        after = User.objects.for_tenant(TenantId(acme.tenant.pk)).values().get(pk=acme.people["employee"].pk)
        assert after == before

    @pytest.mark.parametrize("raw", ["", "[]", "null", "{", '{"name": NaN}', '{"name": "\\u0000"}', '{"name": {}}'])
    def test_that_are_malformed_name_themselves(self, acme: Company, raw: str) -> None:
        browser = signed_in(acme.people["tenant_admin"])

        answer = browser.generic("POST", "/api/v1/teams/", raw, JSON)

        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid_request"


class TestCsrf:
    def test_is_wanted_for_changes_by_cookie(self, acme: Company) -> None:
        browser = signed_in(acme.people["tenant_admin"])
        del browser.defaults["HTTP_X_CSRFTOKEN"]

        assert browser.get("/api/v1/me/").status_code == 200
        assert browser.patch("/api/v1/me/", {"locale": "de"}, JSON).status_code == 403

    def test_is_not_wanted_for_keys(self, acme: Company) -> None:
        ApiKeyFactory(user=acme.people["tenant_admin"], scopes=["admin"], value="or-admin-key-of-adam-1")
        browser = Client(enforce_csrf_checks=True, HTTP_AUTHORIZATION="Bearer or-admin-key-of-adam-1")

        assert browser.patch("/api/v1/me/", {"locale": "de"}, JSON).status_code == 200
