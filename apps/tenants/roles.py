"""The one published table operation -> roles. What is not in it is refused (promise P05).

`ROLES.md` beside this file is rendered from it; a test keeps both equal. `team_admin` is no role of a person but a
property of a membership: it counts in the teams that the person administers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from apps.domain.errors import PermissionRefused
from apps.domain.ids import TeamId
from apps.tenants.values import Person

EMPLOYEE, TEAM_ADMIN, TENANT_ADMIN = "employee", "team_admin", "tenant_admin"
COMPLIANCE, OPERATOR = "compliance_officer", "operator"
COLUMNS: Final = (EMPLOYEE, TEAM_ADMIN, TENANT_ADMIN, COMPLIANCE, OPERATOR)

_STAFF = frozenset({EMPLOYEE, TENANT_ADMIN, COMPLIANCE})
_EVERYBODY = _STAFF | {OPERATOR}
_LEADS = frozenset({TEAM_ADMIN, TENANT_ADMIN})
_ADMIN = frozenset({TENANT_ADMIN})
_OFFICER = frozenset({COMPLIANCE})
_OPERATOR = frozenset({OPERATOR})


@dataclass(frozen=True, slots=True)
class Operation:
    """Who may do it, and what it is in one sentence."""

    roles: frozenset[str]
    meaning: str


OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        # oneself
        "me.read": Operation(_EVERYBODY, "See who one is: role, teams, company."),
        "me.write": Operation(_EVERYBODY, "Change one's own language and password."),
        "sessions.read": Operation(_EVERYBODY, "List one's own devices."),
        "sessions.end": Operation(_EVERYBODY, "Sign one's own devices out."),
        "keys.read": Operation(_EVERYBODY, "List one's own API keys."),
        "keys.issue": Operation(_EVERYBODY, "Issue and rotate an API key with at most one's own rights."),
        "keys.revoke": Operation(_EVERYBODY, "Revoke one's own API keys."),
        # asking
        "chat.ask": Operation(_STAFF, "Ask a question, by chat or developer API."),
        "conversations.read": Operation(_STAFF, "Read one's own conversations and those shared with one."),
        "conversations.write": Operation(_STAFF, "Rename, move, archive, share and delete one's own conversations."),
        "exceptions.ask": Operation(_STAFF, "Ask compliance to declare one's own question not private."),
        "attachments.write": Operation(_STAFF, "Attach files to one's own questions."),
        "feedback.write": Operation(_STAFF, "Rate the answers to one's own questions."),
        "turns.read": Operation(_STAFF, "Read the decision record of one's own questions."),
        "models.read": Operation(_EVERYBODY, "List the models that one may use."),
        "lab.compare": Operation(_STAFF, "Compare models and vote."),
        # a team
        "teams.read": Operation(_STAFF, "See one's own teams; tenant admins and compliance officers see all."),
        "people.read": Operation(_LEADS | _OFFICER, "See people and their teams; team admins: those of their teams."),
        "keys.read_team": Operation(_LEADS, "List the API keys of a team."),
        "keys.revoke_team": Operation(_LEADS, "Revoke an API key of a team."),
        "budgets.read": Operation(_LEADS, "See limits and what is left of them."),
        "usage.read_own": Operation(_STAFF, "See what one used and spent."),
        "usage.read_team": Operation(_LEADS, "See the figures of a team, from five people up."),
        # a company
        "people.write": Operation(_ADMIN, "Create, change, activate and deactivate people."),
        "roles.grant": Operation(_ADMIN, "Give and take the roles in `GRANTABLE`; never one's own."),
        "memberships.write": Operation(_ADMIN, "Put people into teams and make team admins."),
        "teams.write": Operation(_ADMIN, "Create, change, suspend and resume teams."),
        "budgets.write": Operation(_ADMIN, "Create, change and remove limits."),
        "usage.read_tenant": Operation(_ADMIN, "See the figures of the company, from five people up."),
        "policies.read": Operation(_ADMIN | _OFFICER, "Read the policy and its versions."),
        "policies.write": Operation(_ADMIN, "Change rules, routes, strategy and length of answers."),
        "profiles.read": Operation(_ADMIN, "See quality, speed and cost of the models, as measured in the company."),
        "lab.profile": Operation(_ADMIN, "Run evaluation suites and profiling."),
        # compliance
        "policies.write_privacy": Operation(_OFFICER, "Change sensitivity, dictionaries, retention and mirroring."),
        "exceptions.grant": Operation(_OFFICER, "Decide on exceptions with an end, and read the question for it."),
        "holds.write": Operation(_OFFICER, "Set and release legal holds."),
        "turns.read_any": Operation(_OFFICER, "Read the decision record of any question, without its text."),
        "content.review": Operation(_OFFICER, "Read content of others in a review session with reason and end."),
        "exports.create": Operation(_OFFICER, "Export content and figures."),
        "audit.read": Operation(_OFFICER, "Read the audit trail of the company."),
        "audit.export": Operation(_OFFICER, "Export and verify the audit trail of the company."),
        # the installation
        "catalogue.read": Operation(_OPERATOR, "See providers, models, prices and health."),
        "catalogue.write": Operation(_OPERATOR, "Add, change and remove providers and models."),
        "tenants.read": Operation(_OPERATOR, "List companies, without their content."),
        "tenants.write": Operation(_OPERATOR, "Create, suspend and resume companies."),
        "installation.audit": Operation(_OPERATOR, "Read the audit trail of the installation."),
    }
)

GRANTABLE: Final[Mapping[str, frozenset[str]]] = MappingProxyType({TENANT_ADMIN: frozenset({EMPLOYEE, TENANT_ADMIN})})
"""Role of the grantor -> roles that he may give or take. Compliance officers and operators are appointed by `apply` or
`create_operator`, so that nobody alone makes himself one (promise P25)."""


def allows(person: Person, operation: str, team: TeamId | None = None) -> bool:
    """Whether the table contains the operation for this person.

    With `team` the rights of a team admin count in that team only; without it in any team, and the caller narrows what
    it shows. An unknown operation or an inactive person is refused.
    """
    entry = OPERATIONS.get(operation)
    if entry is None or not person.active:
        return False
    if person.role in entry.roles:
        return True
    administers = team in person.admin_of if team is not None else bool(person.admin_of)
    return TEAM_ADMIN in entry.roles and administers


def require(person: Person, operation: str, team: TeamId | None = None) -> None:
    """Raises `PermissionRefused` unless `allows`."""
    if not allows(person, operation, team):
        raise PermissionRefused(f"Your role does not permit this ({operation}).")


def may_grant(person: Person, role: str) -> bool:
    """Whether this person may give or take this role."""
    return allows(person, "roles.grant") and role in GRANTABLE.get(person.role, frozenset())


def document() -> str:
    """`ROLES.md`: the table in Markdown."""
    head = "| operation | " + " | ".join(COLUMNS) + " | meaning |"
    rule = "|---|" + ":-:|" * len(COLUMNS) + "---|"
    lines = [
        f"| `{name}` | {' | '.join('x' if role in entry.roles else '' for role in COLUMNS)} | {entry.meaning} |"
        for name, entry in OPERATIONS.items()
    ]
    grants = [f"- `{role}`: {', '.join(f'`{name}`' for name in sorted(names))}" for role, names in GRANTABLE.items()]
    intro = (
        "# Roles and operations\n\n"
        "Rendered from `apps/tenants/roles.py`; do not edit. What is not in the table is refused, on every path.\n"
        "`team_admin` is a property of a membership and counts in that team; the other roles belong to the person.\n"
    )
    return "\n".join([intro, head, rule, *lines, "\n## Who may give and take which role\n", *grants, ""])
