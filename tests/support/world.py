"""Configurations for journeys over a real server: a company per story, each with models and providers of its own.

Stories share one server, so nothing that one of them breaks (a circuit that opens, a budget that is used up, a policy
that is switched) may be seen by another: hence a provider per model, all of them served by two stubs, one outside the
company and one inside.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "correct horse battery staple"
CLOSED_PORT = "http://127.0.0.1:9/v1"
"""Nobody listens on the discard port."""
TIMEOUTS = {"connect_s": 2, "first_token_s": 1.5, "between_tokens_s": 1.5, "total_s": 60}


@dataclass(frozen=True, slots=True)
class Model:
    """One model on a provider of its own. Prices are USD per million tokens; input costs a quarter; "0" is inside."""

    name: str
    output: str = "4"
    quality: float = 0.5
    input: str = ""
    base_url: str = ""
    capabilities: tuple[str, ...] = ("tools", "json")
    timeouts: Mapping[str, float] = field(default_factory=lambda: TIMEOUTS)

    @property
    def is_inside(self) -> bool:
        return self.output == "0"

    @property
    def price(self) -> dict[str, str]:
        return {"input": self.input or f"{float(self.output) / 4:g}", "output": self.output}

    def provider(self, outside: str, inside: str) -> dict[str, Any]:
        return {
            "name": f"at-{self.name}",
            "adapter": "openai",
            "base_url": self.base_url or (inside if self.is_inside else outside),
            "api_key": f"key-of-{self.name}",
            "hosting": "self_hosted" if self.is_inside else "commercial",
            "region": "eu" if self.is_inside else "us",
            "timeouts": dict(self.timeouts),
        }

    def entry(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "provider": f"at-{self.name}",
            "upstream": self.name,
            "context_tokens": 100_000,
            "max_output_tokens": 4000,
            "price": self.price,
            "capabilities": list(self.capabilities),
            "strengths": dict.fromkeys(("coding", "math", "writing"), self.quality),
        }


STAFF = {"adam": "tenant_admin", "cleo": "compliance_officer"}


@dataclass(frozen=True, slots=True)
class Company:
    """One tenant with one team: employees and, where a story needs them, `staff`, each with an API key."""

    slug: str
    models: Sequence[Model]
    policy: Mapping[str, Any] = field(default_factory=dict)
    team_limit: str | None = None
    """USD a month of the team; None: no limit."""
    team_rate: int | None = None
    people: Sequence[str] = ("erin",)
    """Employees; each has a key of their own."""
    staff: Sequence[str] = ()
    """`adam` is the admin, `cleo` the compliance officer. Each person costs every server a tenth of a second."""
    signs_in: bool = False
    """Its people have a password; hashing one takes a while on purpose."""

    def key(self, who: str = "erin") -> str:
        """The API key of a person."""
        return f"or-{self.slug}-{who}-0123456789abcdef"

    def email(self, who: str = "erin") -> str:
        return f"{who}@{self.slug}.example"

    def entry(self) -> dict[str, Any]:
        everybody = [
            *((who, "employee") for who in self.people),
            *((who, STAFF[who]) for who in self.staff),
        ]
        keys = [self._key(who, role) for who, role in everybody]
        team: dict[str, Any] = {"slug": "research", "name": "Research", "api_keys": keys}
        if self.team_limit is not None:
            team["budgets"] = [{"period": "month", "limit": self.team_limit}]
        if self.team_rate is not None:
            team["rate_limits"] = {"requests_per_minute": self.team_rate}
        return {
            "slug": self.slug,
            "name": self.slug.title(),
            "models": [model.name for model in self.models],
            "users": [self._user(who, role) for who, role in everybody],
            "teams": [team],
            "policy": {"strategy": "best", "titles": False, "max_output_tokens": 500, **self.policy},
        }

    def _user(self, who: str, role: str) -> dict[str, Any]:
        named = {"email": self.email(who), "name": who.title(), "role": role}
        return {**named, "teams": ["research"], **({"password": PASSWORD} if self.signs_in else {})}

    def _key(self, who: str, role: str) -> dict[str, Any]:
        scopes = ["chat", "models", "conversations", *(["admin"] if role != "employee" else [])]
        return {"name": f"key of {who}", "user": self.email(who), "scopes": scopes, "value": self.key(who)}


def configuration(*companies: Company, outside: str, inside: str) -> str:
    """A file for `manage.py apply` (JSON is YAML). The two addresses are base URLs of stub providers."""
    models = list({model.name: model for company in companies for model in company.models}.values())
    return json.dumps(
        {
            "providers": [model.provider(outside, inside) for model in models],
            "models": [model.entry() for model in models],
            "tenants": [company.entry() for company in companies],
        },
        indent=1,
    )


def prices(*companies: Company) -> dict[str, dict[str, str]]:
    """What the stubs charge, by upstream name."""
    return {model.name: model.price for company in companies for model in company.models}
