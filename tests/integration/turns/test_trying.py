"""The playground: what would become of a pasted text, for who may read the policy."""

from typing import Any

import pytest
from django.test import Client

from apps.audit import services as audit
from apps.audit.models import AuditEvent
from apps.core import clock
from apps.domain.ids import TenantId
from apps.policies import services as policies
from apps.privacy import services as privacy
from apps.privacy.api import CoverageView
from apps.tenants import roles
from apps.tenants.models import User
from apps.turns.models import Turn
from apps.turns.trying_api import TrialView
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db

IBAN = "DE89370400440532013000"
TEXT = f"🙂 Maria Keller paid from {IBAN}; ask Berlin."


def key_of(user: User) -> str:
    return f"or-{str(user.pk)[::-1]:k<40}"


@pytest.fixture
def adam() -> User:
    privacy.start()
    user: User = UserFactory(role="tenant_admin")
    ApiKeyFactory(user=user, value=key_of(user), scopes=["admin"])
    audit.create_head(TenantId(user.tenant_id))
    return user


def rule(user: User, **sensitivity: Any) -> None:
    document = {"sensitivity": sensitivity}
    policies.put(tenant=TenantId(user.tenant_id), document=document, actor="system", at=clock.now())


def ask(user: User, text: str = TEXT, **order: Any) -> Any:
    path, headers = "/api/v1/privacy/try/", {"authorization": f"Bearer {key_of(user)}"}
    return Client().post(path, {"text": text, **order}, content_type="application/json", headers=headers)


def found(reply: Any) -> dict[str, dict[str, Any]]:
    assert reply.status_code == 200, reply.content
    return {finding["type"]: finding for finding in reply.json()["findings"]}


class TestATrial:
    def test_says_what_was_found_by_whom_and_what_follows(self, adam: User) -> None:
        reply = ask(adam)
        findings = found(reply)

        assert (reply.json()["sensitivity"], reply.json()["outcome"]) == ("sensitive", "inside")
        iban = findings["IBAN_CODE"]
        assert TEXT[iban["start"] : iban["end"]] == IBAN
        assert (iban["recognizers"], iban["why_not"]) == (["iban"], "")
        assert iban["counts"]
        assert any(one["type"] == "PERSON" and one["counts"] for one in reply.json()["findings"])

    def test_of_harmless_text_is_free(self, adam: User) -> None:
        assert ask(adam, "How do tides work?").json() | {"cpu_ms": 0} == {
            "sensitivity": "clean", "why": "", "outcome": "free", "findings": [], "masked": None, "cpu_ms": 0,
        }  # fmt: skip

    def test_follows_the_policy_in_force(self, adam: User) -> None:
        rule(adam, force_self_hosted=["IBAN_CODE"], allow=[IBAN])
        reply = ask(adam)

        assert reply.json()["outcome"] == "free"
        assert {name: one["why_not"] for name, one in found(reply).items()} == {
            "PERSON": "not_named", "IBAN_CODE": "allowed",
        }  # fmt: skip

    def test_shows_what_models_outside_would_see(self, adam: User) -> None:
        rule(adam, action="mask", mask_types=["PERSON", "IBAN_CODE"])
        reply = ask(adam)

        assert reply.json()["outcome"] == "masked"
        assert reply.json()["masked"] == "🙂 [PERSON_1] paid from [IBAN_CODE_1]; ask Berlin."
        assert ask(adam, f"{TEXT} Mail: maria@example-post.de").json()["outcome"] == "inside"

    def test_says_that_it_would_be_refused(self, adam: User) -> None:
        rule(adam, action="refuse")

        assert ask(adam).json()["outcome"] == "refused"

    def test_goes_by_the_channel_and_by_the_team(self, adam: User) -> None:
        rule(adam, channels={"api": {"force_self_hosted": []}, "team:lab": {"action": "refuse"}})

        assert [ask(adam).json()["outcome"], ask(adam, channel="api").json()["outcome"]] == ["inside", "free"]
        assert ask(adam, team="lab").json()["outcome"] == "refused"

    def test_of_a_document_that_is_being_written(self, adam: User) -> None:
        assert ask(adam, document={"sensitivity": {"force_self_hosted": []}}).json()["outcome"] == "free"
        wrong = ask(adam, document={"sensitivity": {"action": "shout"}})
        assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_request")

    @pytest.mark.parametrize(
        "order", [{"text": " "}, {"text": "x" * 20_001}, {"channel": "pigeon"}, {"team": "not a slug"}]
    )
    def test_of_something_else_is_an_error(self, adam: User, order: dict[str, str]) -> None:
        assert ask(adam, **({"text": TEXT} | order)).status_code == 400

    def test_leaves_nothing_behind(self, adam: User, caplog: pytest.LogCaptureFixture) -> None:
        before = AuditEvent.objects.for_tenant(adam.tenant_id).count()
        ask(adam)

        assert not Turn.objects.for_tenant(adam.tenant_id).exists()
        assert AuditEvent.objects.for_tenant(adam.tenant_id).count() == before
        assert IBAN not in caplog.text


def test_what_is_covered_can_be_read(adam: User) -> None:
    headers = {"authorization": f"Bearer {key_of(adam)}"}
    body = Client().get("/api/v1/privacy/coverage/", headers=headers).json()

    assert {"PERSON", "IBAN_CODE", "SECRET"} <= set(body["covered"]) & set(body["by_default"])
    assert "RELIGION" in body["not_covered"]
    assert body["mode"].startswith("patterns")
    assert {"DE", "FR"} <= set(body["countries"])


def test_both_are_for_who_may_read_the_policy() -> None:
    for view, method in ((TrialView, "POST"), (CoverageView, "GET")):
        assert view.operations == {method: "policies.read"}
    assert roles.OPERATIONS["policies.read"].roles == {"tenant_admin", "compliance_officer"}
