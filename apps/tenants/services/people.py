"""People: create, change, give roles and seats, activate, set passwords.

Whatever changes what a person may do raises the epoch of his sessions: the old ones are dead at once and for ever, so
that every change of rights gives a new session id (promise P10).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email

import apps.tenants.services._shared as _shared
from apps.core import db
from apps.domain.errors import InvalidRequest, NotFound, OpenRouteError
from apps.domain.ids import TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.tenants.models import Membership, Role, Team, Tenant, User
from apps.tenants.values import PLATFORM, UNLIMITED, MembershipRecord

MAX_EMAIL: Final = 254  # the longest that can be delivered
MAX_PASSWORD: Final = 1024
LOCALES: Final = frozenset({"de", "en"})


class LastAdmin(OpenRouteError):
    """A company that has an admin keeps one; nothing was changed."""

    code, status = "last_admin", 409

    def __init__(self, role: str) -> None:
        super().__init__(f"This is the last active person with the role {role}. Give it to somebody else first.")


def create_user(
    *,
    tenant: TenantId,
    email: str,
    name: str,
    role: str = Role.EMPLOYEE,
    password: str | None = None,
    locale: str = "en",
    limits: RateLimits = UNLIMITED,
    actor: str,
    at: datetime,
) -> UserId:
    """Create a person. Without a password nobody can sign in as him until one is set.

    Raises:
        NotFound: there is no such company.
        InvalidRequest: `fields` names what is not usable; operators exist in `platform` only, and nobody else there.
        AlreadyExists: somebody of this company has the e-mail.
    """
    values = _values(email, name, locale, limits)
    encoded = make_password(None if password is None else checked_password(password))
    with db.atomic():
        _check_role(_shared.locked_tenant(tenant), role)
        _check_email_is_free(tenant, email)
        values |= {"tenant_id": tenant, "role": role, "password": encoded, "created_at": at}
        user = UserId(User.objects.create(**values).pk)
        subject = f"user:{user}"
        kind = "operator.created" if role == Role.OPERATOR else "user.created"
        _shared.record(tenant=tenant, kind=kind, actor=actor, subject=subject, at=at, role=str(role))
    return user


def update_user(
    *,
    tenant: TenantId,
    user: UserId,
    email: str,
    name: str,
    locale: str,
    limits: RateLimits,
    actor: str,
    at: datetime,
) -> bool:
    """Give a person this e-mail, name, language and limits; False when he had them. Raises as `create_user`."""
    values = _values(email, name, locale, limits)
    with db.atomic():
        row = _locked_user(tenant, user)
        if row.email != values["email"]:
            _check_email_is_free(tenant, email)
        changed = _shared.apply_changes(row, values)
        if changed:
            subject = f"user:{user}"
            _shared.record(tenant=tenant, kind="user.changed", actor=actor, subject=subject, at=at, changed=changed)
    return bool(changed)


def set_role(*, tenant: TenantId, user: UserId, role: str, actor: str, at: datetime) -> bool:
    """Give a person this role and end his sessions; False when he had it.

    Raises:
        LastAdmin: the company would be left without an active admin.
        InvalidRequest: no such role in this company.
    """
    with db.atomic():
        row = _locked_user(tenant, user)
        _check_role(row.tenant, role)
        before = row.role
        if before == role:
            return False
        _keep_an_admin(row)
        row.role = role
        _end_sessions(row, "role")
        body = {"before": before, "after": str(role)}
        _shared.record(tenant=tenant, kind="role.changed", actor=actor, subject=f"user:{user}", at=at, **body)
    return True


def set_memberships(
    *, tenant: TenantId, user: UserId, memberships: Sequence[MembershipRecord], actor: str, at: datetime
) -> bool:
    """Seat a person in exactly these teams, in this order (the first is the default); False when nothing differs.

    Becoming or ceasing to be a team admin ends his sessions. Raises `InvalidRequest` for a team that is named twice or
    that the company does not have.
    """
    wanted = list(memberships)
    with db.atomic():
        row = _locked_user(tenant, user)
        rows = list(Membership.objects.for_tenant(tenant).filter(user_id=user).order_by("position", "id"))
        had = [MembershipRecord(team=TeamId(place.team_id), admin=place.is_admin) for place in rows]
        if had == wanted:
            return False
        _check_teams(tenant, wanted)
        Membership.objects.for_tenant(tenant).filter(user_id=user).delete()
        for position, seat in enumerate(wanted):
            Membership.objects.create(
                tenant_id=tenant, user_id=user, team_id=seat.team, is_admin=seat.admin, position=position
            )
        administered = ({seat.team for seat in had if seat.admin}, {seat.team for seat in wanted if seat.admin})
        if administered[0] != administered[1]:
            _end_sessions(row)
        body = {"teams": [seat.team for seat in wanted], "admin_of": sorted(administered[1])}
        _shared.record(tenant=tenant, kind="membership.changed", actor=actor, subject=f"user:{user}", at=at, **body)
    return True


def set_active(*, tenant: TenantId, user: UserId, active: bool, actor: str, at: datetime) -> bool:
    """Let a person act or not; deactivation ends his sessions, and his keys are dead meanwhile. False: as it was.

    Raises:
        LastAdmin: the company would be left without an active admin.
    """
    with db.atomic():
        row = _locked_user(tenant, user)
        if row.is_active == active:
            return False
        if not active:
            _keep_an_admin(row)
        row.is_active = active
        _end_sessions(row, "is_active")
        kind = "user.activated" if active else "user.deactivated"
        _shared.record(tenant=tenant, kind=kind, actor=actor, subject=f"user:{user}", at=at)
    return True


def set_password(*, tenant: TenantId, user: UserId, password: str, actor: str, at: datetime) -> bool:
    """Replace a person's password and end his sessions; False when it is the same one.

    Its strength is judged where a person types it (`identity.services`); here only its size is bounded, so that a
    configuration file of the operator can carry what he likes.
    """
    current = User.objects.for_tenant(tenant).filter(pk=user).values_list("password", flat=True).first()
    if current is None:
        raise NotFound
    if check_password(checked_password(password), current):
        return False
    encoded = make_password(password)  # slow by design: before the transaction, not inside
    with db.atomic():
        row = _locked_user(tenant, user)
        row.password = encoded
        _end_sessions(row, "password")
        _shared.record(tenant=tenant, kind="password.changed", actor=actor, subject=f"user:{user}", at=at)
    return True


def checked_password(password: str) -> str:
    """Raises `InvalidRequest` when the password is empty, longer than 1,024 characters, or holds NUL."""
    if not password or len(password) > MAX_PASSWORD or "\0" in password:
        raise InvalidRequest("The password is not usable.", fields={"password": f"1 to {MAX_PASSWORD} characters."})
    return password


def _values(email: str, name: str, locale: str, limits: RateLimits) -> dict[str, Any]:
    clean = email.strip().lower()
    try:
        MaxLengthValidator(MAX_EMAIL)(clean)
        validate_email(clean)
    except ValidationError as error:
        raise InvalidRequest("The e-mail address is not usable.", fields={"email": "name@example.org"}) from error
    if locale not in LOCALES:
        raise InvalidRequest("This language is not offered.", fields={"locale": ", ".join(sorted(LOCALES))})
    return {
        "email": clean,
        "name": _shared.checked_name(name),
        "locale": locale,
        "rate_limits": _shared.stored_limits(limits),
    }


def _check_role(tenant: Tenant, role: str) -> None:
    fits = role in Role.values and (role == Role.OPERATOR) == (tenant.slug == PLATFORM)
    if not fits:
        raise InvalidRequest(f"There is no role {role[:20]!r} in this company.", fields={"role": "No such role here."})


def _check_email_is_free(tenant: TenantId, email: str) -> None:
    if User.objects.for_tenant(tenant).filter(email=email.strip().lower()).exists():
        raise _shared.AlreadyExists("Somebody has this e-mail address already.", fields={"email": "Taken."})


def _check_teams(tenant: TenantId, wanted: Sequence[MembershipRecord]) -> None:
    teams = [seat.team for seat in wanted]
    known = set(Team.objects.for_tenant(tenant).filter(pk__in=teams).values_list("id", flat=True))
    if len(set(teams)) < len(teams) or known != set(teams):
        problem = "Each team of the company at most once."
        raise InvalidRequest("The teams are not usable.", fields={"memberships": problem})


def _keep_an_admin(row: User) -> None:
    """Raises `LastAdmin` when this active admin is the only one; the caller holds the tenant's lock."""
    role = Role.OPERATOR if row.tenant.slug == PLATFORM else Role.TENANT_ADMIN
    if row.role != role or not row.is_active:
        return
    others = User.objects.for_tenant(TenantId(row.tenant_id)).filter(role=role, is_active=True).exclude(pk=row.pk)
    if not others.exists():
        raise LastAdmin(role)


def _end_sessions(row: User, *also: str) -> None:
    row.session_epoch += 1
    row.save(update_fields=["session_epoch", *also])


def _locked_user(tenant: TenantId, user: UserId) -> User:
    _shared.locked_tenant(tenant)
    row = User.objects.for_tenant(tenant).select_related("tenant").filter(pk=user).first()
    if row is None:
        raise NotFound
    return row
