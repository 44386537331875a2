"""What a key may carry: at most what its maker may do now (promise P12). Pure."""

from datetime import datetime

from apps.domain.ids import TeamId
from apps.identity.values import SCOPES, KeyRecord
from apps.tenants.values import Person


def grantable_scopes(person: Person, team: TeamId | None) -> frozenset[str]:
    """The scopes that a key of this person in this team may have; none when he may not act there at all."""
    if not person.active or not _belongs(person, team):
        return frozenset()
    if person.role == "operator":
        return frozenset({"models", "admin"})
    administers = person.role in {"tenant_admin", "compliance_officer"} or team in person.admin_of
    return frozenset(SCOPES) if administers else frozenset(SCOPES) - {"admin"}


def _belongs(person: Person, team: TeamId | None) -> bool:
    """A tenant admin may let a program work in any team; everybody else in the teams where he sits."""
    return team is None or team in person.teams or person.role == "tenant_admin"


def key_record_is_usable(record: KeyRecord, now: datetime) -> bool:
    """Whether the key counts at this moment; records of dead keys are never loaded, they can only expire."""
    return bool(record.scopes) and (record.expires_at is None or record.expires_at > now)
