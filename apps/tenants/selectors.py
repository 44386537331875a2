"""Reads. Everything comes back as values; an order always ends in the id."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import cast

from django.db.models import Q

from apps.core.tenancy import TenantQuerySet
from apps.domain.errors import NotFound
from apps.domain.ids import TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.tenants.models import Membership, Team, Tenant, User
from apps.tenants.values import (
    Directory,
    MembershipRecord,
    PeoplePage,
    Person,
    RoleName,
    TeamRecord,
    TenantRecord,
)

Seats = dict[UserId, tuple[MembershipRecord, ...]]


def tenant_by_slug(slug: str) -> TenantRecord | None:
    """The company of this slug, active or not."""
    row = Tenant.objects.filter(slug=slug).first()
    return _tenant(row) if row else None


def tenant(tenant: TenantId) -> TenantRecord:
    """Raises `NotFound` when there is no such company."""
    row = Tenant.objects.filter(pk=tenant).first()
    if row is None:
        raise NotFound
    return _tenant(row)


def tenants() -> tuple[TenantRecord, ...]:
    """Every company of the installation, `platform` and suspended ones included."""
    return tuple(_tenant(row) for row in Tenant.objects.order_by("slug", "id"))


def teams(tenant: TenantId) -> tuple[TeamRecord, ...]:
    """Every team of the company, suspended ones included."""
    return tuple(_team(row) for row in Team.objects.for_tenant(tenant).order_by("slug", "id"))


def team(tenant: TenantId, team: TeamId) -> TeamRecord:
    """Raises `NotFound` when the company has no such team."""
    row = Team.objects.for_tenant(tenant).filter(pk=team).first()
    if row is None:
        raise NotFound
    return _team(row)


def team_by_slug(tenant: TenantId, slug: str) -> TeamRecord | None:
    """The team of this slug in the company, active or not."""
    row = Team.objects.for_tenant(tenant).filter(slug=slug).first()
    return _team(row) if row else None


def people(tenant: TenantId) -> tuple[Person, ...]:
    """Everybody of the company, deactivated people included."""
    rows = list(_users(tenant).order_by("name", "id"))
    seats, active = _seats(tenant, None), _active_teams(tenant)
    return tuple(_person(row, seats.get(UserId(row.pk), ()), active) for row in rows)


def people_page(
    tenant: TenantId, *, offset: int, limit: int, search: str = "", teams: frozenset[TeamId] | None = None
) -> PeoplePage:
    """People by name, in pages; `search` looks into name and e-mail, `teams` keeps the members of any of them."""
    rows = _users(tenant)
    if search:
        rows = rows.filter(Q(name__icontains=search) | Q(email__icontains=search))
    if teams is not None:
        members = Membership.objects.for_tenant(tenant).filter(team_id__in=teams)
        rows = rows.filter(pk__in=members.values("user_id"))
    page = list(rows.order_by("name", "id")[offset : offset + limit])
    seats, active = _seats(tenant, [row.pk for row in page]), _active_teams(tenant)
    found = tuple(_person(row, seats.get(UserId(row.pk), ()), active) for row in page)
    return PeoplePage(people=found, seats=seats, total=rows.count())


def person(tenant: TenantId, user: UserId) -> Person:
    """Raises `NotFound` when the company has nobody of this id."""
    return _only(_users(tenant).filter(pk=user), tenant)


def person_by_email(tenant: TenantId, email: str) -> Person | None:
    """The person with this e-mail (any case) in the company, active or not."""
    rows = _users(tenant).filter(email=email.strip().lower())
    try:
        return _only(rows, tenant)
    except NotFound:
        return None


def memberships(tenant: TenantId, user: UserId) -> tuple[MembershipRecord, ...]:
    """The seats of a person in their order, those in suspended teams included."""
    return _seats(tenant, [user]).get(user, ())


def teams_of(tenant: TenantId, user: UserId) -> tuple[TeamId, ...]:
    """The active teams that an active person is in; none for somebody who does not exist. One query."""
    seats = Membership.objects.for_tenant(tenant).filter(user_id=user, user__is_active=True)
    found = seats.filter(team__state=Tenant.State.ACTIVE).order_by("position", "id")
    return tuple(TeamId(team) for team in found.values_list("team_id", flat=True))


def names(tenant: TenantId, users: Collection[UserId]) -> dict[UserId, str]:
    """The names of these people, active or not; who is gone is not in it. No query for nobody."""
    if not users:
        return {}
    return {UserId(pk): name for pk, name in _users(tenant).filter(pk__in=users).values_list("pk", "name")}


def members(teams: Collection[TeamId]) -> dict[TeamId, frozenset[UserId]]:
    """The active people of these teams; suspended teams have none. The scope of tenants is the caller's. One query."""
    seats = Membership.objects.filter(team_id__in=teams, team__state=Tenant.State.ACTIVE, user__is_active=True)
    found: dict[TeamId, set[UserId]] = defaultdict(set)
    for team, user in seats.values_list("team_id", "user_id"):
        found[TeamId(team)].add(UserId(user))
    return {team: frozenset(people) for team, people in found.items()}


