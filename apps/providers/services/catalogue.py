"""The catalogue is changed: by the operator, audited in the installation's chain, seen everywhere within a second.

Each verb is idempotent and returns the names of the fields that changed, so that the same file can be applied twice.
Secrets stand in the audit trail only as "the key changed".
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from apps.audit import services as audit
from apps.core import db, versions
from apps.domain.errors import NotFound
from apps.domain.ids import INSTALLATION, ProviderId
from apps.providers import prices, validation
from apps.providers.models import Model, Provider
from apps.providers.outbound import ADAPTERS, outbound

Changed = tuple[str, ...]


def put_provider(
    *,
    name: str,
    adapter: str,
    base_url: str,
    hosting: str,
    region: str = "",
    timeouts: Mapping[str, Any] | None = None,
    token_limit: str = "",
    max_concurrency: int = 1000,
    enabled: bool = True,
    api_key: str | None = None,
    actor: str,
    at: datetime,
) -> Changed:
    """Create a provider or bring it to these settings; returns the changed fields, none when all was so already.

    `api_key` None keeps the stored key, an empty text removes it. When scheme, host or port of `base_url` change, the
    stored key is removed unless one is given: it goes only to the host it was entered for (promise P20).

    Raises:
        InvalidRequest: names the field that is wrong.
    """
    if adapter not in ADAPTERS:
        raise validation.wrong("adapter", f"is unknown; known are {', '.join(sorted(ADAPTERS))}")
    if token_limit not in Provider.TokenLimit.values:
        raise validation.wrong("token_limit", "must be empty, max_tokens or max_completion_tokens")
    with db.atomic():
        row = Provider.objects.filter(name=validation.provider_name(name)).first()
        values: dict[str, Any] = {
            "adapter": adapter,
            "base_url": validation.base_url(base_url, listed=outbound().is_listed(base_url)),
            "hosting": validation.hosting(hosting, names=[name, *_upstreams(row)]),
            "region": validation.region(region),
            "timeouts": validation.timeouts(timeouts),
            "token_limit": token_limit,
            "max_concurrency": validation.count(max_concurrency, "max_concurrency", maximum=validation.MAX_CONCURRENCY),
            "enabled": enabled,
        }
        values["api_key"] = _key(row, values["base_url"], api_key)
        return _put(row or Provider(name=name), values, noun="provider", actor=actor, at=at)


def put_model(
    *,
    name: str,
    provider: str,
    upstream: str,
    context_tokens: int,
    max_output_tokens: int,
    price: Mapping[str, Any] | None,
    capabilities: Collection[str] = (),
    strengths: Mapping[str, Any] | None = None,
    enabled: bool = True,
    actor: str,
    at: datetime,
) -> Changed:
    """Create a model or bring it to these settings; returns the changed fields. `provider` is a provider's name.

    Raises:
        InvalidRequest: names the field that is wrong.
    """
    with db.atomic():
        owner = Provider.objects.filter(name=provider).first()
        if owner is None:
            raise validation.wrong("provider", "is no provider of the catalogue")
        values = {
            "provider_id": owner.pk,
            "upstream": validation.upstream_name(upstream, names=[name], hosting=owner.hosting),
            "context_tokens": validation.count(context_tokens, "context_tokens"),
            "max_output_tokens": validation.count(max_output_tokens, "max_output_tokens"),
            "price": prices.normalised(price),
            "capabilities": validation.capabilities(capabilities),
            "strengths": validation.strengths(strengths or {}),
            "enabled": enabled,
        }
        row = Model.objects.filter(name=validation.model_name(name)).first()
        return _put(row or Model(name=name), values, noun="model", actor=actor, at=at)


def remove_model(*, name: str, actor: str, at: datetime) -> bool:
    """Take a model out of the catalogue. False when it was not in it."""
    with db.atomic():
        removed, _ = Model.objects.filter(name=name).delete()
        if removed:
            _record("model.removed", actor=actor, name=name, fields=(), at=at)
    return bool(removed)


def remove_provider(*, name: str, actor: str, at: datetime) -> bool:
    """Take a provider out of the catalogue. False when it was not in it.

    Raises:
        InvalidRequest: models still name it; nothing is changed.
    """
    with db.atomic():
        row = Provider.objects.filter(name=name).first()
        if row is None:
            return False
        if Model.objects.filter(provider=row).exists():
            raise validation.wrong("name", "still has models; remove those first")
        row.delete()
        _record("provider.removed", actor=actor, name=name, fields=(), at=at)
    return True


def record_health(*, provider: ProviderId, reachable: bool, at: datetime) -> bool:
    """Store the finding of a check; a change reaches every process. True when it was one.

    Raises:
        NotFound: the provider was removed meanwhile.
    """
    with db.atomic():
        row = Provider.objects.filter(pk=provider).only("reachable").first()
        if row is None:
            raise NotFound
        Provider.objects.filter(pk=provider).update(reachable=reachable, checked_at=at)
        if row.reachable == reachable:
            return False
        versions.bump(tenant=INSTALLATION, kind="config")
    return True


def _key(row: Provider | None, base_url: str, given: str | None) -> str:
    if given is not None:
        return given.strip()
    if row is None or validation.origin(row.base_url) != validation.origin(base_url):
        return ""
    return row.api_key


def _upstreams(row: Provider | None) -> list[str]:
    if row is None:
        return []
    return list(Model.objects.filter(provider=row).order_by("name").values_list("upstream", flat=True))


def _put(row: models.Model, values: Mapping[str, Any], *, noun: str, actor: str, at: datetime) -> Changed:
    is_new = row.pk is None
    changed = tuple(name for name, value in values.items() if is_new or getattr(row, name) != value)
    if not changed:
        return ()
    for name in changed:
        setattr(row, name, values[name])
    row.save(update_fields=None if is_new else changed)
    kind = f"{noun}.created" if is_new else f"{noun}.changed"
    _record(kind, actor=actor, name=getattr(row, "name", ""), fields=changed, at=at, hosting=values.get("hosting"))
    return changed


def _record(kind: str, *, actor: str, name: str, fields: Changed, at: datetime, hosting: str | None = None) -> None:
    body: dict[str, Any] = {"name": name, "fields": list(fields)}
    if hosting is not None:
        body["hosting"] = hosting
    noun = kind.split(".", maxsplit=1)[0]
    audit.change(tenant=INSTALLATION, kind=kind, actor=actor, subject=f"{noun}:{name}", body=body, at=at)
