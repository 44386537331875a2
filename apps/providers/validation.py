"""What an operator may enter. Every refusal names the field and says what to do."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from apps.domain.catalogue import Hosting
from apps.domain.errors import InvalidRequest
from apps.providers.values import Timeouts

MAX_TOKENS: Final = 100_000_000
MAX_SECONDS: Final = 3600.0
MAX_CONCURRENCY: Final = 100_000

_PROVIDER_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MODEL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}")
_WORD: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_CLOUD: Final = re.compile(r"[-:]cloud$", re.IGNORECASE)
_TIMEOUTS: Final = frozenset(field.name for field in fields(Timeouts))
_PORTS: Final = {"https": 443, "http": 80}


def is_cloud(name: str) -> bool:
    """Whether a model's name says that a local server only passes it on to somebody else's computers."""
    return _CLOUD.search(name) is not None


def provider_name(name: str) -> str:
    if not _PROVIDER_NAME.fullmatch(name):
        raise wrong("name", "must be 1 to 64 letters, digits, dots, dashes or underscores")
    return name


def model_name(name: str) -> str:
    """`auto` and `auto:STRATEGY` are what clients say when they name no model."""
    if not _MODEL_NAME.fullmatch(name) or name.casefold().split(":")[0] == "auto":
        raise wrong("name", "must be 1 to 128 letters, digits or . _ : / @ + - and not begin with `auto`")
    return name


def upstream_name(name: str, *, names: Collection[str], hosting: str) -> str:
    """The provider's own name of a model; `names` are its other names, `hosting` is its provider's."""
    if not 0 < len(name) <= 200 or not name.isprintable():
        raise wrong("upstream", "must be the provider's own name of the model, 1 to 200 characters")
    if hosting == Hosting.SELF_HOSTED and any(is_cloud(each) for each in (name, *names)):
        raise wrong("upstream", "runs on somebody else's computers and cannot belong to a self-hosted provider")
    return name


def base_url(url: str, *, listed: bool) -> str:
    """The address without a trailing slash. Only a host that the operator has listed may be asked without TLS."""
    parts = _split(url)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname or len(url) > 500:
        raise wrong("base_url", "must be an address such as https://api.example.com/v1")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise wrong("base_url", "must hold no user name, no question mark and no #; the key has a field of its own")
    if not listed and (parts.scheme != "https" or _is_internal(parts.hostname)):
        raise wrong(
            "base_url",
            "must begin with https:// and name a public host; internal hosts are listed in OUTBOUND_ALLOW_HOSTS first",
        )
    return url.rstrip("/")


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what a key was entered for."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(parts.scheme, 0)


def hosting(value: str, *, names: Collection[str]) -> str:
    """`commercial` or `self_hosted`. Raises `InvalidRequest` when a name among `names` says that it is a cloud's."""
    if value not in {entry.value for entry in Hosting}:
        raise wrong("hosting", "must be commercial or self_hosted")
    clouds = sorted(name for name in names if is_cloud(name))
    if value == Hosting.SELF_HOSTED and clouds:
        raise wrong("hosting", f"cannot be self_hosted: {clouds[0]} runs on somebody else's computers")
    return value


def timeouts(values: Mapping[str, Any] | None) -> dict[str, float]:
    """Seconds by name; what is left out takes the default of `Timeouts`."""
    given = dict(values or {})
    for name, value in given.items():
        if name not in _TIMEOUTS:
            raise wrong(f"timeouts.{name}", f"is unknown; known are {', '.join(sorted(_TIMEOUTS))}")
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 < value <= MAX_SECONDS:
            raise wrong(f"timeouts.{name}", f"must be seconds above 0, at most {MAX_SECONDS:g}")
    return {name: float(value) for name, value in given.items()}


def count(value: Any, field: str, *, maximum: int = MAX_TOKENS) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= maximum:
        raise wrong(field, f"must be a whole number from 1 to {maximum}")
    return value


def region(value: str) -> str:
    if value and not _WORD.fullmatch(value):
        raise wrong("region", "must be a short label in lower case, such as eu")
    return value


def capabilities(values: Collection[str]) -> list[str]:
    """Sorted, each once."""
    for value in values:
        if not isinstance(value, str) or not _WORD.fullmatch(value):
            raise wrong("capabilities", "must be short words in lower case, such as tools or vision")
    return sorted(set(values))


def strengths(values: Mapping[str, Any]) -> dict[str, float]:
    """Priors in [0, 1] by task, domain or family."""
    for name, value in values.items():
        if not _WORD.fullmatch(name):
            raise wrong(f"strengths.{name[:32]}", "is no task, domain or family")
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
            raise wrong(f"strengths.{name}", "must be a number from 0 to 1")
    return {name: float(values[name]) for name in sorted(values)}


def wrong(field: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"{field} {why}.", fields={field: why})


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed on access, and may be no number
    except ValueError:
        return None
    return parts if url.isascii() and url.isprintable() and " " not in url else None


def _is_internal(host: str) -> bool:
    """For a better sentence only: what counts is the address at the time of the connection."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
