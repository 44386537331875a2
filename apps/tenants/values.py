"""What other apps know of companies, teams and people. Values hold ids, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, Literal, TypeVar

from apps.domain.ids import TeamId, TenantId, UserId
from apps.domain.limits import RateLimits

PLATFORM: Final = "platform"
"""The reserved company of the operators. It has no teams and no conversations."""

UNLIMITED: Final = RateLimits()

IdT = TypeVar("IdT")

RoleName = Literal["employee", "tenant_admin", "compliance_officer", "operator"]


@dataclass(frozen=True, slots=True)
class TenantRecord:
    """A company. `models` None: every model of the installation."""

    id: TenantId
    slug: str
    name: str
    timezone: str
    active: bool
    models: frozenset[str] | None = None
    limits: RateLimits = UNLIMITED


@dataclass(frozen=True, slots=True)
class TeamRecord:
    """A team. `models` None: all that the company has."""

    id: TeamId
    slug: str
    name: str
    active: bool
    models: frozenset[str] | None = None
    limits: RateLimits = UNLIMITED


@dataclass(frozen=True, slots=True)
class MembershipRecord:
    """A seat in a team; `admin` makes a team admin of its holder."""

    team: TeamId
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in. `teams` and `admin_of` leave out suspended teams; the first team is the default.

    `active` is False as well when the company is suspended. `benched` is True when every team of theirs is suspended:
    without a team one asks under the company's limits alone, and a suspension must not lift those of the team.
    """

    id: UserId
    email: str
    name: str
    role: RoleName
    active: bool
    teams: tuple[TeamId, ...] = ()
    admin_of: frozenset[TeamId] = frozenset()
    locale: str = "en"
    limits: RateLimits = UNLIMITED
    benched: bool = False


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody and every team of one company: what a process keeps in memory."""

    tenant: TenantRecord
    teams: Mapping[TeamId, TeamRecord]
    people: Mapping[UserId, Person]

    def team_by_slug(self, slug: str) -> TeamRecord | None:
        return next((team for team in self.teams.values() if team.slug == slug), None)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of people with their seats, suspended teams included, and how many there are in all."""

    people: tuple[Person, ...]
    seats: Mapping[UserId, tuple[MembershipRecord, ...]]
    total: int


@dataclass(frozen=True, slots=True)
class Stored(Generic[IdT]):
    """The outcome of an upsert: whose row it is, and whether anything is different now."""

    id: IdT
    changed: bool
