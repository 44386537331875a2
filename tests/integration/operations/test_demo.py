"""The demo company: complete, loaded once, and refused by production."""

from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.budgets import disclosure, services
from apps.budgets import selectors as budgets
from apps.core import clock
from apps.domain.catalogue import Hosting
from apps.domain.ids import TenantId
from apps.identity import selectors as identity
from apps.operations.demo import loading, presence
from apps.policies import selectors as policies
from apps.providers import discovery
from apps.providers import selectors as providers
from apps.tenants import selectors as tenants
from apps.tenants.models import Tenant, User
from apps.tenants.values import Person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _state(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STATE_DIR = tmp_path
    settings.OUTBOUND_ALLOW_HOSTS = ["127.0.0.1"]
    for name in ("DEMO_PASSWORD", "OPENAI_API_KEY", "OLLAMA_BASE_URL", "VLLM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


def tenant(slug: str) -> TenantId:
    found = tenants.tenant_by_slug(slug)
    assert found is not None
    return found.id


def person(slug: str, email: str) -> Person:
    found = tenants.person_by_email(tenant(slug), email)
    assert found is not None
    return found


def run() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


def offers(monkeypatch: pytest.MonkeyPatch, *models: str) -> None:
    """What discovery would find, without asking the network."""
    provider = {"name": "ollama", "adapter": "openai", "base_url": "http://127.0.0.1:11434/v1", "region": ""}
    free = {"input": "0", "output": "0"}
    found = [
        {
            "name": name,
            "provider": "ollama",
            "upstream": name,
            "context_tokens": 9,
            "max_output_tokens": 9,
            "price": free,
        }
        for name in models
    ]
    monkeypatch.setattr(discovery, "discover", lambda environ: ({"provider": provider, "models": found},))


class TestDemo:
    def test_has_people_of_every_role_who_can_sign_in(self) -> None:
        demo = loading.load(at=clock.now())

        assert {entry.role for entry in demo.sign_ins} == {
            "employee", "tenant_admin", "compliance_officer", "operator",
        }  # fmt: skip
        assert any("(admin)" in entry.teams for entry in demo.sign_ins)
        for entry in demo.sign_ins:
            row = User.objects.for_tenant(tenant(entry.tenant)).get(email=entry.email)
            assert row.role == entry.role
            assert check_password(demo.password, row.password)

    def test_has_models_of_both_kinds_at_different_prices(self) -> None:
        run()

        found = {entry.candidate.model: entry.candidate for entry in providers.catalogue()}
        assert found["demo-local"].hosting is Hosting.SELF_HOSTED
        assert found["demo-counsel"].region == "eu"
        prices = [candidate.price for candidate in found.values() if candidate.price is not None]
        assert len({price.output for price in prices}) == len(found)
        free = [model for model, candidate in found.items() if candidate.price and candidate.price.is_free]
        assert free == ["demo-local"]

    def test_has_a_key_that_works_and_stays_the_same(self) -> None:
        first, second = loading.load(at=clock.now()), loading.load(at=clock.now())

        found = identity.key_by_value(first.api_key)
        assert first.api_key == second.api_key
        assert found is not None
        assert found[1].email == "erin@acme.example"

    def test_keeps_the_key_for_its_user_only(self, tmp_path: Path) -> None:
        loading.load(at=clock.now())

        assert (tmp_path / "secrets" / "demo_api_key").stat().st_mode & 0o077 == 0

    def test_prints_who_can_sign_in(self) -> None:
        printed = run()

        assert "erin@acme.example" in printed
        assert "greg@globex.example" in printed
        assert "all with the password openroute-demo" in printed
        assert run() == printed

    def test_keeps_what_people_changed_in_it(self) -> None:
        run()
        services.upsert_budget(
            tenant=tenant("acme"), team=None, period="month", limit=7, models=None, actor="system", at=clock.now()
        )

        run()

        assert budgets.meter(tenant("acme"), None, clock.now())[0].budget.limit == 7

    def test_is_loaded_anew_into_another_database(self) -> None:
        run()
        Tenant.objects.filter(slug="globex").update(slug="elsewhere")

        run()

        assert person("globex", "gina@globex.example").role == "tenant_admin"

    def test_has_one_team_whose_budget_is_nearly_used_up_and_a_generous_one(self) -> None:
        run()

        meters = budgets.meters(tenant("acme"), clock.now())
        limits = {
            team.slug: min(meter.budget.limit for meter in meters if meter.budget.team == team.id)
            for team in tenants.teams(tenant("acme"))
        }
        assert limits["interns"] <= 1_000 < 1_000_000 <= limits["research"]

    def test_shows_team_figures_and_hides_those_of_a_few(self) -> None:
        run()

        shown = disclosure.disclosure(tenants.people(tenant("acme")))
        slugs = {team.slug for team in tenants.teams(tenant("acme")) if shown.shows(team.id)}
        assert slugs == {"research", "engineering"}
        assert shown.company

    def test_has_two_companies_with_different_policies(self) -> None:
        run()

        assert policies.current(tenant("acme")).strategy == "balanced"
        assert policies.current(tenant("globex")).strategy == "cheapest"

    def test_offers_models_that_are_found_beside_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        offers(monkeypatch, "llama-3", "demo-small")

        run()

        names = {entry.candidate.model: entry.provider.name for entry in providers.catalogue()}
        assert names["llama-3"] == "ollama"
        assert names["demo-small"] == "demo-cloud"

    def test_works_without_found_models_that_cannot_be_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        offers(monkeypatch, "not a name")

        assert "erin@acme.example" in run()
        assert providers.provider("ollama") is None

    def test_says_what_is_missing_when_the_server_may_not_call_the_models(self, settings: Settings) -> None:
        settings.OUTBOUND_ALLOW_HOSTS = []

        with pytest.raises(CommandError, match="OUTBOUND_ALLOW_HOSTS"):
            run()

    def test_is_refused_by_production(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "openroute_site.settings.production")

        with pytest.raises(CommandError, match="production"):
            run()

    def test_can_be_found_in_a_database(self) -> None:
        assert not presence.is_present()
        run()
        assert presence.is_present()
