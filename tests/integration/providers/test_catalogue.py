"""The catalogue: changed by the operator, on record, read as values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from apps.audit.models import AuditEvent
from apps.core import versions
from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import INSTALLATION, ProviderId
from apps.providers import selectors, services
from apps.providers.models import Provider
from tests.support.factories.providers import ModelFactory, ProviderFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "sk-never-to-be-seen"


def put_provider(**changes: Any) -> tuple[str, ...]:
    values: dict[str, Any] = {
        "name": "acme-ai",
        "adapter": "openai",
        "base_url": "https://api.example.com/v1",
        "hosting": "commercial",
        "actor": "system",
        "at": AT,
    }
    return services.put_provider(**{**values, **changes})


def put_model(**changes: Any) -> tuple[str, ...]:
    values: dict[str, Any] = {
        "name": "gpt-mini",
        "provider": "acme-ai",
        "upstream": "gpt-5-mini",
        "context_tokens": 8_000,
        "max_output_tokens": 1_000,
        "price": {"input": "0.25", "output": "2.00"},
        "capabilities": ["tools", "json"],
        "strengths": {"coding": 0.7},
        "actor": "system",
        "at": AT,
    }
    return services.put_model(**{**values, **changes})


def stored_key() -> str:
    return Provider.objects.get(name="acme-ai").api_key


class TestPutProvider:
    def test_stores_the_key_encrypted(self) -> None:
        put_provider(api_key=KEY)

        with connection.cursor() as cursor:
            cursor.execute("SELECT api_key FROM providers_provider")
            assert KEY not in str(cursor.fetchall())
        assert stored_key() == KEY

    def test_says_what_changed_and_nothing_the_second_time(self) -> None:
        assert "base_url" in put_provider(api_key=KEY)
        assert put_provider(api_key=KEY) == ()
        assert put_provider(region="eu", api_key="another") == ("region", "api_key")

    def test_is_on_record_without_the_key_and_reaches_every_process(self) -> None:
        put_provider(api_key=KEY)
        put_provider(api_key=KEY)
        put_provider(hosting="self_hosted")

        events = list(AuditEvent.objects.for_tenant(INSTALLATION).order_by("seq"))
        assert [event.kind for event in events] == ["provider.created", "provider.changed"]
        assert KEY not in "".join(event.body for event in events)
        assert versions.current(tenant=INSTALLATION) == 2

    def test_keeps_the_key_when_only_the_path_changes(self) -> None:
        put_provider(api_key=KEY)
        put_provider(base_url="https://api.example.com/v2/")

        assert stored_key() == KEY

    @pytest.mark.parametrize("url", ["https://evil.example/v1", "https://api.example.com:8443/v1"])
    def test_drops_the_key_when_it_would_go_to_another_host(self, url: str) -> None:
        put_provider(api_key=KEY)

        assert put_provider(base_url=url) == ("base_url", "api_key")
        assert stored_key() == ""

    def test_takes_a_key_that_is_entered_with_the_new_host(self) -> None:
        put_provider(api_key=KEY)
        put_provider(base_url="https://other.example/v1", api_key="of the other")

        assert stored_key() == "of the other"

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": "no blanks"}, "name"),
            ({"adapter": "carrier-pigeon"}, "adapter"),
            ({"hosting": "somewhere"}, "hosting"),
            ({"base_url": "http://api.example.com/v1"}, "base_url"),
            ({"base_url": "https://10.0.0.1/v1"}, "base_url"),
            ({"base_url": "https://user:pw@api.example.com/v1"}, "base_url"),
            ({"base_url": "https://api.example.com:port/v1"}, "base_url"),
            ({"base_url": "file:///etc/passwd"}, "base_url"),
            ({"base_url": "https://[::1/v1"}, "base_url"),
            ({"timeouts": {"total": 5}}, "timeouts.total"),
            ({"timeouts": {"total_s": 0}}, "timeouts.total_s"),
            ({"timeouts": {"total_s": float("nan")}}, "timeouts.total_s"),
            ({"token_limit": "max"}, "token_limit"),
            ({"max_concurrency": 0}, "max_concurrency"),
            ({"region": "Not A Label"}, "region"),
            ({"name": "ollama-cloud", "hosting": "self_hosted"}, "hosting"),
        ],
    )
    def test_names_what_is_wrong_and_changes_nothing(self, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(InvalidRequest) as refused:
            put_provider(**changes)

        assert list(refused.value.fields) == [field]
        assert not Provider.objects.exists()
        assert not AuditEvent.objects.for_tenant(INSTALLATION).exists()

    def test_lets_a_listed_host_be_internal(self, settings: Settings) -> None:
        settings.OUTBOUND_ALLOW_HOSTS = ["localhost:11434"]

        assert put_provider(base_url="http://localhost:11434/v1")

    def test_does_not_mark_a_provider_of_cloud_models_as_self_hosted(self) -> None:
        put_provider()
        put_model(upstream="gpt-oss:120b-cloud")

        with pytest.raises(InvalidRequest):
            put_provider(hosting="self_hosted")


class TestPutModel:
    def test_is_idempotent_whatever_the_spelling(self) -> None:
        put_provider()
        put_model()

        assert put_model(price={"input": "0.250", "output": "2"}, capabilities=["json", "tools", "json"]) == ()
        assert put_model(price={"input": "0.3", "output": "2"}) == ("price",)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"name": "auto"}, "name"),
            ({"name": "Auto:cheapest"}, "name"),
            ({"provider": "nobody"}, "provider"),
            ({"upstream": "line\nbreak"}, "upstream"),
            ({"context_tokens": 0}, "context_tokens"),
            ({"max_output_tokens": True}, "max_output_tokens"),
            ({"price": {"input": 0.25, "output": "1"}}, "price.input"),
            ({"strengths": {"coding": 1.5}}, "strengths.coding"),
            ({"capabilities": ["Tools!"]}, "capabilities"),
        ],
    )
    def test_names_what_is_wrong(self, changes: dict[str, Any], field: str) -> None:
        put_provider()
        with pytest.raises(InvalidRequest) as refused:
            put_model(**changes)

        assert list(refused.value.fields) == [field]

    @pytest.mark.parametrize("upstream", ["gpt-oss:120b-cloud", "kimi-k2:cloud", "Deepseek-CLOUD"])
    def test_does_not_take_a_cloud_model_for_a_self_hosted_one(self, upstream: str) -> None:
        put_provider(hosting="self_hosted")

        with pytest.raises(InvalidRequest):
            put_model(upstream=upstream)


class TestRemoving:
    def test_a_model_happens_once(self) -> None:
        put_provider()
        put_model()

        assert services.remove_model(name="gpt-mini", actor="system", at=AT)
        assert not services.remove_model(name="gpt-mini", actor="system", at=AT)
        assert AuditEvent.objects.for_tenant(INSTALLATION).filter(kind="model.removed").count() == 1

    def test_a_provider_waits_for_its_models(self) -> None:
        put_provider()
        put_model()
        with pytest.raises(InvalidRequest):
            services.remove_provider(name="acme-ai", actor="system", at=AT)

        services.remove_model(name="gpt-mini", actor="system", at=AT)

        assert services.remove_provider(name="acme-ai", actor="system", at=AT)
        assert not services.remove_provider(name="acme-ai", actor="system", at=AT)


class TestCatalogue:
    def test_gives_values_with_exact_prices_and_a_sealed_key(
        self, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        put_provider(api_key=KEY, region="eu", timeouts={"connect_s": 2})
        put_model()
        put_model(name="unpriced", price=None)

        with django_assert_num_queries(2):
            first, second = selectors.catalogue()

        assert first.candidate.price is not None
        assert first.candidate.price.input == Decimal("0.25")
        assert first.candidate.capabilities == {"json", "tools"}
        assert second.candidate.price is None
        assert first.provider.timeouts.connect_s == 2
        assert first.provider.timeouts.total_s == 600
        assert KEY not in repr(first) + first.provider.sealed_key

    def test_leaves_out_what_is_switched_off(self) -> None:
        ModelFactory.create(enabled=False)
        ModelFactory.create(provider=ProviderFactory.create(enabled=False))

        assert selectors.catalogue() == ()

    def test_calls_a_cloud_model_commercial_whatever_its_provider_says(self) -> None:
        ModelFactory.create(upstream="x:cloud", provider=ProviderFactory.create(hosting="self_hosted"))

        assert selectors.catalogue()[0].candidate.hosting is Hosting.COMMERCIAL


class TestRecordHealth:
    def test_reaches_every_process_when_it_changes(self) -> None:
        provider = ProviderId(ProviderFactory.create().pk)
        ModelFactory.create(provider_id=provider)
        before = versions.current(tenant=INSTALLATION)

        assert services.record_health(provider=provider, reachable=False, at=AT)
        assert not services.record_health(provider=provider, reachable=False, at=AT)

        assert versions.current(tenant=INSTALLATION) == before + 1
        assert not selectors.catalogue()[0].candidate.healthy

    def test_says_when_the_provider_is_gone(self) -> None:
        with pytest.raises(NotFound):
            services.record_health(provider=ProviderId(99), reachable=True, at=AT)
