"""Which entity types of a file does nobody here know? A type may be named before it can be found, but not unnoticed."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from apps.operations.config.document import Configuration
from apps.operations.config.errors import Problem, unknown
from apps.operations.config.shape import Mark

LISTS = ("force_self_hosted", "mask_types")


def unknown_types(configuration: Configuration, known: Collection[str]) -> list[Problem]:
    """Names in `force_self_hosted` and `mask_types` that are no known type, by their path: they stop no text."""
    return [
        Problem(path, f"{unknown('entity type', name, sorted(known))} It stops no text.")
        for place, tenant in enumerate(configuration.tenants)
        if not isinstance(tenant.policy, Mark)
        for path, name in _named(tenant.policy.get("sensitivity"), f"tenants[{place}].policy.sensitivity")
        if name not in known
    ]


def _named(settings: Any, path: str) -> Iterator[tuple[str, str]]:
    """The types of the tenant's own settings and of every profile, each with its path."""
    if not isinstance(settings, Mapping):
        return
    for key in LISTS:
        for place, name in enumerate(settings.get(key) or ()):
            yield f"{path}.{key}[{place}]", str(name)
    for channel, profile in (settings.get("channels") or {}).items():
        yield from _named(profile, f"{path}.channels.{channel}")
