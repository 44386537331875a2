"""Companies: create, change, suspend and resume. Acts of operators; each is audited in the company's own chain."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from zoneinfo import available_timezones

import apps.tenants.services._shared as _shared
from apps.audit import services as audit
from apps.core import db
from apps.domain.errors import InvalidRequest
from apps.domain.ids import TenantId
from apps.domain.limits import RateLimits
from apps.tenants.models import Tenant
from apps.tenants.values import PLATFORM, UNLIMITED, Stored

RESERVED_SLUGS: Final = frozenset({"language", "login", "logout", "oidc", "password", "saml", "scim", "static"})
"""Words with a meaning of their own below `/accounts/`."""


def create_tenant(
    *,
    slug: str,
    name: str,
    timezone: str = "UTC",
    models: Collection[str] | None = None,
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> TenantId:
    """Create a company and begin its audit chain.

    Args:
        slug: short name in addresses, unique in the installation.
        timezone: IANA name; months and days of budgets follow it.
        models: names of the models that it may use; None is all of the installation.

    Raises:
        InvalidRequest: `fields` names what is not usable.
        AlreadyExists: the short name is taken.
    """
    if _shared.checked_slug(slug) in RESERVED_SLUGS:
        raise InvalidRequest(f"The short name {slug!r} is reserved.", fields={"slug": "Choose another one."})
    values = _values(name, timezone, models, limits)
    with db.atomic():
        if Tenant.objects.filter(slug=slug).exists():
            raise _shared.AlreadyExists(f"There is a company {slug!r} already.", fields={"slug": "Taken."})
        row = Tenant.objects.create(slug=slug, created_at=at, **values)
        tenant = TenantId(row.pk)
        audit.create_head(tenant)
        _shared.record(tenant=tenant, kind="tenant.created", actor=actor, subject=f"tenant:{tenant}", at=at, slug=slug)
    return tenant


def update_tenant(
    *,
    tenant: TenantId,
    name: str,
    timezone: str,
    models: Collection[str] | None,
    limits: RateLimits,
    actor: str,
    at: datetime,
) -> bool:
    """Give a company this name, time zone, models and limits; False when it had them. Raises as `create_tenant`."""
    values = _values(name, timezone, models, limits)
    with db.atomic():
        changed = _shared.apply_changes(_shared.locked_tenant(tenant), values)
        if changed:
            subject = f"tenant:{tenant}"
            _shared.record(tenant=tenant, kind="tenant.changed", actor=actor, subject=subject, at=at, changed=changed)
    return bool(changed)


def put_tenant(
    *,
    slug: str,
    name: str,
    timezone: str = "UTC",
    models: Collection[str] | None = None,
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> Stored[TenantId]:
    """Create the company of this short name, or make it equal to these values."""
    with db.atomic():
        row = Tenant.objects.filter(slug=slug).first()
        if row is None:
            tenant = create_tenant(
                slug=slug, name=name, timezone=timezone, models=models, limits=limits, actor=actor, at=at
            )
            return Stored(tenant, changed=True)
        tenant = TenantId(row.pk)
        changed = update_tenant(
            tenant=tenant, name=name, timezone=timezone, models=models, limits=limits, actor=actor, at=at
        )
    return Stored(tenant, changed)


def ensure_platform(*, actor: str, at: datetime) -> TenantId:
    """The company of the operators; created when it is missing."""
    row = Tenant.objects.filter(slug=PLATFORM).first()
    if row is not None:
        return TenantId(row.pk)
    return create_tenant(slug=PLATFORM, name="OpenRoute operators", models=(), actor=actor, at=at)


def suspend_tenant(*, tenant: TenantId, actor: str, at: datetime) -> bool:
    """Nobody of the company can act until `resume_tenant`: sessions, keys, sockets and streams end.

    Returns False when it was suspended. Raises `InvalidRequest` for `platform`, which would lock the operators out.
    """
    return _set_state(tenant, Tenant.State.SUSPENDED, actor, at)


def resume_tenant(*, tenant: TenantId, actor: str, at: datetime) -> bool:
    """Undo `suspend_tenant`; False when the company was active."""
    return _set_state(tenant, Tenant.State.ACTIVE, actor, at)


def _set_state(tenant: TenantId, state: Tenant.State, actor: str, at: datetime) -> bool:
    with db.atomic():
        row = _shared.locked_tenant(tenant)
        if row.slug == PLATFORM and state == Tenant.State.SUSPENDED:
            raise InvalidRequest("The operators' own company cannot be suspended.")
        changed = _shared.apply_changes(row, {"state": state})
        if changed:
            kind = "tenant.suspended" if state == Tenant.State.SUSPENDED else "tenant.resumed"
            _shared.record(tenant=tenant, kind=kind, actor=actor, subject=f"tenant:{tenant}", at=at)
    return bool(changed)


def _values(name: str, timezone: str, models: Collection[str] | None, limits: RateLimits) -> dict[str, Any]:
    if timezone not in available_timezones():
        problem = "An IANA name such as Europe/Berlin."
        raise InvalidRequest(f"{timezone[:64]!r} is no time zone.", fields={"timezone": problem})
    return {
        "name": _shared.checked_name(name),
        "timezone": timezone,
        "models_allowed": _shared.stored_models(models),
        "rate_limits": _shared.stored_limits(limits),
    }
