"""Does everything that the file names exist, in the file or already? Pure: `Known` says what exists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.operations.config.document import BudgetEntry, Configuration, TeamEntry, TenantEntry, UserEntry
from apps.operations.config.errors import Problem, unknown
from apps.operations.config.shape import Mark
from apps.tenants.roles import OPERATOR
from apps.tenants.values import PLATFORM


@dataclass(frozen=True, slots=True)
class KnownTenant:
    """Slugs of teams and e-mails of people of one tenant, as they are stored."""

    teams: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What exists before the file is applied."""

    adapters: frozenset[str]
    providers: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    tenants: Mapping[str, KnownTenant] = field(default_factory=dict)


def check(configuration: Configuration, known: Known) -> list[Problem]:
    """Every name in the file that means nothing, by its path."""
    providers = known.providers | {provider.name for provider in configuration.providers}
    models = known.models | {model.name for model in configuration.models}
    found = _Findings(models=models, providers=providers)
    for place, provider in enumerate(configuration.providers):
        found.expect("adapter", provider.adapter, known.adapters, f"providers[{place}].adapter")
    for place, model in enumerate(configuration.models):
        found.expect("provider", model.provider, providers, f"models[{place}].provider")
    for place, tenant in enumerate(configuration.tenants):
        _tenant(found, tenant, known.tenants.get(tenant.slug, KnownTenant()), f"tenants[{place}]")
    return found.problems


@dataclass(slots=True)
class _Findings:
    models: frozenset[str]
    providers: frozenset[str]
    problems: list[Problem] = field(default_factory=list)

    def expect(self, what: str, name: str, known: Iterable[str], path: str) -> None:
        if name not in known:
            self.problems.append(Problem(path, unknown(what, name, sorted(known))))

    def expect_models(self, names: Any, path: str) -> None:
        for place, name in enumerate(names if isinstance(names, (list, tuple)) else ()):
            self.expect("model", name, self.models, f"{path}[{place}]")


def _tenant(found: _Findings, tenant: TenantEntry, known: KnownTenant, path: str) -> None:
    teams = known.teams | {team.slug for team in tenant.teams}
    emails = known.emails | {user.email.lower() for user in tenant.users}
    found.expect_models(tenant.models, f"{path}.models")
    _budgets(found, tenant.budgets, f"{path}.budgets")
    for place, user in enumerate(tenant.users):
        _user(found, tenant.slug, user, teams, f"{path}.users[{place}]")
    for place, team in enumerate(tenant.teams):
        _team(found, team, emails, f"{path}.teams[{place}]")
    if tenant.policy is not Mark.UNSET:
        _policy(found, tenant.policy, teams, f"{path}.policy")


def _budgets(found: _Findings, budgets: Sequence[BudgetEntry] | Mark, path: str) -> None:
    for place, budget in enumerate(() if isinstance(budgets, Mark) else budgets):
        found.expect_models(budget.models, f"{path}[{place}].models")


def _user(found: _Findings, tenant: str, user: UserEntry, teams: frozenset[str], path: str) -> None:
    for place, seat in enumerate(() if isinstance(user.teams, Mark) else user.teams):
        found.expect("team", seat.team, teams, f"{path}.teams[{place}]")
    if not isinstance(user.role, Mark) and (user.role == OPERATOR) != (tenant == PLATFORM):
        where = f"in the tenant {PLATFORM!r} only, and nobody else is there"
        found.problems.append(Problem(f"{path}.role", f"operators are {where}."))


def _team(found: _Findings, team: TeamEntry, emails: frozenset[str], path: str) -> None:
    found.expect_models(team.models, f"{path}.models")
    _budgets(found, team.budgets, f"{path}.budgets")
    for place, key in enumerate(team.api_keys):
        found.expect("user", key.user.lower(), emails, f"{path}.api_keys[{place}].user")


def _policy(found: _Findings, policy: Mapping[str, Any], teams: frozenset[str], path: str) -> None:
    """Names inside the rules. Whether the document has the right form is checked by the policies app."""
    known = {"models": ("model", found.models), "providers": ("provider", found.providers)}
    for place, rule in enumerate(_dicts(policy.get("rules"))):
        for effect in ("require", "deny"):
            for target, (what, names) in known.items():
                wanted = _mapping(rule.get(effect)).get(target)
                _each(found, what, wanted, names, f"{path}.rules[{place}].{effect}.{target}")
        _each(found, "team", _mapping(rule.get("when")).get("team"), teams, f"{path}.rules[{place}].when.team")
    for place, route in enumerate(_dicts(policy.get("routes"))):
        found.expect_models(route.get("use"), f"{path}.routes[{place}].use")
        _each(found, "team", _mapping(route.get("when")).get("team"), teams, f"{path}.routes[{place}].when.team")
    _strategy(found, policy.get("strategy"), f"{path}.strategy")
    for slug, own in _mapping(policy.get("teams")).items():
        found.expect("team", slug, teams, f"{path}.teams.{slug}")
        _strategy(found, _mapping(own).get("strategy"), f"{path}.teams.{slug}.strategy")


def _strategy(found: _Findings, strategy: Any, path: str) -> None:
    if isinstance(strategy, str) and strategy.startswith("fixed:"):
        found.expect("model", strategy.removeprefix("fixed:"), found.models, path)


def _each(found: _Findings, what: str, wanted: Any, known: Iterable[str], path: str) -> None:
    """A name, or a list of names."""
    if isinstance(wanted, str):
        found.expect(what, wanted, known, path)
    for place, name in enumerate(wanted if isinstance(wanted, list) else ()):
        if isinstance(name, str):
            found.expect(what, name, known, f"{path}[{place}]")


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [_mapping(entry) for entry in value] if isinstance(value, list) else []


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
