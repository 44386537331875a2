"""People: created, changed, given roles and seats, switched off."""

import pytest

from apps.audit.models import AuditEvent
from apps.core import versions
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.tenants import selectors, services
from apps.tenants.models import User
from apps.tenants.values import MembershipRecord
from tests.support.factories.tenants import NOON, PASSWORD, TeamFactory, TenantFactory, UserFactory

pytestmark = pytest.mark.django_db
ACT = {"actor": "system", "at": NOON}


@pytest.fixture
def acme() -> TenantId:
    return TenantId(TenantFactory(slug="acme").pk)


def user_of(tenant: TenantId, **values: object) -> UserId:
    return UserId(UserFactory(tenant_id=tenant, tenant=None, **values).pk)


def team_of(tenant: TenantId, **values: object) -> TeamId:
    return TeamId(TeamFactory(tenant_id=tenant, tenant=None, **values).pk)


def epoch_of(tenant: TenantId, user: UserId) -> int:
    return User.objects.for_tenant(tenant).get(pk=user).session_epoch


def events(tenant: TenantId) -> list[str]:
    return list(AuditEvent.objects.for_tenant(tenant).order_by("seq").values_list("kind", flat=True))


class TestCreateUser:
    def test_is_on_record_and_seen_by_every_process(self, acme: TenantId) -> None:
        user = services.create_user(tenant=acme, email="Erin@Acme.example ", name="Erin", **ACT)

        person = selectors.person(acme, user)
        assert (person.email, person.role, person.active) == ("erin@acme.example", "employee", True)
        assert events(acme) == ["user.created"]
        assert versions.current(tenant=acme, kind="config") == 1
        assert versions.current(tenant=acme, kind="access") == 1

    def test_refuses_an_e_mail_that_the_company_has_in_any_case(self, acme: TenantId) -> None:
        user_of(acme, email="erin@acme.example")

        with pytest.raises(services.AlreadyExists):
            services.create_user(tenant=acme, email="ERIN@acme.example", name="Erin", **ACT)

    def test_allows_the_same_e_mail_in_two_companies(self, acme: TenantId) -> None:
        globex = TenantId(TenantFactory().pk)
        for tenant in (acme, globex):
            services.create_user(tenant=tenant, email="erin@both.example", name="Erin", **ACT)

        found = [selectors.person_by_email(tenant, "erin@both.example") for tenant in (acme, globex)]
        assert None not in found
        assert found[0] != found[1]

    def test_without_a_password_leaves_none_that_fits(self, acme: TenantId) -> None:
        user = services.create_user(tenant=acme, email="a@acme.example", name="A", **ACT)

        assert not User.objects.for_tenant(acme).get(pk=user).has_usable_password()

    @pytest.mark.parametrize("email", ["", "erin", "erin@", "a" * 250 + "@acme.example", "erin@acme.example\n.x"])
    def test_refuses_what_is_no_e_mail(self, acme: TenantId, email: str) -> None:
        with pytest.raises(InvalidRequest) as caught:
            services.create_user(tenant=acme, email=email, name="Erin", **ACT)

        assert "email" in caught.value.fields

    def test_keeps_operators_to_the_platform(self, acme: TenantId) -> None:
        platform = services.ensure_platform(**ACT)

        with pytest.raises(InvalidRequest):
            services.create_user(tenant=acme, email="o@acme.example", name="O", role="operator", **ACT)
        with pytest.raises(InvalidRequest):
            services.create_user(tenant=platform, email="o@acme.example", name="O", role="employee", **ACT)


