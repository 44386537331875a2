"""Companies and teams: created, changed, suspended, and read as a directory."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEvent
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.tenants import selectors, services
from tests.support.factories.tenants import NOON, MembershipFactory, TeamFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db
ACT = {"actor": "system", "at": NOON}


def events(tenant: TenantId) -> list[str]:
    return list(AuditEvent.objects.for_tenant(tenant).order_by("seq").values_list("kind", flat=True))


class TestCreateTenant:
    def test_begins_its_own_audit_chain(self) -> None:
        tenant = services.create_tenant(slug="acme", name="Acme GmbH", timezone="Europe/Berlin", **ACT)

        assert events(tenant) == ["tenant.created"]
        assert selectors.tenant_by_slug("acme") == selectors.tenant(tenant)

    @pytest.mark.parametrize("slug", ["", "Acme", "-acme", "acme-", "a_b", "a" * 64, "acme\n", "logout", "ac me"])
    def test_refuses_short_names_that_cannot_stand_in_an_address(self, slug: str) -> None:
        with pytest.raises(InvalidRequest) as caught:
            services.create_tenant(slug=slug, name="Acme", **ACT)

        assert "slug" in caught.value.fields

    def test_refuses_a_time_zone_that_does_not_exist(self) -> None:
        with pytest.raises(InvalidRequest) as caught:
            services.create_tenant(slug="acme", name="Acme", timezone="Mars/Olympus", **ACT)

        assert "timezone" in caught.value.fields

    def test_refuses_a_taken_short_name(self) -> None:
        TenantFactory(slug="acme")

        with pytest.raises(services.AlreadyExists):
            services.create_tenant(slug="acme", name="Acme", **ACT)


class TestPutTenant:
    def test_is_idempotent(self) -> None:
        wish = {"slug": "acme", "name": "Acme", "models": ["b", "a"], "limits": RateLimits(tokens_per_minute=9), **ACT}
        first, second = services.put_tenant(**wish), services.put_tenant(**wish)

        assert (first.changed, second.changed) == (True, False)
        record = selectors.tenant(first.id)
        assert (record.models, record.limits) == (frozenset({"a", "b"}), RateLimits(tokens_per_minute=9))

    def test_tells_all_models_from_none(self) -> None:
        tenant = services.put_tenant(slug="acme", name="Acme", models=[], **ACT).id

        assert selectors.tenant(tenant).models == frozenset()
        services.put_tenant(slug="acme", name="Acme", models=None, **ACT)
        assert selectors.tenant(tenant).models is None


class TestSuspension:
    def test_of_a_company_makes_everybody_inactive(self) -> None:
        user = UserFactory()
        tenant = TenantId(user.tenant_id)

        assert services.suspend_tenant(tenant=tenant, **ACT)
        assert not services.suspend_tenant(tenant=tenant, **ACT)

        assert not selectors.person(tenant, UserId(user.pk)).active
        assert events(tenant) == ["tenant.suspended"]
        services.resume_tenant(tenant=tenant, **ACT)
        assert selectors.person(tenant, UserId(user.pk)).active

    def test_cannot_lock_the_operators_out(self) -> None:
        with pytest.raises(InvalidRequest):
            services.suspend_tenant(tenant=services.ensure_platform(**ACT), **ACT)

    def test_of_a_team_takes_it_from_its_members(self) -> None:
        seat = MembershipFactory(is_admin=True)
        tenant, user, team = TenantId(seat.tenant_id), UserId(seat.user_id), TeamId(seat.team_id)

        services.suspend_team(tenant=tenant, team=team, **ACT)

        person = selectors.person(tenant, user)
        assert (person.teams, person.admin_of) == ((), frozenset())
        assert [record.team for record in selectors.memberships(tenant, user)] == [team]


class TestTeams:
    def test_have_short_names_per_company(self) -> None:
        first, second = TenantId(TenantFactory().pk), TenantId(TenantFactory().pk)

        for tenant in (first, second):
            services.create_team(tenant=tenant, slug="research", name="Research", **ACT)
        with pytest.raises(services.AlreadyExists):
            services.create_team(tenant=first, slug="research", name="Research", **ACT)

    def test_of_another_company_do_not_exist(self) -> None:
        team, stranger = TeamFactory(), TenantId(TenantFactory().pk)

        with pytest.raises(NotFound):
            services.suspend_team(tenant=stranger, team=TeamId(team.pk), **ACT)

    def test_are_not_for_operators(self) -> None:
        with pytest.raises(InvalidRequest):
            services.create_team(tenant=services.ensure_platform(**ACT), slug="ops", name="Ops", **ACT)

    def test_put_is_idempotent(self) -> None:
        tenant = TenantId(TenantFactory().pk)
        wish = {"tenant": tenant, "slug": "research", "name": "Research", "models": ["gpt-mini"], **ACT}

        assert [services.put_team(**wish).changed for _ in range(2)] == [True, False]

    def test_refuse_a_limit_below_one(self) -> None:
        tenant = TenantId(TenantFactory().pk)

        with pytest.raises(InvalidRequest) as caught:
            services.create_team(tenant=tenant, slug="a", name="A", limits=RateLimits(requests_per_minute=0), **ACT)
        assert "rate_limits.requests_per_minute" in caught.value.fields


class TestDirectory:
    def test_holds_one_company_and_costs_the_same_for_any_size(self) -> None:
        tenant = TenantFactory()
        MembershipFactory()  # somebody else's
        for _ in range(3):
            MembershipFactory(user=UserFactory(tenant=tenant))

        with CaptureQueriesContext(connection) as queries:
            directory = selectors.directory(TenantId(tenant.pk))

        assert len(queries) == 4
        assert (len(directory.people), len(directory.teams)) == (3, 3)
        assert all(person.teams for person in directory.people.values())


class TestPeoplePage:
    def test_searches_names_and_e_mails_inside_the_company(self) -> None:
        tenant = TenantFactory()
        UserFactory(tenant=tenant, name="Erin Moss", email="moss@acme.example")
        UserFactory(tenant=tenant, name="Adam", email="adam@acme.example")
        UserFactory(name="Erin Elsewhere")

        page = selectors.people_page(TenantId(tenant.pk), offset=0, limit=10, search="eRiN")

        assert ([person.name for person in page.people], page.total) == (["Erin Moss"], 1)
