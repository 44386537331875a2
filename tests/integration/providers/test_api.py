"""REST: what people see of models, and what operators may change."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.domain.ids import TenantId, UserId
from apps.identity.values import Principal
from apps.providers.models import Provider
from apps.tenants import selectors as tenants
from apps.tenants.models import User
from tests.support.factories.providers import ModelFactory, ProviderFactory
from tests.support.factories.tenants import MembershipFactory, TeamFactory, TenantFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("apps.providers.urls")]
KEY = "sk-never-to-be-seen"
PROVIDER = {"adapter": "openai", "base_url": "https://api.example.com/v1", "hosting": "commercial"}
MODEL = {
    "provider": "acme-ai",
    "upstream": "meta/llama",
    "context_tokens": 8000,
    "max_output_tokens": 1000,
    "price": {"input": "0.25", "output": "2"},
}


def client_of(user: User) -> APIClient:
    client = APIClient()
    tenant = TenantId(user.tenant_id)
    client.force_authenticate(user=Principal(tenant=tenant, person=tenants.person(tenant, UserId(user.pk))))
    return client


@pytest.fixture
def operator() -> APIClient:
    return client_of(UserFactory.create(role="operator"))


def names(response: Any) -> list[str]:
    return [entry["name"] for entry in response.json()]


class TestModels:
    def test_are_those_that_tenant_and_teams_leave(self) -> None:
        for name in ("a", "b", "c"):
            ModelFactory.create(name=name)
        tenant = TenantFactory.create(models_allowed=["a", "b"])
        user = UserFactory.create(tenant=tenant)
        one, two = (TeamFactory.create(tenant=tenant, models_allowed=allowed) for allowed in (["b", "c"], ["c"]))
        for place, team in enumerate((one, two)):
            MembershipFactory.create(user=user, team=team, position=place)
        client = client_of(user)

        assert names(client.get("/models/")) == ["b"]
        assert names(client.get(f"/models/?team={two.pk}")) == []

    def test_are_all_without_limits(self) -> None:
        ModelFactory.create(name="a")
        ModelFactory.create(name="off", enabled=False)

        assert names(client_of(UserFactory.create()).get("/models/")) == ["a"]

    @pytest.mark.parametrize("team", ["0", "x", "-1", "99999999999999999999999", "²"])
    def test_of_a_foreign_team_are_not_found(self, team: str) -> None:
        assert client_of(UserFactory.create()).get(f"/models/?team={team}").status_code == 404

    def test_tell_the_price_and_nothing_of_the_provider(self) -> None:
        ModelFactory.create(name="a", provider__name="hidden", upstream="secret-upstream")

        body = client_of(UserFactory.create()).get("/models/").content.decode()

        assert '"input":"0.25"' in body
        assert "hidden" not in body
        assert "secret-upstream" not in body
        assert "api.example.com" not in body


class TestTheOperatorsCatalogue:
    @pytest.mark.parametrize("role", ["employee", "tenant_admin", "compliance_officer"])
    @pytest.mark.parametrize("path", ["/operator/providers/", "/operator/models/", "/operator/providers/x/"])
    def test_is_closed_to_everybody_else(self, role: str, path: str) -> None:
        client = client_of(UserFactory.create(role=role))

        assert client.get(path).status_code == 403
        assert client.put(path, {}).status_code == 403

    def test_takes_a_key_and_never_shows_it(self, operator: APIClient) -> None:
        answer = operator.put("/operator/providers/acme-ai/", {**PROVIDER, "api_key": KEY})

        assert answer.status_code == 200
        assert answer.json()["has_key"] is True
        everything = answer.content + operator.get("/operator/providers/").content
        assert KEY.encode() not in everything
        assert b"sealed" not in everything
        assert Provider.objects.get().api_key == KEY

    def test_keeps_the_key_when_none_is_given_and_drops_it_for_another_host(self, operator: APIClient) -> None:
        operator.put("/operator/providers/acme-ai/", {**PROVIDER, "api_key": KEY})
        kept = operator.put("/operator/providers/acme-ai/", {**PROVIDER, "region": "eu"})
        moved = operator.put("/operator/providers/acme-ai/", {**PROVIDER, "base_url": "https://evil.example/v1"})

        assert kept.json()["has_key"] is True
        assert moved.json()["has_key"] is False

    @pytest.mark.parametrize("field", ["name", "has_key", "reachable", "id", "sealed_key"])
    def test_refuses_fields_that_nobody_may_write(self, operator: APIClient, field: str) -> None:
        answer = operator.put("/operator/providers/acme-ai/", {**PROVIDER, field: "x"})

        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == [field]

    @pytest.mark.parametrize("body", [[], "text", None, 5, {"adapter": []}, {**PROVIDER, "timeouts": "soon"}])
    def test_answers_nonsense_with_a_sentence(self, operator: APIClient, body: Any) -> None:
        assert operator.put("/operator/providers/acme-ai/", body).status_code == 400

    def test_creates_changes_lists_and_removes_models(self, operator: APIClient) -> None:
        ProviderFactory.create(name="acme-ai")
        created = operator.put("/operator/models/meta/llama-3:8b/", MODEL)
        assert created.status_code == 200, created.content

        assert names(operator.get("/operator/models/")) == ["meta/llama-3:8b"]
        assert operator.get("/operator/models/meta/llama-3:8b/").json()["price"] == MODEL["price"]
        assert operator.delete("/operator/models/meta/llama-3:8b/").status_code == 204
        assert operator.delete("/operator/models/meta/llama-3:8b/").status_code == 404

    def test_names_the_price_that_is_wrong(self, operator: APIClient) -> None:
        ProviderFactory.create(name="acme-ai")

        answer = operator.put("/operator/models/m/", {**MODEL, "price": {"input": 0.25, "output": "2"}})

        assert answer.status_code == 400
        assert list(answer.json()["fields"]) == ["price.input"]
