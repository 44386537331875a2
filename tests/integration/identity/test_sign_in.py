"""Signing in with a password, as a browser does it."""

import re

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEvent
from apps.domain.ids import INSTALLATION, TenantId
from apps.identity import sessions
from apps.identity.models import UserSession
from apps.tenants import services as tenants
from apps.tenants.models import User
from tests.support.company import ACT, kinds_of
from tests.support.factories.tenants import PASSWORD, TenantFactory, UserFactory
from tests.support.sign_in import WRONG, same_page, try_to_sign_in

pytestmark = pytest.mark.django_db


class TestThePages:
    @pytest.mark.parametrize("path", ["/accounts/", "/accounts/acme/", "/accounts/acme/login/", "/accounts/language/"])
    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
    def test_answer_no_other_method(self, path: str, method: str) -> None:
        assert Client().generic(method, path).status_code == 405


class TestCompanyPage:
    def test_leads_on_for_any_name_alike(self, browser: Client, erin: User) -> None:
        page = browser.get("/accounts/")
        token = browser.cookies["csrftoken"].value

        answers = [
            browser.post("/accounts/", {"company": company, "csrfmiddlewaretoken": token})
            for company in ("acme", " ACME ", "nobody-has-this")
        ]

        assert page.status_code == 200
        assert [answer.status_code for answer in answers] == [302] * 3
        assert [answer["Location"] for answer in answers] == [
            "/accounts/acme/login/",
            "/accounts/acme/login/",
            "/accounts/nobody-has-this/login/",
        ]

    def test_says_what_a_short_name_looks_like(self, browser: Client) -> None:
        browser.get("/accounts/")
        body = {"company": "acme/../admin", "csrfmiddlewaretoken": browser.cookies["csrftoken"].value}

        answer = browser.post("/accounts/", body)

        assert answer.status_code == 200
        assert "letters, digits and hyphens" in answer.content.decode()


class TestSigningIn:
    def test_gives_a_session_and_goes_home(self, browser: Client, erin: User) -> None:
        answer = try_to_sign_in(browser, "acme", "Erin@ACME.example")

        assert (answer.status_code, answer["Location"]) == (302, "/")
        principal = sessions.principal(browser.cookies["sessionid"].value)
        assert principal is not None
        assert (principal.tenant, principal.person.id) == (erin.tenant_id, erin.pk)
        assert kinds_of(erin.tenant_id) == ["session.started"]

    def test_stores_the_session_key_as_a_hash_only(self, browser: Client, erin: User) -> None:
        try_to_sign_in(browser, "acme", erin.email)

        key = browser.cookies["sessionid"].value
        row = UserSession.objects.for_tenant(TenantId(erin.tenant_id)).get()
        assert row.key_hash == sessions.hash_of(key)
        assert key not in str(row.__dict__)

    def test_keeps_of_the_device_its_class_and_network_only(self, browser: Client, erin: User) -> None:
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        try_to_sign_in(browser, "acme", erin.email, REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT=agent)

        row = UserSession.objects.for_tenant(TenantId(erin.tenant_id)).get()
        assert (row.agent, row.network) == ("Firefox on Linux", "203.0.113.0/24")

    def test_goes_on_to_a_page_of_this_host_only(self, browser: Client, erin: User) -> None:
        targets = {"/c/7": "/c/7", "https://evil.example/": "/", "//evil.example": "/", "/\\evil.example": "/"}
        for wish, target in targets.items():
            browser.get("/accounts/acme/login/")
            body = {
                "login": erin.email,
                "password": PASSWORD,
                "next": wish,
                "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
            }
            assert browser.post("/accounts/acme/login/", body)["Location"] == target

    def test_is_refused_without_the_csrf_token(self, browser: Client, erin: User) -> None:
        answer = browser.post("/accounts/acme/login/", {"login": erin.email, "password": PASSWORD})

        assert answer.status_code == 403
        assert "sessionid" not in browser.cookies

    def test_leaves_pages_out_of_caches(self, browser: Client, erin: User) -> None:
        assert "no-store" in browser.get("/accounts/acme/login/")["Cache-Control"]

    def test_upgrades_a_password_of_an_older_algorithm(self, browser: Client, erin: User, settings) -> None:
        settings.PASSWORD_HASHERS = [
            "django.contrib.auth.hashers.Argon2PasswordHasher",
            "django.contrib.auth.hashers.MD5PasswordHasher",
        ]

        assert try_to_sign_in(browser, "acme", erin.email).status_code == 302

        assert User.objects.for_tenant(TenantId(erin.tenant_id)).get().password.startswith("argon2")


