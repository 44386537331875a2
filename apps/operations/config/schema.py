"""The grammar of the configuration file, top to bottom: which keys there are and what each may hold."""

from decimal import Decimal
from typing import Any, Final

from apps.budgets import periods
from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest
from apps.domain.limits import RateLimits
from apps.identity.values import SCOPES
from apps.operations.config import document as doc
from apps.operations.config.errors import InvalidConfiguration, Problem
from apps.operations.config.shape import (
    INVALID,
    UNSET,
    Environment,
    Key,
    Place,
    choice,
    decimal,
    flag,
    listing,
    mapping,
    maybe,
    named,
    record,
    seconds,
    secret,
    share,
    text,
    unique,
    whole,
)
from apps.tenants.roles import COMPLIANCE, EMPLOYEE, OPERATOR, TENANT_ADMIN

ROLES: Final = (EMPLOYEE, TENANT_ADMIN, COMPLIANCE, OPERATOR)
MICRO: Final = 1_000_000

_slug = text(pattern=r"[a-z0-9]+(?:-[a-z0-9]+)*", hint="small letters, digits and single hyphens", longest=63)
_name = text()
_provider_name = text(pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*", hint="letters, digits and . _ -, no spaces", longest=64)
_model_name = text(pattern=r"[A-Za-z0-9][A-Za-z0-9._:/@+-]*", hint="letters, digits and . _ : / @ + -", longest=128)
_word = text(pattern=r"[a-z][a-z0-9_-]*", hint="small letters, digits, _ and -", longest=32)


def _region(place: Place, value: Any) -> Any:
    """A label, or nothing."""
    return "" if value == "" else _word(place, value)


_email = text(pattern=r"[^@\s]+@[^@\s]+\.[^@\s]+", hint="write an address such as erin@acme.example", longest=254)
_url = secret(
    pattern=r"https?://[^\s/?#@]+(?:/[^\s?#]*)?",
    hint="write http(s)://host/path, without user, query or fragment",
    longest=300,
)


def _zone(place: Place, value: Any) -> Any:
    name = text()(place, value)
    if name is INVALID:
        return INVALID
    try:
        return periods.zone(name).key
    except InvalidRequest as error:
        return place.wrong(error.detail)


def _usd(place: Place, value: Any) -> Any:
    """A price as a decimal text."""
    number = decimal(0, 10**6, digits=9)(place, value)
    return number if number is INVALID else format(number.normalize(), "f")


def _micro_usd(place: Place, value: Any) -> Any:
    number = decimal(0, 10**9, digits=6)(place, value)
    return number if number is INVALID else int(number * MICRO)


def _count(place: Place, value: Any) -> Any:
    return whole(1, 10**9)(place, value)


def _given(**values: Any) -> dict[str, Any]:
    """The keys that the file holds, by name."""
    return {name: value for name, value in values.items() if value is not None}


_rate_limits = record(
    RateLimits, {"requests_per_minute": Key(maybe(_count), None), "tokens_per_minute": Key(maybe(_count), None)}
)
_timeouts = record(
    _given, {name: Key(seconds, None) for name in ("connect_s", "first_token_s", "between_tokens_s", "total_s")}
)
_provider = record(
    doc.ProviderEntry,
    {
        "name": Key(_provider_name),
        "adapter": Key(_word),
        "base_url": Key(_url),
        "api_key": Key(secret(), UNSET),
        "hosting": Key(choice("hosting", [hosting.value for hosting in Hosting]), Hosting.COMMERCIAL.value),
        "region": Key(_region, ""),
        "timeouts": Key(_timeouts, {}),
    },
)
_tier = record(dict, {"above_input_tokens": Key(whole(1, 10**8)), "input": Key(_usd), "output": Key(_usd)})
_price = record(
    _given,
    {
        "input": Key(_usd),
        "output": Key(_usd),
        "cached_input": Key(_usd, None),
        "cache_write": Key(_usd, None),
        "image": Key(_usd, None),
        "request": Key(_usd, None),
        "tiers": Key(listing(_tier, most=8), None),
    },
)
_model = record(
    lambda capabilities, **rest: doc.ModelEntry(capabilities=frozenset(capabilities), **rest),
    {
        "name": Key(_model_name),
        "provider": Key(_provider_name),
        "upstream": Key(text()),
        "context_tokens": Key(whole(1, 10**8)),
        "max_output_tokens": Key(whole(1, 10**8)),
        "price": Key(maybe(_price), None),
        "capabilities": Key(listing(_word, most=32), ()),
        "strengths": Key(mapping(_word, share), {}),
    },
)
_models = maybe(listing(_model_name, most=500))
_budget = record(
    doc.BudgetEntry,
    {
        "period": Key(choice("period", periods.KINDS)),
        "limit": Key(_micro_usd),
        "models": Key(_models, None),
    },
)


def _budget_name(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    models = entry.get("models")
    names = sorted(map(str, models)) if isinstance(models, list) else []
    return " for ".join([str(entry.get("period")), *[", ".join(names)] * bool(names)])


_budgets = unique(listing(_budget, most=100), "period", _budget_name)


def _seat(place: Place, value: Any) -> Any:
    """A team's slug, or `{team, admin}`."""
    if isinstance(value, dict):
        return record(doc.SeatEntry, {"team": Key(_slug), "admin": Key(flag, False)})(place, value)
    slug = _slug(place, value)
    return INVALID if slug is INVALID else doc.SeatEntry(slug, admin=False)


_user = record(
    doc.UserEntry,
    {
        "email": Key(_email),
        "name": Key(_name, UNSET),
        "role": Key(choice("role", ROLES), UNSET),
        "teams": Key(unique(listing(_seat, most=200), "team", named("team")), UNSET),
        "password": Key(secret(longest=200), UNSET),
        "active": Key(flag, UNSET),
        "rate_limits": Key(_rate_limits, UNSET),
    },
)
_key_value = secret(pattern=r"or-[A-Za-z0-9_-]{16,120}", hint="`or-` and 16 to 120 letters, digits, _ or -")
_key = record(
    doc.KeyEntry,
    {
        "name": Key(text(longest=100)),
        "user": Key(_email),
        "scopes": Key(listing(choice("scope", SCOPES)), ("chat", "models")),
        "value": Key(
            secret(pattern=r"or-[A-Za-z0-9_-]{16,120}", hint="`or-` and 16 to 120 letters, digits, _ or -"), UNSET
        ),
        "rate_limits": Key(_rate_limits, RateLimits()),
    },
)
_team = record(
    doc.TeamEntry,
    {
        "slug": Key(_slug),
        "name": Key(_name, UNSET),
        "models": Key(_models, UNSET),
        "budgets": Key(_budgets, UNSET),
        "rate_limits": Key(_rate_limits, UNSET),
        "api_keys": Key(unique(listing(_key), "name", named("name")), ()),
    },
)


def _policy(place: Place, value: Any) -> Any:
    """Any mapping; what it may contain is the business of the policies app."""
    if not isinstance(value, dict):
        return place.wrong("must be a mapping.")
    return _json(value)


def _json(value: Any) -> Any:
    """The same with fractions as JSON has them."""
    if isinstance(value, dict):
        return {key: _json(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_json(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value


_tenant = record(
    doc.TenantEntry,
    {
        "slug": Key(_slug),
        "name": Key(_name, UNSET),
        "timezone": Key(_zone, UNSET),
        "models": Key(_models, UNSET),
        "budgets": Key(_budgets, UNSET),
        "rate_limits": Key(_rate_limits, UNSET),
        "users": Key(unique(listing(_user, most=20_000), "email", named("email")), ()),
        "teams": Key(unique(listing(_team), "slug", named("slug")), ()),
        "policy": Key(_policy, UNSET),
    },
)
_file = record(
    doc.Configuration,
    {
        "providers": Key(unique(listing(_provider), "name", named("name")), ()),
        "models": Key(unique(listing(_model), "name", named("name")), ()),
        "tenants": Key(unique(listing(_tenant), "slug", named("slug")), ()),
    },
)


def validate(data: Any, environment: Environment) -> doc.Configuration:
    """The file as values. `environment` looks a variable up and answers None when it is not set.

    Raises:
        InvalidConfiguration: names every problem by its path.
    """
    problems: list[Problem] = []
    found = _file(Place("", problems, environment), data if data is not None else {})
    if problems:
        raise InvalidConfiguration(problems)
    assert isinstance(found, doc.Configuration)
    return found
