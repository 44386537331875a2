"""Teams: create, change, suspend and resume."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import apps.tenants.services._shared as _shared
from apps.core import db
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TeamId, TenantId
from apps.domain.limits import RateLimits
from apps.tenants.models import Team, Tenant
from apps.tenants.values import PLATFORM, UNLIMITED, Stored


def create_team(
    *,
    tenant: TenantId,
    slug: str,
    name: str,
    models: Collection[str] | None = None,
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> TeamId:
    """Create a team; `models` None is all that the company has.

    Raises:
        NotFound: there is no such company.
        InvalidRequest: `fields` names what is not usable; `platform` takes no teams.
        AlreadyExists: the company has a team of this short name.
    """
    values = _values(name, models, limits)
    with db.atomic():
        if _shared.locked_tenant(tenant).slug == PLATFORM:
            raise InvalidRequest("The operators' company has no teams.")
        if Team.objects.for_tenant(tenant).filter(slug=_shared.checked_slug(slug)).exists():
            raise _shared.AlreadyExists(f"There is a team {slug!r} already.", fields={"slug": "Taken."})
        values |= {"tenant_id": tenant, "slug": slug}
        team = TeamId(Team.objects.create(**values).pk)
        _shared.record(tenant=tenant, kind="team.created", actor=actor, subject=f"team:{team}", at=at, slug=slug)
    return team


def update_team(
    *,
    tenant: TenantId,
    team: TeamId,
    name: str,
    models: Collection[str] | None,
    limits: RateLimits,
    actor: str,
    at: datetime,
) -> bool:
    """Give a team this name, models and limits; False when it had them. Raises as `create_team`."""
    values = _values(name, models, limits)
    with db.atomic():
        changed = _shared.apply_changes(_locked_team(tenant, team), values)
        if changed:
            subject = f"team:{team}"
            _shared.record(tenant=tenant, kind="team.changed", actor=actor, subject=subject, at=at, changed=changed)
    return bool(changed)


def put_team(
    *,
    tenant: TenantId,
    slug: str,
    name: str,
    models: Collection[str] | None = None,
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> Stored[TeamId]:
    """Create the team of this short name, or make it equal to these values."""
    with db.atomic():
        row = Team.objects.for_tenant(tenant).filter(slug=slug).first()
        if row is None:
            team = create_team(tenant=tenant, slug=slug, name=name, models=models, limits=limits, actor=actor, at=at)
            return Stored(team, changed=True)
        team = TeamId(row.pk)
        changed = update_team(tenant=tenant, team=team, name=name, models=models, limits=limits, actor=actor, at=at)
    return Stored(team, changed)


def suspend_team(*, tenant: TenantId, team: TeamId, actor: str, at: datetime) -> bool:
    """Nobody can act in the team until `resume_team`; its keys are dead meanwhile. False when it was suspended."""
    return _set_state(tenant, team, Tenant.State.SUSPENDED, actor, at)


def resume_team(*, tenant: TenantId, team: TeamId, actor: str, at: datetime) -> bool:
    """Undo `suspend_team`; False when the team was active."""
    return _set_state(tenant, team, Tenant.State.ACTIVE, actor, at)


def _set_state(tenant: TenantId, team: TeamId, state: Tenant.State, actor: str, at: datetime) -> bool:
    with db.atomic():
        changed = _shared.apply_changes(_locked_team(tenant, team), {"state": state})
        if changed:
            kind = "team.suspended" if state == Tenant.State.SUSPENDED else "team.resumed"
            _shared.record(tenant=tenant, kind=kind, actor=actor, subject=f"team:{team}", at=at)
    return bool(changed)


def _locked_team(tenant: TenantId, team: TeamId) -> Team:
    _shared.locked_tenant(tenant)
    row = Team.objects.for_tenant(tenant).filter(pk=team).first()
    if row is None:
        raise NotFound
    return row


def _values(name: str, models: Collection[str] | None, limits: RateLimits) -> dict[str, Any]:
    return {
        "name": _shared.checked_name(name),
        "models_allowed": _shared.stored_models(models),
        "rate_limits": _shared.stored_limits(limits),
    }
