"""Whose figures may be shown to somebody else: those of five people and more (promise P25). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from apps.domain.ids import TeamId
from apps.tenants.values import Person

FEWEST_PEOPLE: Final = 5


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The teams, and whether the company as a whole, whose sums may be shown."""

    teams: frozenset[TeamId]
    company: bool

    def shows(self, team: TeamId | None) -> bool:
        return self.company if team is None else team in self.teams


def disclosure(people: Iterable[Person]) -> Disclosure:
    """Decide for one company.

    The company's sum is hidden too when it would give away a small rest: the people who are in no shown team are either
    none or at least five, or else subtracting the shown teams would leave the figures of a few.
    """
    active = [person for person in people if person.active]
    sizes: dict[TeamId, int] = {}
    for team in (team for person in active for team in person.teams):
        sizes[team] = sizes.get(team, 0) + 1
    shown = frozenset(team for team, size in sizes.items() if size >= FEWEST_PEOPLE)
    rest = sum(1 for person in active if not shown.intersection(person.teams))
    return Disclosure(shown, len(active) >= FEWEST_PEOPLE and not 0 < rest < FEWEST_PEOPLE)
