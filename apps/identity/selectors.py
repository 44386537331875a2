"""Reads of keys and sessions."""

from apps.core import clock
from apps.core.tenancy import TenantQuerySet, all_tenants
from apps.domain.errors import NotFound
from apps.domain.ids import KeyId, TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.identity.models import ApiKey
from apps.identity.rights import grantable_scopes
from apps.identity.secret_values import hash_key
from apps.identity.values import KeyListing, KeyRecord
from apps.tenants import selectors as tenants
from apps.tenants.values import Directory, Person


def load_keys(tenant: TenantId, directory: Directory | None = None) -> tuple[KeyRecord, ...]:
    """Every usable key of a company, for the snapshot. One query when the caller has the directory already.

    Left out are keys that are revoked, expired, in a suspended team, or whose maker may do nothing with them now.
    """
    known = directory or tenants.directory(tenant)
    found = []
    for row in _unrevoked(ApiKey.objects.for_tenant(tenant)):
        team = known.teams.get(TeamId(row.team_id)) if row.team_id is not None else None
        person = known.people.get(UserId(row.user_id))
        if person is not None and (row.team_id is None or (team is not None and team.active)):
            found.append(_record(row, person))
    return tuple(record for record in found if record.scopes)


def key_by_value(value: str) -> tuple[KeyRecord, Person] | None:
    """The usable key of this value and its maker, whatever the tenant; None when there is none."""
    with all_tenants():
        return _usable(ApiKey.objects.get_queryset().filter(key_hash=hash_key(value)))


def key_by_id(tenant: TenantId, key: KeyId) -> KeyRecord | None:
    """The key of this id, if it is usable."""
    found = _usable(ApiKey.objects.for_tenant(tenant).filter(pk=key))
    return found[0] if found else None


def dead_key_owner(value: str) -> tuple[TenantId, KeyId] | None:
    """Whose key this value was when it counts no more, for the record of a refusal."""
    with all_tenants():
        row = ApiKey.objects.filter(key_hash=hash_key(value)).values_list("tenant_id", "id").first()
    return (TenantId(row[0]), KeyId(row[1])) if row else None


def keys(tenant: TenantId, *, user: UserId | None = None, team: TeamId | None = None) -> tuple[KeyListing, ...]:
    """Keys of a person or a team as lists show them, newest first, dead ones included."""
    rows = ApiKey.objects.for_tenant(tenant).order_by("-created_at", "-id")
    if user is not None:
        rows = rows.filter(user_id=user)
    if team is not None:
        rows = rows.filter(team_id=team)
    return tuple(_listing(row) for row in rows)


def key(tenant: TenantId, key: KeyId) -> KeyListing:
    """Raises `NotFound` when the company has no such key."""
    row = ApiKey.objects.for_tenant(tenant).filter(pk=key).first()
    if row is None:
        raise NotFound
    return _listing(row)


def _usable(rows: TenantQuerySet[ApiKey]) -> tuple[KeyRecord, Person] | None:
    row = _unrevoked(rows).select_related("team").first()
    if row is None or (row.team is not None and row.team.state != "active"):
        return None
    person = tenants.person(TenantId(row.tenant_id), UserId(row.user_id))
    record = _record(row, person)
    return (record, person) if record.scopes else None


def _unrevoked(rows: TenantQuerySet[ApiKey]) -> TenantQuerySet[ApiKey]:
    return rows.filter(revoked_at=None).exclude(expires_at__lte=clock.now()).order_by("id")


def _record(row: ApiKey, person: Person) -> KeyRecord:
    team = None if row.team_id is None else TeamId(row.team_id)
    return KeyRecord(
        id=KeyId(row.pk),
        key_hash=row.key_hash,
        tenant=TenantId(row.tenant_id),
        user=UserId(row.user_id),
        team=team,
        scopes=frozenset(row.scopes) & grantable_scopes(person, team),
        expires_at=row.expires_at,
        limits=RateLimits(**row.rate_limits),
    )


def _listing(row: ApiKey) -> KeyListing:
    return KeyListing(
        id=KeyId(row.pk),
        user=UserId(row.user_id),
        team=None if row.team_id is None else TeamId(row.team_id),
        name=row.name,
        prefix=row.prefix,
        scopes=tuple(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
