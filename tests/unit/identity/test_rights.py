"""What a key may carry."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from apps.domain.ids import KeyId, TeamId, TenantId, UserId
from apps.identity import rights
from apps.identity.values import SCOPES, IssuedKey, KeyRecord
from apps.tenants.values import Person

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
RESEARCH, SALES = TeamId(1), TeamId(2)


def person(role: str = "employee", *, active: bool = True, admin_of: frozenset[TeamId] = frozenset()) -> Person:
    return Person(
        id=UserId(1),
        email="erin@acme.example",
        name="Erin",
        role=role,  # type: ignore[arg-type]
        active=active,
        teams=(RESEARCH,),
        admin_of=admin_of,
    )


def record(*, scopes: frozenset[str] = frozenset({"chat"}), expires_at: datetime | None = None) -> KeyRecord:
    return KeyRecord(
        id=KeyId(1),
        key_hash="0" * 64,
        tenant=TenantId(1),
        user=UserId(1),
        team=RESEARCH,
        scopes=scopes,
        expires_at=expires_at,
    )


class TestGrantableScopes:
    def test_leaves_administration_to_admins(self) -> None:
        assert rights.grantable_scopes(person(), RESEARCH) == frozenset(SCOPES) - {"admin"}
        assert "admin" in rights.grantable_scopes(person("tenant_admin"), SALES)

    def test_lets_a_team_admin_administer_his_team(self) -> None:
        assert "admin" in rights.grantable_scopes(person(admin_of=frozenset({RESEARCH})), RESEARCH)

    def test_gives_nothing_in_a_team_where_one_has_no_seat(self) -> None:
        assert rights.grantable_scopes(person(), SALES) == frozenset()

    def test_gives_inactive_people_nothing(self) -> None:
        assert rights.grantable_scopes(person("tenant_admin", active=False), None) == frozenset()

    def test_gives_operators_no_chat(self) -> None:
        assert rights.grantable_scopes(person("operator"), None) == {"models", "admin"}

    @given(
        st.sampled_from(["employee", "tenant_admin", "compliance_officer"]),
        st.sampled_from([None, RESEARCH, SALES]),
        st.booleans(),
    )
    def test_never_grows_when_somebody_is_deactivated(self, role: str, team: TeamId | None, leads: bool) -> None:
        admin_of = frozenset({RESEARCH}) if leads else frozenset()
        active = rights.grantable_scopes(person(role, admin_of=admin_of), team)

        assert rights.grantable_scopes(person(role, active=False, admin_of=admin_of), team) <= active


class TestUsability:
    def test_ends_at_the_moment_of_expiry(self) -> None:
        key = record(expires_at=NOON)

        assert rights.key_record_is_usable(key, NOON - timedelta(microseconds=1))
        assert not rights.key_record_is_usable(key, NOON)

    def test_wants_at_least_one_scope(self) -> None:
        assert not rights.key_record_is_usable(record(scopes=frozenset()), NOON)


class TestIssuedKey:
    def test_hides_its_value_in_logs(self) -> None:
        assert "or-secret" not in repr(IssuedKey(id=KeyId(1), value="or-secret"))
