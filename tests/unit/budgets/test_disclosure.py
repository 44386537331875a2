"""Sums of fewer than five people are nobody else's business."""

from hypothesis import given
from hypothesis import strategies as st

from apps.budgets.disclosure import FEWEST_PEOPLE, disclosure
from apps.domain.ids import TeamId, UserId
from apps.tenants.values import Person

BIG, SMALL = TeamId(1), TeamId(2)


def person(number: int, *teams: TeamId, active: bool = True) -> Person:
    return Person(UserId(number), f"p{number}@x.example", "P", "employee", active, teams)


def people(count: int, *teams: TeamId, start: int = 0) -> list[Person]:
    return [person(start + number, *teams) for number in range(count)]


class TestDisclosure:
    def test_shows_a_team_from_five_people_up(self) -> None:
        assert disclosure(people(5, BIG)).shows(BIG)
        assert not disclosure(people(4, BIG)).shows(BIG)

    def test_counts_active_people_only(self) -> None:
        assert not disclosure([*people(4, BIG), person(9, BIG, active=False)]).shows(BIG)

    def test_hides_the_company_when_the_rest_would_be_a_few(self) -> None:
        shown = disclosure([*people(5, BIG), *people(3, SMALL, start=10)])

        assert shown.shows(BIG)
        assert not shown.shows(SMALL)
        assert not shown.shows(None)

    def test_shows_the_company_when_the_rest_is_large(self) -> None:
        assert disclosure([*people(5, BIG), *people(3, SMALL, start=10), *people(2, start=20)]).shows(None)

    @given(st.lists(st.sets(st.integers(1, 4), max_size=3), max_size=30))
    def test_never_lets_the_figures_of_a_few_be_computed(self, seats: list[set[int]]) -> None:
        everybody = [person(number, *map(TeamId, teams)) for number, teams in enumerate(seats)]

        shown = disclosure(everybody)

        for team in shown.teams:
            assert sum(team in one.teams for one in everybody) >= FEWEST_PEOPLE
        rest = [one for one in everybody if not shown.teams & set(one.teams)]
        assert not shown.company or len(rest) == 0 or len(rest) >= FEWEST_PEOPLE
