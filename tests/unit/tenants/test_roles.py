"""The table role x operation."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import apps.tenants
from apps.domain.errors import PermissionRefused
from apps.domain.ids import TeamId, UserId
from apps.tenants import roles
from apps.tenants.values import Person

RESEARCH, SALES = TeamId(1), TeamId(2)


def person(role: str = "employee", *, active: bool = True, admin_of: frozenset[TeamId] = frozenset()) -> Person:
    return Person(
        id=UserId(1),
        email="erin@acme.example",
        name="Erin",
        role=role,  # type: ignore[arg-type]
        active=active,
        teams=tuple(sorted(admin_of)),
        admin_of=admin_of,
    )


class TestAllows:
    def test_refuses_an_operation_that_is_not_in_the_table(self) -> None:
        assert not roles.allows(person("operator"), "moon.landing")

    def test_refuses_inactive_people_everything(self) -> None:
        admin = person("tenant_admin", active=False)

        assert not any(roles.allows(admin, operation) for operation in roles.OPERATIONS)

    def test_counts_a_team_admin_in_his_own_team_only(self) -> None:
        lead = person(admin_of=frozenset({RESEARCH}))

        assert roles.allows(lead, "keys.revoke_team", RESEARCH)
        assert not roles.allows(lead, "keys.revoke_team", SALES)

    def test_lets_a_tenant_admin_act_in_every_team(self) -> None:
        assert roles.allows(person("tenant_admin"), "keys.revoke_team", SALES)

    def test_gives_operators_nothing_of_a_companys_content(self) -> None:
        operator = person("operator")

        assert not roles.allows(operator, "conversations.read")
        assert not roles.allows(operator, "content.review")
        assert not roles.allows(operator, "audit.read")

    @given(st.sampled_from(sorted(roles.OPERATIONS)), st.sampled_from(roles.COLUMNS))
    def test_says_what_the_table_says(self, operation: str, role: str) -> None:
        if role == roles.TEAM_ADMIN:
            asked = person(admin_of=frozenset({RESEARCH}))
            listed = bool({role, "employee"} & roles.OPERATIONS[operation].roles)
        else:
            asked, listed = person(role), role in roles.OPERATIONS[operation].roles

        assert roles.allows(asked, operation, RESEARCH) == listed


class TestRequire:
    def test_names_the_operation_that_is_refused(self) -> None:
        with pytest.raises(PermissionRefused, match=r"teams\.write"):
            roles.require(person(), "teams.write")


class TestGranting:
    def test_leaves_compliance_and_operators_to_the_operator(self) -> None:
        granters = [person(role) for role in ("employee", "tenant_admin", "compliance_officer", "operator")]

        for role in ("compliance_officer", "operator"):
            assert not any(roles.may_grant(granter, role) for granter in granters)

    def test_lets_a_tenant_admin_appoint_another_one(self) -> None:
        assert roles.may_grant(person("tenant_admin"), "tenant_admin")


class TestDocument:
    def test_is_the_published_file(self) -> None:
        published = Path(apps.tenants.__file__).with_name("ROLES.md")

        assert published.read_text() == roles.document(), "write roles.document() into apps/tenants/ROLES.md"

    def test_has_a_row_for_each_operation(self) -> None:
        rows = [line for line in roles.document().splitlines() if line.startswith("| `")]

        assert len(rows) == len(roles.OPERATIONS)
