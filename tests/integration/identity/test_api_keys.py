"""The life of an API key."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.core import versions
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import KeyId, TeamId, TenantId, UserId
from apps.domain.limits import RateLimits
from apps.identity import selectors, services
from apps.identity.models import ApiKey
from apps.identity.services import flush_key_uses, note_key_use
from apps.tenants import selectors as directory
from apps.tenants import services as tenants
from apps.tenants.models import Membership
from apps.tenants.services import AlreadyExists
from apps.tenants.values import MembershipRecord
from tests.support.api_keys import VALUE, issue, owner
from tests.support.company import ACT, kinds_of
from tests.support.factories.identity import ApiKeyFactory
from tests.support.factories.tenants import NOON, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


class TestIssuing:
    def test_keeps_a_hash_only(self, seat: Membership) -> None:
        issued = issue(seat)

        row = ApiKey.objects.for_tenant(TenantId(seat.tenant_id)).get()
        assert row.key_hash == services.hash_key(issued.value)
        assert issued.value not in str(row.__dict__)
        assert row.prefix == issued.value[:10]

    def test_is_on_record_without_the_value_and_seen_by_every_process(self, seat: Membership) -> None:
        issued = issue(seat)

        entry = AuditEvent.objects.for_tenant(TenantId(seat.tenant_id)).get()
        assert (entry.kind, entry.subject) == ("key.issued", f"key:{issued.id}")
        assert issued.value[3:] not in entry.body
        assert versions.current(tenant=TenantId(seat.tenant_id)) == 1

    def test_takes_a_value_of_the_callers_choice(self, seat: Membership) -> None:
        assert issue(seat, value=VALUE).value == VALUE

    def test_refuses_a_value_that_any_company_uses(self, seat: Membership) -> None:
        ApiKeyFactory(value=VALUE)

        with pytest.raises(AlreadyExists):
            issue(seat, value=VALUE)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"value": "sk-abc"}, "value"),
            ({"scopes": []}, "scopes"),
            ({"scopes": ["chat", "root"]}, "scopes"),
            ({"expires_at": NOON}, "expires_at"),
            ({"name": " "}, "name"),
        ],
    )
    def test_names_what_is_not_usable(self, seat: Membership, wrong: dict[str, object], field: str) -> None:
        with pytest.raises(InvalidRequest) as caught:
            issue(seat, **wrong)

        assert field in caught.value.fields

    def test_gives_at_most_the_rights_of_its_maker(self, seat: Membership) -> None:
        with pytest.raises(services.ScopeNotPermitted):
            issue(seat, scopes=["chat", "admin"])

    def test_refuses_teams_of_others(self, seat: Membership) -> None:
        stranger, foreign = MembershipFactory(user__tenant=seat.tenant), MembershipFactory()

        with pytest.raises(services.ScopeNotPermitted):
            issue(seat, team=TeamId(stranger.team_id))
        with pytest.raises(NotFound):
            issue(seat, team=TeamId(foreign.team_id))


class TestLoading:
    def test_gives_what_a_process_needs(self, seat: Membership) -> None:
        issued = issue(seat, limits=RateLimits(requests_per_minute=3))

        (record,) = selectors.load_keys(TenantId(seat.tenant_id))
        assert (record.id, record.key_hash) == (issued.id, services.hash_key(issued.value))
        assert record.scopes == {"chat", "models"}
        assert record.limits == RateLimits(requests_per_minute=3)
        assert services.key_record_is_usable(record, NOON)

    def test_leaves_other_companies_out(self, seat: Membership) -> None:
        ApiKeyFactory()

        assert selectors.load_keys(TenantId(seat.tenant_id)) == ()

    @pytest.mark.parametrize("event", ["revoke", "expire", "leave", "deactivate", "suspend team", "suspend tenant"])
    def test_leaves_out_what_counts_no_more(self, seat: Membership, event: str) -> None:
        issued = issue(seat)
        tenant, user, team = owner(seat).values()
        match event:
            case "revoke":
                services.revoke_api_key(tenant=tenant, key=issued.id, **ACT)
            case "expire":
                ApiKey.objects.for_tenant(tenant).update(expires_at=timezone.now())
            case "leave":
                tenants.set_memberships(tenant=tenant, user=user, memberships=[], **ACT)
            case "deactivate":
                tenants.set_active(tenant=tenant, user=user, active=False, **ACT)
            case "suspend team":
                tenants.suspend_team(tenant=tenant, team=team, **ACT)
            case "suspend tenant":
                tenants.suspend_tenant(tenant=tenant, **ACT)

        assert selectors.load_keys(tenant) == ()
        assert selectors.load_keys(tenant, directory.directory(tenant)) == ()
        assert selectors.key_by_value(issued.value) is None
        assert selectors.key_by_id(tenant, issued.id) is None

    def test_cuts_scopes_to_what_the_maker_may_do_now(self, seat: Membership) -> None:
        tenant, user, team = owner(seat).values()
        lead = [MembershipRecord(team, admin=True)]
        tenants.set_memberships(tenant=tenant, user=user, memberships=lead, **ACT)
        issue(seat, scopes=["chat", "admin"])
        assert selectors.load_keys(tenant)[0].scopes == {"chat", "admin"}

        tenants.set_memberships(tenant=tenant, user=user, memberships=[MembershipRecord(team)], **ACT)

        assert selectors.load_keys(tenant)[0].scopes == {"chat"}

    def test_costs_one_query_beside_the_directory(self, seat: Membership, django_assert_num_queries) -> None:
        for _ in range(3):
            issue(seat)
        known = directory.directory(TenantId(seat.tenant_id))

        with django_assert_num_queries(1):
            assert len(selectors.load_keys(TenantId(seat.tenant_id), known)) == 3


class TestRotation:
    def test_lets_both_live_for_the_overlap(self, seat: Membership) -> None:
        old = issue(seat, expires_at=NOON + timedelta(days=90), limits=RateLimits(tokens_per_minute=7))
        tenant = TenantId(seat.tenant_id)

        new = services.rotate_api_key(tenant=tenant, key=old.id, overlap=timedelta(hours=1), **ACT)

        before, after = selectors.key(tenant, old.id), selectors.key(tenant, new.id)
        assert before.expires_at == NOON + timedelta(hours=1)
        assert after.expires_at == NOON + timedelta(days=90)
        assert (after.scopes, after.team, after.name) == (before.scopes, before.team, before.name)
        assert kinds_of(tenant) == ["key.issued", "key.issued", "key.rotated"]

    def test_never_prolongs_the_old_one(self, seat: Membership) -> None:
        old = issue(seat, expires_at=NOON + timedelta(minutes=5))
        tenant = TenantId(seat.tenant_id)

        services.rotate_api_key(tenant=tenant, key=old.id, overlap=timedelta(days=2), **ACT)

        assert selectors.key(tenant, old.id).expires_at == NOON + timedelta(minutes=5)

    def test_does_not_find_a_revoked_key(self, seat: Membership) -> None:
        old = issue(seat)
        tenant = TenantId(seat.tenant_id)
        services.revoke_api_key(tenant=tenant, key=old.id, **ACT)

        with pytest.raises(NotFound):
            services.rotate_api_key(tenant=tenant, key=old.id, overlap=timedelta(0), **ACT)


class TestRevoking:
    def test_is_on_record_once(self, seat: Membership) -> None:
        key, tenant = issue(seat).id, TenantId(seat.tenant_id)

        assert services.revoke_api_key(tenant=tenant, key=key, **ACT)
        assert not services.revoke_api_key(tenant=tenant, key=key, **ACT)

        assert kinds_of(tenant) == ["key.issued", "key.revoked"]

    def test_does_not_reach_other_companies(self, seat: Membership) -> None:
        foreign = ApiKeyFactory()

        with pytest.raises(NotFound):
            services.revoke_api_key(tenant=TenantId(seat.tenant_id), key=KeyId(foreign.pk), **ACT)


class TestPutting:
    def test_is_idempotent_with_a_value(self, seat: Membership) -> None:
        wish = {"name": "ci", "scopes": ["chat"], "value": VALUE, **owner(seat), **ACT}
        first, second = services.put_api_key(**wish), services.put_api_key(**wish)

        assert (first.changed, first.value) == (True, VALUE)
        assert (second.changed, second.value, second.id) == (False, None, first.id)

    def test_is_idempotent_by_name_without_one(self, seat: Membership) -> None:
        wish = {"name": "ci", "scopes": ["chat"], **owner(seat), **ACT}
        first, second = services.put_api_key(**wish), services.put_api_key(**wish)

        assert (first.changed, second.changed, second.id) == (True, False, first.id)

    def test_changes_what_differs(self, seat: Membership) -> None:
        wish = {"name": "ci", "scopes": ["chat"], "value": VALUE, **owner(seat), **ACT}
        services.put_api_key(**wish)

        assert services.put_api_key(**{**wish, "scopes": ["chat", "models"]}).changed
        assert selectors.load_keys(TenantId(seat.tenant_id))[0].scopes == {"chat", "models"}

    def test_leaves_a_revoked_key_dead(self, seat: Membership) -> None:
        wish = {"name": "ci", "scopes": ["chat"], "value": VALUE, **owner(seat), **ACT}
        key = services.put_api_key(**wish).id
        services.revoke_api_key(tenant=TenantId(seat.tenant_id), key=key, **ACT)

        assert not services.put_api_key(**wish).changed
        assert selectors.load_keys(TenantId(seat.tenant_id)) == ()


class TestUses:
    def test_are_written_a_minute_after_the_first(self, seat: Membership) -> None:
        key, tenant = issue(seat).id, TenantId(seat.tenant_id)
        note_key_use(key=key, at=NOON)
        note_key_use(key=key, at=NOON + timedelta(seconds=30))

        assert flush_key_uses(at=NOON + timedelta(seconds=59)) == 0
        assert flush_key_uses(at=NOON + timedelta(seconds=60)) == 1

        assert selectors.key(tenant, key).last_used_at == NOON + timedelta(seconds=30)


class TestStrangers:
    def test_of_the_same_company_see_no_keys_of_others(self, seat: Membership) -> None:
        issue(seat)
        other = UserFactory(tenant=seat.tenant)

        assert selectors.keys(TenantId(seat.tenant_id), user=UserId(other.pk)) == ()
