"""Steps for one tenant: itself, teams, people, budgets, keys, policy, in the order in which they need each other.

What the file names is brought to what the file says of it; a key that is left out leaves what exists, and nothing is
removed but budgets (and seats) that a given list does not contain any more.
"""

from typing import Any

from apps.budgets import selectors as budgets
from apps.budgets import services as budget_services
from apps.domain.ids import TeamId, TenantId
from apps.domain.limits import RateLimits
from apps.identity import services as identity
from apps.operations.config.changes import Action, Change, compare, describe, usd
from apps.operations.config.document import BudgetEntry, KeyEntry, TeamEntry, TenantEntry, Unset, UserEntry
from apps.operations.config.shape import Mark
from apps.operations.config.work import Work, given, located
from apps.policies import selectors as policies
from apps.policies import services as policy_services
from apps.tenants import selectors, services
from apps.tenants.roles import EMPLOYEE, OPERATOR, TENANT_ADMIN
from apps.tenants.values import PLATFORM, MembershipRecord, Person, TeamRecord, TenantRecord

UNLIMITED = RateLimits()


def apply(work: Work, entry: TenantEntry, path: str) -> TenantId:
    """Bring one tenant to what the file says; returns its id."""
    with located(path):
        tenant = _tenant(work, entry)
    teams: dict[str, TeamId] = {team.slug: team.id for team in selectors.teams(tenant)}
    for place, team in enumerate(entry.teams):
        with located(f"{path}.teams[{place}]"):
            teams[team.slug] = _team(work, tenant, entry.slug, team)
    # Admins first, so that a company that changes its admin is never without one.
    for place, user in sorted(enumerate(entry.users), key=lambda pair: pair[1].role not in (TENANT_ADMIN, OPERATOR)):
        with located(f"{path}.users[{place}]"):
            _user(work, tenant, entry.slug, user, teams)
    _budgets(work, tenant, None, entry.slug, entry.budgets, f"{path}.budgets")
    for place, team in enumerate(entry.teams):
        where, label = f"{path}.teams[{place}]", f"{entry.slug}/{team.slug}"
        _budgets(work, tenant, teams[team.slug], label, team.budgets, f"{where}.budgets")
        for number, key in enumerate(team.api_keys):
            with located(f"{where}.api_keys[{number}]"):
                _key(work, tenant, teams[team.slug], label, key)
    if not isinstance(entry.policy, Mark):
        with located(f"{path}.policy"):
            _policy(work, tenant, entry.slug, dict(entry.policy))
    return tenant


def _tenant(work: Work, entry: TenantEntry) -> TenantId:
    before = selectors.tenant_by_slug(entry.slug)
    if entry.slug == PLATFORM and before is None:
        services.ensure_platform(actor=work.actor, at=work.at)
    known = selectors.tenant_by_slug(entry.slug)
    stored = services.put_tenant(
        slug=entry.slug,
        name=given(entry.name, known.name if known else entry.slug),
        timezone=given(entry.timezone, known.timezone if known else "UTC"),
        models=given(entry.models, known.models if known else None),
        limits=given(entry.rate_limits, known.limits if known else UNLIMITED),
        actor=work.actor,
        at=work.at,
    )
    after = selectors.tenant(stored.id)
    work.note(compare(f"tenant {entry.slug}", _shown(before), _shown(after)))
    return stored.id


def _team(work: Work, tenant: TenantId, tenant_slug: str, entry: TeamEntry) -> TeamId:
    before = selectors.team_by_slug(tenant, entry.slug)
    stored = services.put_team(
        tenant=tenant,
        slug=entry.slug,
        name=given(entry.name, before.name if before else entry.slug),
        models=given(entry.models, before.models if before else None),
        limits=given(entry.rate_limits, before.limits if before else UNLIMITED),
        actor=work.actor,
        at=work.at,
    )
    after = selectors.team(tenant, stored.id)
    what = f"team {tenant_slug}/{entry.slug}"
    work.note(compare(what, _shown(before), _shown(after)))
    return stored.id


def _shown(record: TenantRecord | TeamRecord | None) -> dict[str, Any] | None:
    """What a line of the difference says of a tenant or team."""
    if record is None:
        return None
    return {**describe(record, "id", "slug"), "models": "all" if record.models is None else sorted(record.models)}