class TestRefusals:
    """What is wrong is never told: one page, one sentence, one status."""

    def test_look_the_same_whoever_exists(self, browser: Client, erin: User) -> None:
        UserFactory(tenant=erin.tenant, email="gone@acme.example", is_active=False)
        other = UserFactory(tenant=TenantFactory(slug="globex"), email="hank@globex.example")
        unset = UserFactory(tenant=erin.tenant, email="new@acme.example", password=make_password(None))
        tries = [
            ("acme", erin.email, "wrong"),
            ("acme", "nobody@acme.example", PASSWORD),
            ("acme", "gone@acme.example", PASSWORD),
            ("acme", other.email, PASSWORD),
            ("acme", unset.email, PASSWORD),
        ]

        pages = {
            same_page(answer).replace(login, "LOGIN")
            for company, login, password in tries
            if (answer := try_to_sign_in(Client(), company, login, password)).status_code == 200
        }

        assert len(pages) == 1
        assert WRONG in pages.pop()

    def test_look_the_same_for_a_company_that_does_not_exist(self, erin: User) -> None:
        known = same_page(try_to_sign_in(Client(), "acme", "x@x.example", "wrong"))
        unknown = same_page(try_to_sign_in(Client(), "nobody", "x@x.example", "wrong"))

        assert known.replace("acme", "SLUG") == unknown.replace("nobody", "SLUG")

    def test_cost_one_hash_whoever_exists(self, erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
        hashed = []
        encode = MD5PasswordHasher.encode
        monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: hashed.append(args) or encode(*args))

        counts = []
        for company, login in (("acme", erin.email), ("acme", "nobody@acme.example"), ("nobody", erin.email)):
            hashed.clear()
            try_to_sign_in(Client(), company, login, "wrong")
            counts.append(len(hashed))

        assert counts == [1, 1, 1]

    def test_cost_the_same_queries_whoever_exists(self, erin: User) -> None:
        counts = []
        for _ in range(2):  # the first round creates the heads of the chains
            counts.clear()
            for company, login in (("acme", erin.email), ("acme", "nobody@acme.example"), ("nobody", erin.email)):
                browser = Client()
                browser.get(f"/accounts/{company}/login/")
                with CaptureQueriesContext(connection) as queries:
                    browser.post(f"/accounts/{company}/login/", {"login": login, "password": "wrong"})
                counts.append(len(queries))

        assert max(counts) - min(counts) <= 1, counts

    def test_are_on_record_without_the_address(self, browser: Client, erin: User) -> None:
        try_to_sign_in(browser, "acme", erin.email, "wrong")
        try_to_sign_in(browser, "nobody", "secret@person.example", "wrong")

        entry = AuditEvent.objects.for_tenant(TenantId(erin.tenant_id)).get()
        assert (entry.kind, entry.subject) == ("session.refused", f"user:{erin.pk}")
        assert "secret@person" not in str(AuditEvent.objects.for_tenant(INSTALLATION).get().__dict__)

    @pytest.mark.parametrize("login", ["", "not an address", "a" * 300 + "@acme.example", "erin@acme.example\0"])
    def test_take_odd_input_as_wrong(self, browser: Client, erin: User, login: str) -> None:
        answer = try_to_sign_in(browser, "acme", login, "x" * 2000)

        assert answer.status_code == 200
        assert WRONG in answer.content.decode()

    def test_meet_suspended_companies(self, browser: Client, erin: User) -> None:
        tenants.suspend_tenant(tenant=TenantId(erin.tenant_id), **ACT)

        assert WRONG in try_to_sign_in(browser, "acme", erin.email).content.decode()

    def test_meet_the_person_of_the_same_address_elsewhere(self, erin: User) -> None:
        twin = UserFactory(
            tenant=TenantFactory(slug="globex"), email=erin.email, password=make_password("globex has another one")
        )

        assert try_to_sign_in(Client(), "globex", erin.email, PASSWORD).status_code == 200
        browser = Client()
        assert try_to_sign_in(browser, "globex", erin.email, "globex has another one").status_code == 302
        principal = sessions.principal(browser.cookies["sessionid"].value)
        assert principal is not None
        assert principal.person.id == twin.pk


class TestLanguages:
    def test_follow_the_browser(self, browser: Client) -> None:
        page = browser.get("/accounts/acme/login/", HTTP_ACCEPT_LANGUAGE="de-AT,de;q=0.9").content.decode()

        assert '<html lang="de">' in page
        assert "Bei acme anmelden" in page

    def test_can_be_chosen(self, browser: Client) -> None:
        browser.get("/accounts/acme/login/")
        body = {
            "language": "de",
            "next": "/accounts/acme/login/",
            "csrfmiddlewaretoken": browser.cookies["csrftoken"].value,
        }
        answer = browser.post("/accounts/language/", body, follow=True)

        assert "Bei acme anmelden" in answer.content.decode()


class TestPages:
    @pytest.mark.parametrize("address", ["/accounts/", "/accounts/acme/login/"])
    def test_hold_no_inline_script_or_style(self, browser: Client, address: str) -> None:
        page = browser.get(address).content.decode()

        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
