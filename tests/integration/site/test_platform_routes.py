"""Probes, metrics, schema and error pages, through Django's whole stack."""

import json
import socket
import time
from contextlib import closing
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings

from tests.support.databases import ON_POSTGRES
from tests.support.patience import BUSY

pytestmark = pytest.mark.django_db

TOKEN = {"Authorization": "Bearer test-metrics-token"}


@pytest.fixture
def client() -> Client:
    return Client(headers={"Host": "localhost"})


def cannot() -> bool:
    return False


class TestProbes:
    def test_say_that_the_process_lives(self, client: Client) -> None:
        reply = client.get("/healthz")

        assert (reply.status_code, reply.json()) == (200, {"status": "ok"})
        assert "no-store" in reply.headers["Cache-Control"]

    def test_say_no_more_than_ready_to_strangers(self, client: Client) -> None:
        assert client.get("/readyz").json() == {"status": "ready"}

    def test_name_the_stores_for_holders_of_the_token(self, client: Client) -> None:
        assert client.get("/readyz", headers=TOKEN).json()["stores"] == {"database": True}

    def test_name_redis_which_makes_nothing_unready(self, client: Client, settings: Any) -> None:
        seen = [client.get("/readyz", headers=TOKEN).json()["redis"]]
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        away = client.get("/readyz", headers=TOKEN)
        settings.REDIS_URL = ""
        seen += [away.json()["redis"], client.get("/readyz", headers=TOKEN).json()["redis"]]

        assert seen == ["ok" if ON_POSTGRES else "not configured", "away", "not configured"]
        assert (away.status_code, away.json()["status"]) == (200, "ready")

    def test_ask_a_broker_of_its_own_and_a_redis_that_hangs_for_a_second_each(
        self, client: Client, settings: Any
    ) -> None:
        with closing(socket.create_server(("127.0.0.1", 0))) as silent:
            address = f"redis://127.0.0.1:{silent.getsockname()[1]}"
            settings.REDIS_URL, settings.CELERY_BROKER_URL = f"{address}/0", f"{address}/1"
            began = time.monotonic()
            reply = client.get("/readyz", headers=TOKEN)
            took = time.monotonic() - began
            stranger = client.get("/readyz")

        assert (reply.status_code, reply.json()["redis"], reply.json()["broker"]) == (200, "away", "away")
        assert took < BUSY * 2
        assert stranger.json() == {"status": "ready"}

    def test_name_the_strength_of_the_database_login(self, client: Client) -> None:
        assert client.get("/readyz", headers=TOKEN).json()["database_login"] == ("ok" if ON_POSTGRES else "file")

    def test_say_503_when_a_store_is_away(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def away(*_: object) -> None:
            raise OperationalError("connection refused")

        monkeypatch.setattr("apps.core.health._ask_database", away)
        reply = client.get("/readyz")

        assert (reply.status_code, reply.json()) == (503, {"status": "not ready"})

    @override_settings(OPENROUTE_READY_PROBES={"rights": "tests.integration.site.test_platform_routes.cannot"})
    def test_say_503_while_the_process_cannot_work(self, client: Client) -> None:
        reply = client.get("/readyz", headers=TOKEN)

        assert (reply.status_code, reply.json()["process"]) == (503, {"rights": False})

    def test_do_not_take_a_post(self, client: Client) -> None:
        assert client.post("/healthz").status_code == 405


class TestMetrics:
    @pytest.mark.parametrize(
        "header", [None, "Bearer wrong", "Basic test-metrics-token", "Bearer ", "test-metrics-token"]
    )
    def test_are_closed_without_the_token(self, client: Client, header: str | None) -> None:
        reply = client.get("/metrics", headers={"Authorization": header} if header else {})

        assert reply.status_code == 401
        assert "openroute_" not in reply.content.decode()

    def test_are_told_to_its_holder(self, client: Client) -> None:
        assert "openroute_websockets" in client.get("/metrics", headers=TOKEN).content.decode()

    def test_are_closed_to_an_empty_token_when_none_is_configured(
        self, client: Client, settings: pytest.FixtureRequest
    ) -> None:
        settings.METRICS_TOKEN = ""  # type: ignore[attr-defined]

        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


class TestErrors:
    @pytest.mark.parametrize("path", ["/api/", "/api/v1/nothing/", "/api/v2/", "/api/v1", "/scim/v2/Users"])
    def test_are_json_under_api(self, client: Client, path: str) -> None:
        reply = client.get(path)

        assert reply.status_code == 404
        assert json.loads(reply.content)["code"] == "not_found"

    def test_are_pages_elsewhere(self, client: Client) -> None:
        reply = client.get("/assets/gone-12345678.js")

        assert reply.status_code == 404
        assert reply.headers["Content-Type"].startswith("text/html")


class TestHeaders:
    def test_of_every_reply_close_what_a_page_does_not_need(self, client: Client) -> None:
        reply = client.get("/healthz")
        policy = reply.headers["Content-Security-Policy"]

        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert reply.headers["X-Frame-Options"] == "DENY"
        assert reply.headers["Referrer-Policy"] == "same-origin"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


class TestFailures:
    @pytest.fixture
    def lenient(self) -> Client:
        return Client(headers={"Host": "localhost"}, raise_request_exception=False)

    @pytest.mark.parametrize("path", ["/accounts/acme/login/", "/api/v1/me/"])
    def test_of_a_store_are_503_and_say_when_to_come_back(
        self, lenient: Client, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        def away(*_: object) -> None:
            raise OperationalError("connection refused")

        monkeypatch.setattr("apps.identity.middleware.proof.examine", away)
        reply = lenient.get(path)

        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
        assert b"refused" not in reply.content

    def test_that_nobody_expected_are_500_and_say_nothing(
        self, lenient: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: object) -> None:
            raise KeyError("secret of erin")

        monkeypatch.setattr("apps.identity.middleware.proof.examine", broken)
        reply = lenient.get("/api/v1/me/")

        assert (reply.status_code, reply.json()["code"]) == (500, "internal_error")
        assert b"erin" not in reply.content


class TestTheFrontend:
    @pytest.mark.parametrize("path", ["/", "/c/0193", "/admin/budgets"])
    def test_sends_a_stranger_to_sign_in(self, client: Client, path: str) -> None:
        reply = client.get(path)

        assert (reply.status_code, reply.headers["Location"]) == (302, "/accounts/")


class TestTheSchema:
    def test_wants_a_sign_in(self, client: Client) -> None:
        assert client.get("/api/schema/").status_code == 401
        assert client.get("/api/docs/").status_code == 401

    @pytest.mark.parametrize("path", ["/api/schema/", "/api/schema/?format=yaml", "/api/docs/"])
    def test_is_refused_to_strangers_in_json(self, client: Client, path: str) -> None:
        assert client.get(path).json()["code"] == "unauthenticated"

    @pytest.mark.parametrize("path", ["/api/schema/", "/api/docs/"])
    @pytest.mark.parametrize("method", ["OPTIONS", "POST", "DELETE"])
    def test_answers_no_other_method(self, client: Client, path: str, method: str) -> None:
        reply = client.generic(method, path)

        assert reply.status_code in {401, 405}
        assert set(reply.json()) == {"code", "detail", "fields"}