class TestSetRole:
    def test_ends_the_sessions_of_the_person(self, acme: TenantId) -> None:
        user = user_of(acme)

        assert services.set_role(tenant=acme, user=user, role="compliance_officer", **ACT)

        assert epoch_of(acme, user) == 1
        assert events(acme) == ["role.changed"]

    def test_changes_nothing_the_second_time(self, acme: TenantId) -> None:
        user = user_of(acme, role="compliance_officer")

        assert not services.set_role(tenant=acme, user=user, role="compliance_officer", **ACT)

        assert (epoch_of(acme, user), events(acme)) == (0, [])

    def test_keeps_the_last_admin(self, acme: TenantId) -> None:
        admin = user_of(acme, role="tenant_admin")
        user_of(acme, role="tenant_admin", is_active=False)

        with pytest.raises(services.LastAdmin):
            services.set_role(tenant=acme, user=admin, role="employee", **ACT)

        assert selectors.person(acme, admin).role == "tenant_admin"

    def test_lets_one_of_two_admins_go(self, acme: TenantId) -> None:
        first, second = user_of(acme, role="tenant_admin"), user_of(acme, role="tenant_admin")

        assert services.set_role(tenant=acme, user=first, role="employee", **ACT)
        with pytest.raises(services.LastAdmin):
            services.set_active(tenant=acme, user=second, active=False, **ACT)

    def test_does_not_find_people_of_another_company(self, acme: TenantId) -> None:
        stranger = UserFactory()

        with pytest.raises(NotFound):
            services.set_role(tenant=acme, user=UserId(stranger.pk), role="tenant_admin", **ACT)


class TestSetMemberships:
    def test_keeps_the_order_with_the_default_team_first(self, acme: TenantId) -> None:
        user, first, second = user_of(acme), team_of(acme), team_of(acme)
        wanted = [MembershipRecord(second), MembershipRecord(first, admin=True)]

        assert services.set_memberships(tenant=acme, user=user, memberships=wanted, **ACT)

        person = selectors.person(acme, user)
        assert person.teams == (second, first)
        assert person.admin_of == {first}

    def test_changes_nothing_the_second_time(self, acme: TenantId) -> None:
        user, team = user_of(acme), team_of(acme)
        wanted = [MembershipRecord(team)]
        services.set_memberships(tenant=acme, user=user, memberships=wanted, **ACT)

        assert not services.set_memberships(tenant=acme, user=user, memberships=wanted, **ACT)

    def test_ends_sessions_only_when_administration_changes(self, acme: TenantId) -> None:
        user, team = user_of(acme), team_of(acme)

        services.set_memberships(tenant=acme, user=user, memberships=[MembershipRecord(team)], **ACT)
        assert epoch_of(acme, user) == 0
        services.set_memberships(tenant=acme, user=user, memberships=[MembershipRecord(team, admin=True)], **ACT)
        assert epoch_of(acme, user) == 1

    def test_refuses_teams_of_another_company(self, acme: TenantId) -> None:
        user, foreign = user_of(acme), TeamFactory()

        with pytest.raises(InvalidRequest):
            services.set_memberships(tenant=acme, user=user, memberships=[MembershipRecord(TeamId(foreign.pk))], **ACT)

    def test_refuses_a_team_that_is_named_twice(self, acme: TenantId) -> None:
        user, team = user_of(acme), team_of(acme)

        with pytest.raises(InvalidRequest):
            services.set_memberships(tenant=acme, user=user, memberships=[MembershipRecord(team)] * 2, **ACT)


class TestSetPassword:
    def test_ends_the_sessions_of_the_person(self, acme: TenantId) -> None:
        user = user_of(acme)

        assert services.set_password(tenant=acme, user=user, password="another one", **ACT)
        assert epoch_of(acme, user) == 1

    def test_changes_nothing_when_it_is_the_same(self, acme: TenantId) -> None:
        user = user_of(acme)

        assert not services.set_password(tenant=acme, user=user, password=PASSWORD, **ACT)
        assert epoch_of(acme, user) == 0


class TestPutUser:
    def test_is_idempotent(self, acme: TenantId) -> None:
        team = team_of(acme)
        wish = {
            "tenant": acme,
            "email": "erin@acme.example",
            "name": "Erin",
            "role": "compliance_officer",
            "memberships": [MembershipRecord(team, admin=True)],
            "password": PASSWORD,
            "limits": RateLimits(requests_per_minute=5),
            **ACT,
        }
        first, second = services.put_user(**wish), services.put_user(**wish)

        assert (first.changed, second.changed) == (True, False)
        assert first.id == second.id
        assert selectors.person(acme, first.id).limits == RateLimits(requests_per_minute=5)

    def test_makes_an_existing_person_equal(self, acme: TenantId) -> None:
        user = user_of(acme, email="erin@acme.example", name="Old", role="compliance_officer")

        stored = services.put_user(tenant=acme, email="ERIN@acme.example", name="New", active=False, **ACT)

        person = selectors.person(acme, user)
        assert (stored.id, stored.changed) == (user, True)
        assert (person.name, person.role, person.active) == ("New", "employee", False)
