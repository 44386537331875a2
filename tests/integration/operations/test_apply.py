"""`manage.py apply`: everything or nothing, the same twice, with the difference printed and on record."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command

from apps.audit.models import AuditEvent
from apps.budgets import selectors as budgets
from apps.core import clock
from apps.domain.catalogue import Hosting
from apps.domain.ids import INSTALLATION, TenantId
from apps.identity import selectors as identity
from apps.policies import selectors as policies
from apps.providers import selectors as providers
from apps.tenants import selectors as tenants
from apps.tenants.models import User
from apps.tenants.values import TenantRecord

pytestmark = pytest.mark.django_db

EXAMPLE = Path(__file__).parents[3] / "docker" / "openroute.example.yaml"
KEY = "or-0123456789abcdef"
CATALOGUE = """
providers: [{name: openai, adapter: openai, base_url: https://api.openai.com/v1, api_key: ${OPENAI_API_KEY}}]
models:
- {name: gpt-mini, provider: openai, upstream: m, context_tokens: 9, max_output_tokens: 9, price: {input: 1, output: 2}}
"""

Apply = Callable[..., str]


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"OPENAI_API_KEY": "sk-secret", "RESEARCH_KEY": KEY, "INITIAL_PASSWORD": "first one"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def apply(tmp_path: Path) -> Apply:
    def run(text: str | Path, *options: str) -> str:
        file = text if isinstance(text, Path) else tmp_path / "file.yaml"
        if isinstance(text, str):
            file.write_text(text)
        out = StringIO()
        call_command("apply", str(file), *options, stdout=out)
        return out.getvalue()

    return run


def acme() -> TenantRecord:
    found = tenants.tenant_by_slug("acme")
    assert found is not None
    return found


def kinds(tenant: TenantId) -> list[str]:
    return list(AuditEvent.objects.for_tenant(tenant).order_by("seq").values_list("kind", flat=True))


class TestTheExample:
    def test_is_there_after_it_was_applied(self, apply: Apply) -> None:
        apply(EXAMPLE)

        tenant = acme().id
        erin = tenants.person_by_email(tenant, "erin@acme.example")
        research = tenants.team_by_slug(tenant, "research")
        assert erin is not None
        assert research is not None
        assert acme().timezone == "Europe/Berlin"
        assert erin.admin_of == {research.id}
        assert research.models == {"gpt-mini", "local-llama"}
        assert check_password("first one", User.objects.for_tenant(tenant).get(pk=erin.id).password)
        limits = sorted((meter.budget.period, meter.budget.limit) for meter in budgets.meters(tenant, clock.now()))
        assert limits == [("day", 5_000_000), ("month", 250_000_000), ("month", 5_000_000_000)]
        found = identity.key_by_value(KEY)
        assert found is not None
        assert found[0].team == research.id
        assert found[0].scopes == {"chat", "models"}
        hostings = {entry.candidate.model: entry.candidate.hosting for entry in providers.catalogue()}
        assert hostings["local-llama"] is Hosting.SELF_HOSTED
        assert policies.current(tenant).strategy == "balanced"

    def test_changes_nothing_the_second_time(self, apply: Apply) -> None:
        first = apply(EXAMPLE)
        before = AuditEvent.objects.for_tenant(acme().id).count()

        assert first.splitlines()[-1].endswith("created")
        assert apply(EXAMPLE) == "nothing to change\n"
        assert AuditEvent.objects.for_tenant(acme().id).count() == before

    def test_prints_no_secret(self, apply: Apply) -> None:
        printed = apply(EXAMPLE)

        assert "+ provider openai: adapter openai" in printed
        assert "api_key ***" in printed
        assert "password ***" in printed
        assert not any(secret in printed for secret in ("sk-secret", KEY, "first one"))

    def test_is_tried_and_undone_by_a_dry_run(self, apply: Apply) -> None:
        printed = apply(EXAMPLE, "--dry-run")

        assert "+ tenant acme" in printed
        assert "dry run, nothing was changed: " in printed
        assert tenants.tenants() == ()
        assert providers.providers() == ()

    def test_is_on_record_as_one_act_of_the_operator(self, apply: Apply) -> None:
        apply(EXAMPLE)

        assert kinds(INSTALLATION).count("configuration.applied") == 1
        assert kinds(acme().id).count("configuration.applied") == 1
        assert "budget.created" in kinds(acme().id)


class TestDifference:
    def test_is_what_changed(self, apply: Apply) -> None:
        apply(CATALOGUE + 'tenants: [{slug: acme, budgets: [{period: month, limit: "5"}, {period: day, limit: "1"}]}]')

        tenant = "tenants: [{slug: acme, name: Acme, budgets: [{period: month, limit: 6.5}]}]"
        printed = apply(CATALOGUE.replace("output: 2", "output: 3") + tenant)

        assert printed.splitlines() == [
            "~ model gpt-mini: price {input 1, output 2} -> {input 1, output 3}",
            "~ tenant acme: name acme -> Acme",
            "~ budget acme month: limit 5.00 USD -> 6.50 USD",
            "- budget acme day",
            "3 changed, 1 removed, 1 unchanged",
        ]

    def test_leaves_alone_what_the_file_does_not_name(self, apply: Apply) -> None:
        apply(EXAMPLE)

        printed = apply("tenants: [{slug: acme, users: [{email: erin@acme.example, role: tenant_admin}]}]")

        assert printed.splitlines() == [
            "~ user erin@acme.example of acme: role employee -> tenant_admin",
            "1 changed, 1 unchanged",
        ]
        assert len(budgets.budgets(acme().id)) == 3

    def test_takes_away_what_an_empty_list_says(self, apply: Apply) -> None:
        apply(EXAMPLE)

        apply("tenants: [{slug: acme, budgets: [], users: [{email: erin@acme.example, teams: []}]}]")

        erin = tenants.person_by_email(acme().id, "erin@acme.example")
        assert erin is not None
        assert erin.teams == ()
        assert {budget.period for budget in budgets.budgets(acme().id) if budget.team is None} == set()

    def test_tells_a_changed_password_without_telling_it(self, apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
        apply(EXAMPLE)
        monkeypatch.setenv("INITIAL_PASSWORD", "second one")

        assert apply(EXAMPLE).splitlines()[0] == "~ user erin@acme.example of acme: password ***"

    def test_shows_a_made_key_once(self, apply: Apply) -> None:
        text = """
tenants:
- slug: acme
  users: [{email: a@acme.example, teams: [t]}]
  teams: [{slug: t, api_keys: [{name: ci, user: a@acme.example}]}]
"""
        first = apply(text)

        assert "api key acme/t ci: or-" in first
        assert "or-" not in apply(text, "--dry-run")
        assert apply(text) == "nothing to change\n"


class TestRefusals:
    def refused(self, apply: Apply, text: str) -> list[str]:
        with pytest.raises(CommandError) as refusal:
            apply(text)
        return str(refusal.value).splitlines()

    def test_name_every_problem_and_change_nothing(self, apply: Apply) -> None:
        tenant = "tenants: [{slug: acme, models: [x], budgets: [{period: day, limit: 1, models: [y]}]}]"
        lines = self.refused(apply, CATALOGUE + tenant)

        assert lines == [
            "The configuration has 2 problems; nothing was changed.",
            "tenants[0].budgets[0].models[0]: there is no model 'y'.",
            "tenants[0].models[0]: there is no model 'x'.",
        ]
        assert providers.providers() == ()

    def test_roll_back_what_was_done_before_a_service_refused(self, apply: Apply) -> None:
        """The last step is refused: the person may not have a key for `admin`."""
        lines = self.refused(
            apply,
            CATALOGUE
            + """
tenants:
- slug: acme
  users: [{email: a@acme.example, teams: [t]}]
  teams: [{slug: t, api_keys: [{name: ci, user: a@acme.example, scopes: [admin]}]}]
""",
        )

        assert lines[1].startswith("tenants[0].teams[0].api_keys[0]: ")
        assert tenants.tenants() == ()
        assert providers.providers() == ()
        assert not AuditEvent.objects.for_tenant(INSTALLATION).exists()

    def test_name_the_field_that_a_service_refuses(self, apply: Apply) -> None:
        lines = self.refused(apply, "tenants: [{slug: login}]")

        assert lines[1].startswith("tenants[0].slug: ")

    def test_keep_a_companys_last_admin(self, apply: Apply) -> None:
        apply("tenants: [{slug: acme, users: [{email: a@acme.example, role: tenant_admin}]}]")

        lines = self.refused(apply, "tenants: [{slug: acme, users: [{email: a@acme.example, role: employee}]}]")

        assert lines[1].startswith("tenants[0].users[0]: ")

    def test_do_not_hinder_a_change_of_admins_in_one_file(self, apply: Apply) -> None:
        apply("tenants: [{slug: acme, users: [{email: a@acme.example, role: tenant_admin}]}]")

        apply("""
tenants:
- slug: acme
  users: [{email: a@acme.example, role: employee}, {email: b@acme.example, role: tenant_admin}]
""")

        admin = tenants.person_by_email(acme().id, "b@acme.example")
        assert admin is not None
        assert admin.role == "tenant_admin"

    def test_name_an_operator_that_does_not_exist(self, apply: Apply) -> None:
        with pytest.raises(CommandError, match="no active operator"):
            apply("tenants: []", "--operator", "nobody@platform.example")


class TestOperator:
    def test_is_named_in_the_audit_trail(self, apply: Apply) -> None:
        apply("tenants: [{slug: platform, users: [{email: olga@platform.example, name: Olga}]}]")
        platform = tenants.tenant_by_slug("platform")
        assert platform is not None
        olga = tenants.person_by_email(platform.id, "olga@platform.example")
        assert olga is not None

        apply("tenants: [{slug: acme}]", "--operator", "olga@platform.example")

        actors = AuditEvent.objects.for_tenant(acme().id).values_list("actor", flat=True)
        assert set(actors) == {f"operator:{olga.id}"}
