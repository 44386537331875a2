"""The whole of a person in one idempotent step, for configuration files and, later, SCIM."""

from collections.abc import Sequence
from datetime import datetime

import apps.tenants.services.people as people
from apps.core import db
from apps.domain.ids import TenantId, UserId
from apps.domain.limits import RateLimits
from apps.tenants import selectors
from apps.tenants.models import Role
from apps.tenants.values import UNLIMITED, MembershipRecord, Stored


def put_user(
    *,
    tenant: TenantId,
    email: str,
    name: str,
    role: str = Role.EMPLOYEE,
    memberships: Sequence[MembershipRecord] = (),
    password: str | None = None,
    locale: str | None = None,
    limits: RateLimits = UNLIMITED,
    active: bool = True,
    actor: str,
    at: datetime,
) -> Stored[UserId]:
    """Create the person of this e-mail, or make him equal to these values.

    `password` None leaves the password alone, `locale` None the language. Raises as the services of `people` do.
    """
    with db.atomic():
        person = selectors.person_by_email(tenant, email)
        changed = person is None
        if person is None:
            user = people.create_user(
                tenant=tenant, email=email, name=name, role=role, password=password,
                locale=locale or "en", limits=limits, actor=actor, at=at,
            )  # fmt: skip
        else:
            user = person.id
            changed |= people.update_user(
                tenant=tenant, user=user, email=email, name=name,
                locale=locale or person.locale, limits=limits, actor=actor, at=at,
            )  # fmt: skip
            changed |= people.set_role(tenant=tenant, user=user, role=role, actor=actor, at=at)
            if password is not None:
                changed |= people.set_password(tenant=tenant, user=user, password=password, actor=actor, at=at)
        changed |= people.set_memberships(tenant=tenant, user=user, memberships=memberships, actor=actor, at=at)
        changed |= people.set_active(tenant=tenant, user=user, active=active, actor=actor, at=at)
    return Stored(user, changed)
