"""API keys: issue, rotate, revoke. The value leaves this module once and is kept nowhere."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from apps.audit import services as audit
from apps.core import db, versions
from apps.core.tenancy import all_tenants
from apps.domain.errors import InvalidRequest, NotFound, PermissionRefused
from apps.domain.ids import KeyId, TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.identity import secret_values
from apps.identity.models import ApiKey
from apps.identity.rights import grantable_scopes
from apps.identity.values import SCOPES, IssuedKey
from apps.tenants import selectors as tenants
from apps.tenants.services import AlreadyExists
from apps.tenants.values import UNLIMITED

MAX_OVERLAP: Final = timedelta(days=30)


class ScopeNotPermitted(PermissionRefused):
    """A key may carry at most what its maker may do in that team; nothing was issued."""

    code = "scope_not_permitted"


@dataclass(frozen=True, slots=True)
class PutKey:
    """The outcome of `put_api_key`: `value` is there only when a new key was made."""

    id: KeyId
    changed: bool
    value: str | None = None


def issue_api_key(
    *,
    tenant: TenantId,
    user: UserId,
    team: TeamId | None,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
    value: str | None = None,
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> IssuedKey:
    """Make a key that acts for `user` in `team` (None: in no team), and return its value for the only time.

    Args:
        value: a key of the caller's choice, for configuration files; None makes one.
        expires_at: when it ends by itself; None: never.

    Raises:
        NotFound: no such person or team in the company.
        InvalidRequest: `fields` names what is not usable.
        ScopeNotPermitted: the person may not do that in that team, or is not active.
        AlreadyExists: this value is in use.
    """
    chosen = value or secret_values.new_key()
    if not secret_values.is_key(chosen):
        problem = "`or-` and 16 to 120 letters, digits, `_` or `-`."
        raise InvalidRequest("The key is not usable.", fields={"value": problem})
    if expires_at is not None and expires_at <= at:
        raise InvalidRequest("The key would be dead at once.", fields={"expires_at": "A time in the future."})
    wanted = _checked(tenant, user, team, name, scopes, limits)
    with db.atomic():
        if _is_taken(chosen):
            raise AlreadyExists("This key is in use.", fields={"value": "Taken."})
        wanted |= {"tenant_id": tenant, "prefix": chosen[: secret_values.PREFIX_LENGTH], "created_at": at}
        wanted |= {"key_hash": secret_values.hash_key(chosen), "expires_at": expires_at}
        row = ApiKey(**wanted)
        row.save(force_insert=True)
        body = {"user": user, "team": team, "scopes": wanted["scopes"], "expires_at": expires_at}
        _record(tenant, "key.issued", row, actor, at, body)
    return IssuedKey(id=KeyId(row.pk), value=chosen)


def put_api_key(
    *,
    tenant: TenantId,
    user: UserId,
    team: TeamId | None,
    name: str,
    scopes: Collection[str],
    value: str | None = None,
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> PutKey:
    """Have a key of this value, or of this name for this person and team; raises as `issue_api_key`.

    A key that was revoked stays revoked: a configuration file does not undo what somebody did in an emergency.
    """
    with db.atomic():
        rows = ApiKey.objects.for_tenant(tenant)
        if value is not None:
            row = rows.filter(key_hash=secret_values.hash_key(value)).first()
        else:
            row = rows.filter(user_id=user, team=team, name=name, revoked_at=None).order_by("-id").first()
        if row is None:
            issued = issue_api_key(
                tenant=tenant, user=user, team=team, name=name, scopes=scopes, expires_at=None,
                value=value, limits=limits, actor=actor, at=at,
            )  # fmt: skip
            return PutKey(id=issued.id, changed=True, value=issued.value)
        wanted = _checked(tenant, user, team, name, scopes, limits)
        changed = sorted(field for field, wish in wanted.items() if getattr(row, field) != wish)
        if changed and row.revoked_at is None:
            rows.filter(pk=row.pk).update(**wanted)
            _record(tenant, "key.issued", row, actor, at, {"changed": changed})
    return PutKey(id=KeyId(row.pk), changed=bool(changed) and row.revoked_at is None)


def rotate_api_key(*, tenant: TenantId, key: KeyId, overlap: timedelta, actor: str, at: datetime) -> IssuedKey:
    """Replace a key by a new one with the same rights and lifetime; the old one ends after `overlap`.

    Raises:
        NotFound: no such living key in the company.
        InvalidRequest: the overlap is negative or over 30 days.
        ScopeNotPermitted: its maker lost the rights that it carries.
    """
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise InvalidRequest("The overlap is not usable.", fields={"overlap_hours": "0 to 720 hours."})
    with db.atomic():
        row = _living(tenant, key, at)
        fresh = issue_api_key(
            tenant=tenant,
            user=UserId(row.user_id),
            team=None if row.team_id is None else TeamId(row.team_id),
            name=row.name,
            scopes=row.scopes,
            expires_at=None if row.expires_at is None else at + (row.expires_at - row.created_at),
            limits=RateLimits(**row.rate_limits),
            actor=actor,
            at=at,
        )
        ends = at + overlap
        row.expires_at = ends if row.expires_at is None else min(row.expires_at, ends)
        row.save(update_fields=["expires_at"])
        _record(tenant, "key.rotated", row, actor, at, {"successor": fresh.id, "ends": row.expires_at})
    return fresh


def revoke_api_key(*, tenant: TenantId, key: KeyId, actor: str, at: datetime) -> bool:
    """Kill a key for ever; False when it was revoked before. Raises `NotFound`."""
    with db.atomic():
        row = ApiKey.objects.for_tenant(tenant).select_for_update(no_key=True).filter(pk=key).first()
        if row is None:
            raise NotFound
        if row.revoked_at is not None:
            return False
        row.revoked_at = at
        row.save(update_fields=["revoked_at"])
        _record(tenant, "key.revoked", row, actor, at, {})
    return True


def _is_taken(value: str) -> bool:
    with all_tenants():  # a value means one key in the whole installation
        return ApiKey.objects.filter(key_hash=secret_values.hash_key(value)).exists()


def _living(tenant: TenantId, key: KeyId, at: datetime) -> ApiKey:
    rows = ApiKey.objects.for_tenant(tenant).select_for_update(no_key=True).filter(pk=key, revoked_at=None)
    row = rows.exclude(expires_at__lte=at).first()
    if row is None:
        raise NotFound
    return row


def _checked(
    tenant: TenantId, user: UserId, team: TeamId | None, name: str, scopes: Collection[str], limits: RateLimits
) -> dict[str, Any]:
    """The columns that describe a key, when its maker may have it."""
    person = tenants.person(tenant, user)
    if team is not None and not tenants.team(tenant, team).active:
        raise InvalidRequest("The team is suspended.", fields={"team": "An active team."})
    if not scopes or not set(scopes) <= set(SCOPES):
        raise InvalidRequest("The scopes are not usable.", fields={"scopes": f"One or more of {', '.join(SCOPES)}."})
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise InvalidRequest("The name is not usable.", fields={"name": "1 to 100 printable characters."})
    missing = sorted(set(scopes) - grantable_scopes(person, team))
    if missing:
        raise ScopeNotPermitted(f"This person may not have a key for {', '.join(missing)} in this team.")
    stored = {"requests_per_minute": limits.requests_per_minute, "tokens_per_minute": limits.tokens_per_minute}
    return {
        "user_id": user,
        "team_id": team,
        "name": name.strip(),
        "scopes": [scope for scope in SCOPES if scope in scopes],
        "rate_limits": {limit: value for limit, value in stored.items() if value is not None},
    }


def _record(tenant: TenantId, kind: str, row: ApiKey, actor: str, at: datetime, body: dict[str, Any]) -> None:
    audit.change(tenant=tenant, kind=kind, actor=actor, subject=f"key:{row.pk}", body=body, at=at)
    versions.bump(tenant=tenant, kind="access")
