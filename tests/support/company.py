"""A company with somebody of each role, and clients that ask in its name."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from apps.audit.models import AuditEvent
from apps.domain.ids import TenantId
from apps.identity.models import ApiKey
from apps.tenants.models import Team, Tenant, User
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import NOON, MembershipFactory, TeamFactory, TenantFactory, UserFactory

JSON = "application/json"
ACT = {"actor": "system", "at": NOON}
"""Who acts and when, where it does not matter."""


@dataclass(frozen=True, slots=True)
class Company:
    """A company with somebody of each role; `lead` administers `team`, `erin` sits in it."""

    tenant: Tenant
    team: Team
    other_team: Team
    people: dict[str, User]
    key: ApiKey


def company(slug: str) -> Company:
    """A fresh company of this short name."""
    tenant = TenantFactory(slug=slug)
    team, other_team = TeamFactory(tenant=tenant), TeamFactory(tenant=tenant)
    people = {
        "employee": UserFactory(tenant=tenant, email=f"erin@{slug}.example"),
        "team_admin": UserFactory(tenant=tenant, email=f"lead@{slug}.example"),
        "tenant_admin": UserFactory(tenant=tenant, email=f"adam@{slug}.example", role="tenant_admin"),
        "compliance_officer": UserFactory(tenant=tenant, email=f"cleo@{slug}.example", role="compliance_officer"),
    }
    MembershipFactory(user=people["employee"], team=team)
    MembershipFactory(user=people["team_admin"], team=team, is_admin=True)
    key = ApiKeyFactory(user=people["employee"], team=team)
    return Company(tenant=tenant, team=team, other_team=other_team, people=people, key=key)


def bearer(key_value: str) -> Client:
    """A program with this key."""
    return Client(HTTP_AUTHORIZATION=f"Bearer {key_value}")


def kinds(tenant: Tenant) -> list[str]:
    """The audit trail of a company, oldest first."""
    return kinds_of(tenant.pk)


def kinds_of(tenant: int) -> list[str]:
    """The same by the company's id."""
    rows = AuditEvent.objects.for_tenant(TenantId(tenant)).order_by("seq")
    return list(rows.values_list("kind", flat=True))


def as_json(body: dict[str, Any] | None) -> bytes:
    return b"" if body is None else json.dumps(body).encode()
