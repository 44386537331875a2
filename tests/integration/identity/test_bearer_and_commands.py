"""Keys in requests, and the commands that make keys and operators."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.domain.ids import TenantId
from apps.identity import proof, selectors, services, sessions
from apps.tenants.models import Membership
from tests.support.api_keys import issue
from tests.support.company import ACT, kinds_of
from tests.support.factories.tenants import TenantFactory
from tests.support.sign_in import try_to_sign_in

pytestmark = pytest.mark.django_db


class TestBearer:
    def test_opens_the_api_for_the_maker_of_the_key(self, seat: Membership) -> None:
        issued = issue(seat)

        answer = Client().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {issued.value}")

        assert answer.status_code == 200
        assert answer.json()["email"] == "erin@acme.example"
        assert answer.json()["scopes"] == ["chat", "models"]

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
    def test_may_be_written_in_any_case(self, seat: Membership, scheme: str) -> None:
        answer = Client().get("/api/v1/me/", HTTP_AUTHORIZATION=f"{scheme} {issue(seat).value}")

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "header",
        ["Bearer or-a-key-of-nobody-1", "Bearer ", "Bearer", "Bearer a,Bearer b", "Bearer \x00", "Token x"],
    )
    def test_that_does_not_count_is_unauthenticated(self, header: str) -> None:
        answer = Client().get("/api/v1/me/", HTTP_AUTHORIZATION=header)

        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthenticated"
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_beside_a_cookie_is_refused(self, seat: Membership) -> None:
        browser = Client()
        browser.cookies["sessionid"] = "whatever"

        assert browser.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {issue(seat).value}").status_code == 401

    def test_that_was_revoked_is_refused_on_record(self, seat: Membership) -> None:
        issued, tenant = issue(seat), TenantId(seat.tenant_id)
        services.revoke_api_key(tenant=tenant, key=issued.id, **ACT)

        answers = [Client().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {issued.value}") for _ in range(3)]

        assert {answer.status_code for answer in answers} == {401}
        assert kinds_of(tenant) == ["key.issued", "key.revoked", "key.refused"]

    def test_still_counts_for_an_open_socket_until_it_is_revoked(self, seat: Membership) -> None:
        issued, tenant = issue(seat), TenantId(seat.tenant_id)
        principal = proof.principal_of_key(issued.value)
        assert principal is not None
        assert sessions.still_valid(principal)

        services.revoke_api_key(tenant=tenant, key=issued.id, **ACT)

        assert not sessions.still_valid(principal)


class TestCommand:
    def test_prints_the_key_once(self, seat: Membership, capsys: pytest.CaptureFixture[str]) -> None:
        call_command("issue_api_key", tenant="acme", user="Erin@acme.example", team=seat.team.slug)

        value = capsys.readouterr().out.strip()
        found = selectors.key_by_value(value)
        assert found is not None
        assert found[0].scopes == {"chat", "models", "embeddings", "conversations"}

    def test_prints_json_on_request(self, seat: Membership, capsys: pytest.CaptureFixture[str]) -> None:
        arguments = ["--tenant", "acme", "--user", "erin@acme.example", "--team", seat.team.slug]
        call_command("issue_api_key", *arguments, "--scopes", "chat,models", "--json")

        shown = json.loads(capsys.readouterr().out)
        assert shown["key"].startswith("or-")
        assert shown["scopes"] == ["chat", "models"]

    @pytest.mark.parametrize(
        "wrong", [{"tenant": "nobody"}, {"user": "x@x.example"}, {"team": "nobody"}, {"scopes": ["root"]}]
    )
    def test_says_what_is_wrong(self, seat: Membership, wrong: dict[str, object]) -> None:
        TenantFactory(slug="globex")
        with pytest.raises(CommandError):
            call_command(
                "issue_api_key", **{"tenant": "acme", "user": "erin@acme.example", "team": seat.team.slug, **wrong}
            )

    def test_of_operators_makes_one_that_can_sign_in(self, capsys: pytest.CaptureFixture[str], settings) -> None:
        settings.OPERATOR_PASSWORD = ""
        call_command("create_operator", email="Olga@openroute.example")

        password = capsys.readouterr().out.strip().rsplit(" ", 1)[-1]
        assert try_to_sign_in(Client(), "platform", "olga@openroute.example", password).status_code == 302
        with pytest.raises(CommandError, match="already"):
            call_command("create_operator", email="olga@openroute.example")

    def test_of_operators_takes_the_password_of_the_environment(
        self, capsys: pytest.CaptureFixture[str], settings
    ) -> None:
        settings.OPERATOR_PASSWORD = "from the environment"
        call_command("create_operator", email="olga@openroute.example")

        assert "from the environment" not in capsys.readouterr().out
