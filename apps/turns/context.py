"""What a process knows of each tenant without asking the database: people, policy, models, budgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.audit import selectors as audit
from apps.budgets import selectors as budgets
from apps.budgets import services as budget_services
from apps.budgets.values import PeriodRecord
from apps.core.clock import now
from apps.core.tenancy import use_tenant
from apps.domain.catalogue import Candidate, Profile, is_offered
from apps.domain.errors import PermissionRefused, Unauthenticated
from apps.domain.ids import ProviderId, TeamId, TenantId, UserId
from apps.domain.policy import Policy
from apps.domain.sentences import say
from apps.policies import selectors as policies
from apps.providers import selectors as providers
from apps.providers.values import CatalogueEntry, ProviderRecord
from apps.routing import selectors as routing
from apps.tenants import selectors as tenants
from apps.tenants.values import Person, TeamRecord, TenantRecord


@dataclass(frozen=True, slots=True)
class TenantContext:
    """One tenant as of `version`, which is the `config` version in the head of its audit chain.

    `candidates` are the models that the tenant may use at all, with their measured profiles.
    """

    version: int
    tenant: TenantRecord
    people: Mapping[UserId, Person]
    teams: Mapping[TeamId, TeamRecord]
    policy: Policy
    candidates: tuple[Candidate, ...]
    providers: Mapping[ProviderId, ProviderRecord]
    periods: tuple[PeriodRecord, ...]

    def person(self, user: UserId) -> Person:
        """The person, when they and their tenant may act. Raises `Unauthenticated`."""
        person = self.people.get(user)
        if person is None or not person.active or not self.tenant.active:
            raise Unauthenticated
        return person

    def team_for(self, person: Person, team: TeamId | None) -> TeamRecord | None:
        """The team that pays: the named one, else the person's first; None for a person without a team.

        Raises:
            PermissionRefused: the person is not in that team, or the team is suspended, or every team of theirs is.
        """
        if team is None:
            if person.benched:
                raise PermissionRefused(say("your_team_suspended", "Your team is suspended."))
            if not person.teams:
                return None
            team = person.teams[0]
        record = self.teams.get(team)
        if record is None or team not in person.teams:
            raise PermissionRefused(say("not_your_team", "You are not a member of that team."))
        if not record.active:
            raise PermissionRefused(say("team_suspended", "The team {team} is suspended.", team=record.name))
        return record

    def models_for(self, team: TeamRecord | None) -> tuple[Candidate, ...]:
        """The models that the team may use: the tenant's, narrowed by the team's own list."""
        if team is None or team.models is None:
            return self.candidates
        return tuple(candidate for candidate in self.candidates if candidate.model in team.models)


def load(tenant: TenantId) -> TenantContext:
    """Read everything that the hot path needs of one tenant. Runs in the database pool.

    The version is read first: a change that comes in between makes the version look old, never new.
    """
    version = audit.version(tenant)
    with use_tenant(tenant):
        at = now()
        budget_services.ensure_periods(tenant=tenant, now=at)
        directory = tenants.directory(tenant)
        catalogue = providers.catalogue()
        return TenantContext(
            version=version,
            tenant=directory.tenant,
            people=directory.people,
            teams=directory.teams,
            policy=policies.current(tenant),
            candidates=candidates(catalogue, directory.tenant, routing.profiles(tenant)),
            providers={entry.provider.id: entry.provider for entry in catalogue},
            periods=budgets.periods(tenant, at),
        )


def candidates(
    catalogue: Sequence[CatalogueEntry], record: TenantRecord, profiles: Mapping[str, Profile]
) -> tuple[Candidate, ...]:
    """The models that the tenant may use, each with what was measured of it."""
    permitted = [e.candidate for e in catalogue if is_offered(e.candidate.model, record.models)]
    return tuple(routing.with_profile(c, profiles[c.model]) if c.model in profiles else c for c in permitted)
