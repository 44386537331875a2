"""Companies, teams and people. `password` is given in clear; everybody is active unless said otherwise."""

from datetime import UTC, datetime

import factory
from django.contrib.auth.hashers import make_password
from factory.django import DjangoModelFactory

from apps.tenants.models import Membership, Team, Tenant, User

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


class TenantFactory(DjangoModelFactory[Tenant]):
    class Meta:
        model = Tenant

    slug = factory.Sequence(lambda number: f"company-{number}")
    name = factory.LazyAttribute(lambda row: row.slug.title())
    timezone = "Europe/Berlin"
    created_at = NOON


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team

    tenant = factory.SubFactory(TenantFactory)
    slug = factory.Sequence(lambda number: f"team-{number}")
    name = factory.LazyAttribute(lambda row: row.slug.title())


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    tenant = factory.SubFactory(TenantFactory)
    email = factory.Sequence(lambda number: f"person-{number}@example.org")
    name = factory.Sequence(lambda number: f"Person {number}")
    role = "employee"
    created_at = NOON
    password = factory.LazyFunction(lambda: make_password(PASSWORD))


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    tenant = factory.SelfAttribute("user.tenant")
    user = factory.SubFactory(UserFactory)
    team = factory.SubFactory(TeamFactory, tenant=factory.SelfAttribute("..user.tenant"))
