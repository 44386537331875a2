"""Failed tries are bounded, per account and per true client address."""

import time

import pytest
from django.core.cache import cache
from django.test import Client

from apps.tenants.models import User
from tests.support.company import kinds_of
from tests.support.factories.tenants import PASSWORD, TenantFactory, UserFactory
from tests.support.sign_in import same_page, try_to_sign_in

pytestmark = pytest.mark.django_db


class TestLock:
    def test_comes_after_five_failures_and_says_when_it_ends(self, browser: Client, erin: User) -> None:
        for _ in range(5):
            assert try_to_sign_in(browser, "acme", erin.email, "wrong").status_code == 200

        answer = try_to_sign_in(browser, "acme", erin.email, PASSWORD)

        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 15 * 60
        assert "Try again in 15 minutes." in answer.content.decode()
        assert kinds_of(erin.tenant_id).count("account.locked") == 1

    def test_looks_the_same_for_people_who_do_not_exist(self, erin: User) -> None:
        pages = []
        for login in (erin.email, "nobody@acme.example"):
            cache.clear()
            for _ in range(6):
                answer = try_to_sign_in(Client(), "acme", login, "wrong")
            pages.append((answer.status_code, same_page(answer).replace(login, "LOGIN")))

        assert pages[0] == pages[1]

    def test_ends_within_a_quarter_of_an_hour(
        self, browser: Client, erin: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(6):
            try_to_sign_in(browser, "acme", erin.email, "wrong")
        later = time.time() + 15 * 60 + 1
        monkeypatch.setattr(time, "time", lambda: later)

        assert try_to_sign_in(browser, "acme", erin.email).status_code == 302

    def test_of_one_account_leaves_others_and_other_companies_alone(self, erin: User) -> None:
        colleague = UserFactory(tenant=erin.tenant)
        twin = UserFactory(tenant=TenantFactory(slug="globex"), email=erin.email)
        for _ in range(6):
            try_to_sign_in(Client(), "acme", erin.email, "wrong")

        assert try_to_sign_in(Client(), "acme", colleague.email).status_code == 302
        assert try_to_sign_in(Client(), "globex", twin.email).status_code == 302

    def test_counts_the_true_address_and_not_what_the_client_says(self, erin: User, settings) -> None:
        settings.TRUSTED_PROXIES = ["10.0.0.1"]

        def attempt(number: int, forwarded: str) -> int:
            login = f"nobody{number}@acme.example"
            browser = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
            return try_to_sign_in(browser, "acme", login, "wrong").status_code

        same_client = [attempt(number, f"1.2.3.{number}, 203.0.113.9") for number in range(21)]

        assert same_client == [200] * 20 + [429]
        assert attempt(99, "203.0.113.10") == 200

    def test_is_not_reached_by_signing_in_correctly(self, erin: User) -> None:
        assert all(try_to_sign_in(Client(), "acme", erin.email).status_code == 302 for _ in range(8))