def _user(work: Work, tenant: TenantId, tenant_slug: str, entry: UserEntry, teams: dict[str, TeamId]) -> None:
    before = selectors.person_by_email(tenant, entry.email)
    described = _described(tenant, before, teams)
    stored = services.put_user(
        tenant=tenant,
        email=entry.email,
        name=given(entry.name, before.name if before else entry.email.partition("@")[0]),
        role=given(entry.role, before.role if before else OPERATOR if tenant_slug == PLATFORM else EMPLOYEE),
        memberships=_seats(tenant, before, entry, teams),
        password=given(entry.password, None) if before is None else None,
        limits=given(entry.rate_limits, before.limits if before else UNLIMITED),
        active=given(entry.active, before.active if before else True),
        actor=work.actor,
        at=work.at,
    )
    secret = before is None and not isinstance(entry.password, Mark)
    if before is not None and not isinstance(entry.password, Mark):
        secret = services.set_password(
            tenant=tenant, user=stored.id, password=entry.password, actor=work.actor, at=work.at
        )
    after = _described(tenant, selectors.person(tenant, stored.id), teams)
    work.note(compare(f"user {entry.email} of {tenant_slug}", described, after, *["password"] * secret))


def _seats(
    tenant: TenantId, person: Person | None, entry: UserEntry, teams: dict[str, TeamId]
) -> tuple[MembershipRecord, ...]:
    if not isinstance(entry.teams, Mark):
        return tuple(MembershipRecord(teams[seat.team], seat.admin) for seat in entry.teams)
    return selectors.memberships(tenant, person.id) if person else ()


def _described(tenant: TenantId, person: Person | None, teams: dict[str, TeamId]) -> dict[str, Any] | None:
    """A person with the slugs of teams instead of ids."""
    if person is None:
        return None
    slugs = {team: slug for slug, team in teams.items()}
    seats = [
        f"{slugs.get(seat.team, seat.team)}{' (admin)' if seat.admin else ''}"
        for seat in selectors.memberships(tenant, person.id)
    ]
    return {**describe(person, "id", "email", "teams", "admin_of"), "teams": seats}


def _budgets(
    work: Work, tenant: TenantId, team: TeamId | None, label: str, entries: tuple[BudgetEntry, ...] | Unset, path: str
) -> None:
    """Bring the budgets of a tenant or team to the list; without a list they stay."""
    if isinstance(entries, Mark):
        return
    known = {(record.period, record.models): record for record in budgets.budgets(tenant) if record.team == team}
    for place, entry in enumerate(entries):
        models = None if entry.models is None else frozenset(entry.models)
        before = known.pop((entry.period, models), None)
        with located(f"{path}[{place}]"):
            after = budget_services.upsert_budget(
                tenant=tenant, team=team, period=entry.period, limit=entry.limit, models=models,
                actor=work.actor, at=work.at,
            )  # fmt: skip
        what = f"budget {label} {_kind(entry.period, models)}"
        had = None if before is None else {"limit": usd(before.limit)}
        work.note(compare(what, had, {"limit": usd(after.limit)}))
    for record in known.values():
        budget_services.remove_budget(tenant=tenant, budget=record.id, actor=work.actor, at=work.at)
        work.note(Change(Action.REMOVED, f"budget {label} {_kind(record.period, record.models)}"))


def _kind(period: str, models: frozenset[str] | None) -> str:
    return period if models is None else f"{period} for {', '.join(sorted(models))}"


def _key(work: Work, tenant: TenantId, team: TeamId, label: str, entry: KeyEntry) -> None:
    person = selectors.person_by_email(tenant, entry.user)
    assert person is not None, "references are checked before"
    put = identity.put_api_key(
        tenant=tenant, user=person.id, team=team, name=entry.name, scopes=entry.scopes,
        value=given(entry.value, None), limits=entry.rate_limits, actor=work.actor, at=work.at,
    )  # fmt: skip
    what = f"api key {label} {entry.name}"
    if put.value is None:
        work.note(Change(Action.CHANGED if put.changed else Action.UNCHANGED, what))
        return
    work.note(Change(Action.CREATED, what, (f"scopes [{', '.join(entry.scopes)}]",)))
    if isinstance(entry.value, Mark):
        work.issued[what] = put.value


def _policy(work: Work, tenant: TenantId, label: str, document: dict[str, Any]) -> None:
    before = policies.document(tenant)
    if before != document:
        policy_services.put(tenant=tenant, document=document, actor=work.actor, at=work.at, comment="apply")
    work.note(compare(f"policy {label}", before or None, document))