def directory(tenant_id: TenantId) -> Directory:
    """Everybody and every team of a company in four queries, for the snapshot. Raises `NotFound`."""
    record = tenant(tenant_id)
    found = {team.id: team for team in teams(tenant_id)}
    active = frozenset(key for key, team in found.items() if team.active)
    seats = _seats(tenant_id, None)
    rows = _users(tenant_id).order_by("id")
    known = {UserId(row.pk): _person(row, seats.get(UserId(row.pk), ()), active) for row in rows}
    return Directory(tenant=record, teams=found, people=known)


def _users(tenant: TenantId) -> TenantQuerySet[User]:
    return User.objects.for_tenant(tenant).select_related("tenant")


def _only(rows: TenantQuerySet[User], tenant: TenantId) -> Person:
    row = rows.first()
    if row is None:
        raise NotFound
    joined = Membership.objects.for_tenant(tenant).filter(user_id=row.pk).select_related("team")
    places = list(joined.order_by("position", "id"))
    active = frozenset(TeamId(place.team_id) for place in places if place.team.state == Tenant.State.ACTIVE)
    return _person(row, [_seat(place) for place in places], active)


def _seats(tenant: TenantId, users: Iterable[int] | None) -> Seats:
    rows = Membership.objects.for_tenant(tenant).order_by("position", "id")
    if users is not None:
        rows = rows.filter(user_id__in=list(users))
    found: dict[UserId, list[MembershipRecord]] = defaultdict(list)
    for row in rows:
        found[UserId(row.user_id)].append(_seat(row))
    return {user: tuple(seats) for user, seats in found.items()}


def _seat(row: Membership) -> MembershipRecord:
    return MembershipRecord(team=TeamId(row.team_id), admin=row.is_admin)


def _active_teams(tenant: TenantId) -> frozenset[TeamId]:
    rows = Team.objects.for_tenant(tenant).filter(state=Tenant.State.ACTIVE)
    return frozenset(TeamId(key) for key in rows.values_list("id", flat=True))


def _person(row: User, seats: Collection[MembershipRecord], active_teams: frozenset[TeamId]) -> Person:
    held = [seat for seat in seats if seat.team in active_teams]
    return Person(
        id=UserId(row.pk),
        email=row.email,
        name=row.name,
        role=cast(RoleName, row.role),
        active=row.is_active and row.tenant.state == Tenant.State.ACTIVE,
        teams=tuple(seat.team for seat in held),
        admin_of=frozenset(seat.team for seat in held if seat.admin),
        benched=bool(seats) and not held,
        locale=row.locale,
        limits=RateLimits(**row.rate_limits),
    )


def _tenant(row: Tenant) -> TenantRecord:
    return TenantRecord(
        id=TenantId(row.pk),
        slug=row.slug,
        name=row.name,
        timezone=row.timezone,
        active=row.state == Tenant.State.ACTIVE,
        models=None if row.models_allowed is None else frozenset(row.models_allowed),
        limits=RateLimits(**row.rate_limits),
    )


def _team(row: Team) -> TeamRecord:
    return TeamRecord(
        id=TeamId(row.pk),
        slug=row.slug,
        name=row.name,
        active=row.state == Tenant.State.ACTIVE,
        models=None if row.models_allowed is None else frozenset(row.models_allowed),
        limits=RateLimits(**row.rate_limits),
    )
