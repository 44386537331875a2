"""The throw-away company of a drill: its models are sinks, its rules on private text are those that are tried."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from apps.domain.catalogue import DRILL_PREFIX
from apps.domain.ids import TenantId
from apps.operations.config import applying
from apps.operations.drill.sinks import Sink
from apps.policies import selectors as policies
from apps.policies import services as changing
from apps.providers import services as providers
from apps.tenants import selectors as directory
from apps.tenants import services as tenants

SLUG: Final = "egress-drill"
EMAIL: Final = "drill@egress-drill.example"
OUTSIDE, INSIDE = f"{DRILL_PREFIX}outside", f"{DRILL_PREFIX}inside"
DOWN, BREAKING, FICKLE = f"{DRILL_PREFIX}down", f"{DRILL_PREFIX}breaking", f"{DRILL_PREFIX}fickle"
_UPSTREAM: Final = {
    OUTSIDE: "demo-large",
    FICKLE: "demo-large@fault=cut:120",
    INSIDE: "demo-local",
    DOWN: "demo-local@fault=503",
    BREAKING: "demo-local@fault=cut:5",
}
TEAMS: Final = {
    "all": (OUTSIDE, INSIDE),
    "no-inside": (OUTSIDE,),
    "inside-down": (OUTSIDE, DOWN),
    "inside-breaks": (OUTSIDE, BREAKING),
    "outside-breaks": (FICKLE, OUTSIDE, INSIDE),
}
"""What each team may use: the model outside is rated so much better that every strategy wants it."""
TIMEOUTS: Final = {"connect_s": 5, "first_token_s": 20, "between_tokens_s": 20, "total_s": 60}


@dataclass(frozen=True, slots=True)
class Company:
    """The company, and a key for each of its teams."""

    tenant: TenantId
    policy: Mapping[str, Any]
    keys: Mapping[str, str] = field(repr=False)


@contextmanager
def founded(policy: Mapping[str, Any], *, outside: Sink, inside: Sink, at: datetime) -> Iterator[Company]:
    """The company for as long as the drill takes: afterwards its models are gone and nobody acts for it.

    What a drill left behind that was killed is taken over by the next one.
    """
    existing = directory.tenant_by_slug(SLUG)
    if existing is not None:
        tenants.resume_tenant(tenant=existing.id, actor="system", at=at)
    keys = {team: f"or-drill-{secrets.token_urlsafe(24)}" for team in TEAMS}
    try:
        found = applying.prepare(_configuration(policy, keys, outside, inside), lambda _: None)
        applying.apply(found, actor="system", at=at)
        company = directory.tenant_by_slug(SLUG)
        assert company is not None
        yield Company(company.id, policy, keys)
    finally:
        _dissolve(at)


def rules_of(tenant: TenantId) -> dict[str, Any]:
    """What a company has decided on private text. Rules on teams are left out, which the drill's company has not."""
    sensitivity = dict(policies.document(tenant).get("sensitivity", {}))
    channels = sensitivity.get("channels")
    if isinstance(channels, Mapping):
        sensitivity["channels"] = {name: rule for name, rule in channels.items() if not name.startswith("team:")}
    return {"sensitivity": sensitivity} if sensitivity else {}


def stay_inside(company: Company, at: datetime) -> None:
    """The policy changes: from now on nothing at all goes outside."""
    rule = {"when": {}, "require": {"hosting": "self_hosted"}}
    document = {**_document(company.policy), "rules": [rule]}
    changing.put(tenant=company.tenant, document=document, actor="system", at=at)


def name_conversations(company: Company, at: datetime) -> None:
    """The policy has titles, until `as_before`."""
    changing.put(tenant=company.tenant, document=_document(company.policy) | {"titles": True}, actor="system", at=at)


def as_before(company: Company, at: datetime) -> None:
    """The policy of the drill again."""
    changing.put(tenant=company.tenant, document=_document(company.policy), actor="system", at=at)


def _document(policy: Mapping[str, Any]) -> dict[str, Any]:
    """Titles are off but for their probe: a worker of the installation would send those of harmless text outside."""
    return {"strategy": "best", "max_output_tokens": 400, "titles": False, **policy}


def _configuration(policy: Mapping[str, Any], keys: Mapping[str, str], outside: Sink, inside: Sink) -> dict[str, Any]:
    return {
        "providers": [_provider(name, outside, inside) for name in _UPSTREAM],
        "models": [_model(name) for name in _UPSTREAM],
        "tenants": [
            {
                "slug": SLUG,
                "name": "Egress drill",
                "models": list(_UPSTREAM),
                "users": [{"email": EMAIL, "name": "Drill", "role": "tenant_admin", "teams": list(TEAMS)}],
                "teams": [_team(slug, keys[slug]) for slug in TEAMS],
                "policy": _document(policy),
            }
        ],
    }


def _is_outside(model: str) -> bool:
    return model in {OUTSIDE, FICKLE}


def _provider(name: str, outside: Sink, inside: Sink) -> dict[str, Any]:
    return {
        "name": name,
        "adapter": "openai",
        "base_url": (outside if _is_outside(name) else inside).base_url,
        "api_key": "no-secret",
        "hosting": "commercial" if _is_outside(name) else "self_hosted",
        "region": "drill",
        "timeouts": TIMEOUTS,
    }


def _model(name: str) -> dict[str, Any]:
    quality = {OUTSIDE: Decimal("0.9"), FICKLE: Decimal("0.95")}.get(name, Decimal("0.3"))
    return {
        "name": name,
        "provider": name,
        "upstream": _UPSTREAM[name],
        "context_tokens": 100_000,
        "max_output_tokens": 1_000,
        "price": {"input": "0.01", "output": "0.02"} if _is_outside(name) else {"input": "0", "output": "0"},
        "capabilities": ["tools", "json"],
        "strengths": dict.fromkeys(("coding", "math", "writing"), quality),
    }


def _team(slug: str, key: str) -> dict[str, Any]:
    issued = {"name": "drill", "user": EMAIL, "scopes": ["chat", "models", "conversations"], "value": key}
    return {"slug": slug, "name": slug, "models": list(TEAMS[slug]), "api_keys": [issued]}


def _dissolve(at: datetime) -> None:
    company = directory.tenant_by_slug(SLUG)
    if company is not None:
        tenants.suspend_tenant(tenant=company.id, actor="system", at=at)
    for name in _UPSTREAM:
        providers.remove_model(name=name, actor="system", at=at)
        providers.remove_provider(name=name, actor="system", at=at)
