"""Reads of the catalogue, as values."""

from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.ids import ProviderId
from apps.providers import prices
from apps.providers.models import Model, Provider
from apps.providers.validation import is_cloud
from apps.providers.values import CatalogueEntry, ProviderRecord, Timeouts

Row = dict[str, Any]


def providers() -> tuple[ProviderRecord, ...]:
    """All providers, the disabled ones too, by name."""
    return tuple(record(row) for row in _provider_rows())


def provider(name: str) -> ProviderRecord | None:
    """One provider by its name."""
    return next((record(row) for row in _provider_rows().filter(name=name)), None)


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every enabled model of an enabled provider, by name, in two queries."""
    known = {entry.id: entry for entry in providers() if entry.enabled}
    rows = Model.objects.filter(enabled=True, provider__in=list(known)).order_by("name")
    return tuple(
        CatalogueEntry(candidate(row, known[ProviderId(row.provider_id)]), known[ProviderId(row.provider_id)])
        for row in rows
    )


def models() -> tuple[Row, ...]:
    """All models as the operator entered them, the disabled ones too, by name."""
    return tuple(_shown(row) for row in Model.objects.select_related("provider").order_by("name"))


def model(name: str) -> Row | None:
    """One model by its name, as the operator entered it."""
    row = Model.objects.select_related("provider").filter(name=name).first()
    return None if row is None else _shown(row)


def candidate(row: Model, owner: ProviderRecord) -> Candidate:
    """A model as the router sees it. A model of a cloud behind a self-hosted server counts as commercial."""
    return Candidate(
        model=row.name,
        upstream=row.upstream,
        provider=owner.id,
        provider_name=owner.name,
        hosting=Hosting.COMMERCIAL if is_cloud(row.upstream) else owner.hosting,
        region=owner.region,
        context_tokens=row.context_tokens,
        max_output_tokens=row.max_output_tokens,
        price=prices.parse(row.price),
        capabilities=frozenset(row.capabilities),
        strengths=tuple(sorted((name, float(value)) for name, value in row.strengths.items())),
        healthy=owner.reachable,
    )


def record(row: Row) -> ProviderRecord:
    """A provider from the columns of `_provider_rows`."""
    return ProviderRecord(
        id=ProviderId(row["id"]),
        name=row["name"],
        adapter=row["adapter"],
        base_url=row["base_url"],
        hosting=Hosting(row["hosting"]),
        region=row["region"],
        timeouts=Timeouts(**row["timeouts"]),
        token_limit=row["token_limit"],
        max_concurrency=row["max_concurrency"],
        enabled=row["enabled"],
        reachable=row["reachable"],
        sealed_key=row["sealed_key"],
    )


def _shown(row: Model) -> Row:
    same = ("name", "upstream", "context_tokens", "max_output_tokens", "price", "capabilities", "strengths", "enabled")
    return {**{name: getattr(row, name) for name in same}, "provider": row.provider.name}


def _provider_rows() -> QuerySet[Provider, Any]:
    """The key stays sealed: the cast makes it plain text for Django, so that nothing decrypts it here."""
    return (
        Provider.objects.annotate(sealed_key=Cast("api_key", TextField()))
        .order_by("name")
        .values(
            "id", "name", "adapter", "base_url", "hosting", "region", "timeouts", "token_limit", "max_concurrency",
            "enabled", "reachable", "sealed_key",
        )
    )  # fmt: skip
