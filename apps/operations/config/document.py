"""A configuration file as frozen values: well-formed, but not yet compared with what exists.

A field that is `UNSET` was left out of the file. Budgets are integer micro-dollars; prices are decimal texts, USD per
million tokens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from apps.domain.limits import RateLimits
from apps.operations.config.shape import Mark

Unset = Literal[Mark.UNSET]


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    name: str
    adapter: str
    base_url: str
    api_key: str | Unset = field(repr=False)
    hosting: str
    region: str
    timeouts: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ModelEntry:
    name: str
    provider: str
    upstream: str
    context_tokens: int
    max_output_tokens: int
    price: Mapping[str, Any] | None
    capabilities: frozenset[str]
    strengths: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """`models` None: all models."""

    period: str
    limit: int
    models: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class SeatEntry:
    team: str
    admin: bool


@dataclass(frozen=True, slots=True)
class UserEntry:
    email: str
    name: str | Unset
    role: str | Unset
    teams: tuple[SeatEntry, ...] | Unset
    password: str | Unset = field(repr=False)
    active: bool | Unset
    rate_limits: RateLimits | Unset


@dataclass(frozen=True, slots=True)
class KeyEntry:
    name: str
    user: str
    scopes: tuple[str, ...]
    value: str | Unset = field(repr=False)
    rate_limits: RateLimits


@dataclass(frozen=True, slots=True)
class TeamEntry:
    slug: str
    name: str | Unset
    models: tuple[str, ...] | Unset | None
    budgets: tuple[BudgetEntry, ...] | Unset
    rate_limits: RateLimits | Unset
    api_keys: tuple[KeyEntry, ...]


@dataclass(frozen=True, slots=True)
class TenantEntry:
    """`policy` is the document as the policies app understands it; it is checked there."""

    slug: str
    name: str | Unset
    timezone: str | Unset
    models: tuple[str, ...] | Unset | None
    budgets: tuple[BudgetEntry, ...] | Unset
    rate_limits: RateLimits | Unset
    users: tuple[UserEntry, ...]
    teams: tuple[TeamEntry, ...]
    policy: Mapping[str, Any] | Unset


@dataclass(frozen=True, slots=True)
class Configuration:
    providers: tuple[ProviderEntry, ...]
    models: tuple[ModelEntry, ...]
    tenants: tuple[TenantEntry, ...]
