"""Sessions: new ids, the end by sign-out, by revocation, by time."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from apps.domain.ids import TenantId, UserId
from apps.identity import sessions
from apps.identity.session_store import rows
from apps.identity.tasks import remove_dead_sessions
from apps.tenants import services as tenants
from apps.tenants.models import User
from tests.support.company import ACT, kinds_of
from tests.support.factories.tenants import TenantFactory, UserFactory
from tests.support.sign_in import signed_in, try_to_sign_in

pytestmark = pytest.mark.django_db


class TestSessionIds:
    def test_are_new_at_each_sign_in(self, browser: Client, erin: User) -> None:
        try_to_sign_in(browser, "acme", erin.email)
        first = browser.cookies["sessionid"].value
        try_to_sign_in(browser, "acme", erin.email)

        assert browser.cookies["sessionid"].value != first
        assert sessions.principal(first) is None

    def test_cannot_be_chosen_by_an_attacker(self, browser: Client, erin: User) -> None:
        browser.cookies["sessionid"] = "a" * 32
        try_to_sign_in(browser, "acme", erin.email)

        assert browser.cookies["sessionid"].value != "a" * 32
        assert sessions.principal("a" * 32) is None

    def test_of_another_person_end_when_somebody_else_signs_in(self, browser: Client, erin: User) -> None:
        other = UserFactory(tenant=TenantFactory(slug="globex"))
        try_to_sign_in(browser, "acme", erin.email)
        first = browser.cookies["sessionid"].value
        try_to_sign_in(browser, "globex", other.email)

        assert sessions.principal(first) is None
        assert [row.user_id for row in rows()] == [other.pk]


class TestSigningOut:
    def test_ends_the_session_everywhere(self, erin: User) -> None:
        browser = signed_in(erin)
        key = browser.cookies["sessionid"].value

        answer = browser.post("/accounts/logout/")

        assert (answer.status_code, answer["Location"]) == (302, "/accounts/acme/login/")
        assert sessions.principal(key) is None
        assert kinds_of(erin.tenant_id) == ["session.started", "session.ended"]

    def test_wants_a_post_with_the_csrf_token(self, erin: User) -> None:
        browser = signed_in(erin)
        assert browser.get("/accounts/logout/").status_code == 405
        del browser.defaults["HTTP_X_CSRFTOKEN"]
        assert browser.post("/accounts/logout/").status_code == 403

        assert sessions.principal(browser.cookies["sessionid"].value) is not None

    def test_needs_nobody_to_be_signed_in(self, browser: Client) -> None:
        browser.get("/accounts/")
        answer = browser.post("/accounts/logout/", HTTP_X_CSRFTOKEN=browser.cookies["csrftoken"].value)

        assert answer["Location"] == "/accounts/"


class TestRevocation:
    @pytest.mark.parametrize("act", ["deactivate", "role", "password", "suspend"])
    def test_ends_a_session_at_once(self, erin: User, act: str) -> None:
        key = signed_in(erin).cookies["sessionid"].value
        principal = sessions.principal(key)
        assert principal is not None
        assert sessions.still_valid(principal)
        who = {"tenant": TenantId(erin.tenant_id), "user": UserId(erin.pk), **ACT}

        match act:
            case "deactivate":
                tenants.set_active(active=False, **who)
            case "role":
                tenants.set_role(role="compliance_officer", **who)
            case "password":
                tenants.set_password(password="a new one", **who)
            case "suspend":
                tenants.suspend_tenant(tenant=TenantId(erin.tenant_id), **ACT)

        assert sessions.principal(key) is None
        assert not sessions.still_valid(principal)

    def test_is_for_ever(self, erin: User) -> None:
        browser = signed_in(erin)
        who = {"tenant": TenantId(erin.tenant_id), "user": UserId(erin.pk), **ACT}
        tenants.set_active(active=False, **who)
        tenants.set_active(active=True, **who)

        assert sessions.principal(browser.cookies["sessionid"].value) is None
        assert browser.get("/api/v1/me/").status_code == 401

    def test_holds_for_djangos_own_idea_of_the_user_too(self, erin: User) -> None:
        browser = signed_in(erin)
        tenants.set_role(tenant=TenantId(erin.tenant_id), user=UserId(erin.pk), role="compliance_officer", **ACT)

        assert browser.get("/accounts/acme/login/").status_code == 200
        assert get_user_model() is User


class TestExpiry:
    def test_comes_after_the_idle_time(self, erin: User, settings) -> None:
        key = signed_in(erin).cookies["sessionid"].value
        settings.OPENROUTE_CLOCK = f"+{settings.OPENROUTE_SESSION_IDLE_S + 5}"

        assert sessions.principal(key) is None

    def test_is_put_off_by_use_but_not_for_ever(self, erin: User, settings) -> None:
        browser = signed_in(erin)
        key, idle = browser.cookies["sessionid"].value, settings.OPENROUTE_SESSION_IDLE_S
        used_until = 0
        while used_until + idle // 2 < settings.OPENROUTE_SESSION_MAX_S:
            used_until += idle // 2
            settings.OPENROUTE_CLOCK = f"+{used_until}"
            assert browser.get("/api/v1/me/").status_code == 200

        settings.OPENROUTE_CLOCK = f"+{settings.OPENROUTE_SESSION_MAX_S + 5}"
        assert sessions.principal(key) is None

    def test_leaves_rows_that_the_daily_task_removes(self, erin: User, settings) -> None:
        signed_in(erin)
        tenants.set_password(tenant=TenantId(erin.tenant_id), user=UserId(erin.pk), password="a new one", **ACT)
        living = sessions.principal(self.sign_in_again(erin))
        assert rows().count() == 2

        assert remove_dead_sessions() == 1
        assert living is not None
        assert sessions.still_valid(living)
        settings.OPENROUTE_CLOCK = f"+{settings.OPENROUTE_SESSION_IDLE_S + 5}"
        assert remove_dead_sessions() == 1

    def sign_in_again(self, erin: User) -> str:
        browser = Client()
        try_to_sign_in(browser, "acme", erin.email, "a new one")
        return browser.cookies["sessionid"].value

    def test_costs_no_write_at_each_use(self, erin: User) -> None:
        principal = sessions.principal(signed_in(erin).cookies["sessionid"].value)
        assert principal is not None
        assert principal.session is not None
        seen = principal.session.last_seen_at

        sessions.touch(principal, at=seen + timedelta(seconds=30))
        assert rows().get().last_seen_at == seen
        sessions.touch(principal, at=seen + timedelta(minutes=3))
        assert rows().get().last_seen_at == seen + timedelta(minutes=3)
