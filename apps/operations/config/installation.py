"""Steps for what belongs to the installation: providers and models."""

from typing import Any

from apps.operations.config.changes import compare, describe
from apps.operations.config.document import Configuration, ModelEntry, ProviderEntry
from apps.operations.config.shape import Mark
from apps.operations.config.work import Work, given, located
from apps.providers import selectors, services


def apply(work: Work, configuration: Configuration) -> None:
    """Bring the catalogue to what the file says; what it does not name stays."""
    for place, provider in enumerate(configuration.providers):
        with located(f"providers[{place}]"):
            _provider(work, provider)
    for place, model in enumerate(configuration.models):
        with located(f"models[{place}]"):
            _model(work, model)


def _provider(work: Work, entry: ProviderEntry) -> None:
    before = _provider_settings(entry.name)
    changed = services.put_provider(
        name=entry.name, adapter=entry.adapter, base_url=entry.base_url, hosting=entry.hosting, region=entry.region,
        timeouts=entry.timeouts, api_key=given(entry.api_key, None), actor=work.actor, at=work.at,
    )  # fmt: skip
    secret = "api_key" in changed and not isinstance(entry.api_key, Mark)
    work.note(compare(f"provider {entry.name}", before, _provider_settings(entry.name), *["api_key"] * secret))


def _provider_settings(name: str) -> dict[str, Any] | None:
    """What people may see of a provider's settings: neither its key nor how it fares."""
    record = selectors.provider(name)
    return None if record is None else describe(record, "id", "name", "sealed_key", "reachable")


def _model(work: Work, entry: ModelEntry) -> None:
    before = _model_settings(entry.name)
    services.put_model(
        name=entry.name, provider=entry.provider, upstream=entry.upstream, context_tokens=entry.context_tokens,
        max_output_tokens=entry.max_output_tokens, price=entry.price, capabilities=entry.capabilities,
        strengths=entry.strengths, actor=work.actor, at=work.at,
    )  # fmt: skip
    work.note(compare(f"model {entry.name}", before, _model_settings(entry.name)))


def _model_settings(name: str) -> dict[str, Any] | None:
    row = selectors.model(name)
    return None if row is None else {field: value for field, value in row.items() if field != "name"}
