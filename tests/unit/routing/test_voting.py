"""Which of several answers is shown: counted where they are short, the most central one where they are not."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.turn import ToolCall
from apps.routing.engine.voting import ALONE, CALLS, MAJORITY, MEDOID, Ballot, counted_as, elect, normalised, vector

TIDES = (
    "The tides are caused by the gravity of the moon. It pulls the water of the sea towards it, so that two bulges "
    "arise, one on each side of the earth. As the earth turns, every shore passes through both bulges, and so there "
    "are two high tides and two low tides on most days. The sun adds to it or takes from it, as it "
    "stands."
)
OTHER_TIDES = TIDES.replace("caused by", "made by").replace("most days", "nearly every day")
CHEESE = (
    "Cheese is made from milk by adding rennet, which lets the milk curdle. The whey is drained, the curd is cut, "
    "salted and pressed into forms, and then it ripens in a cellar for weeks or months until it has the taste that one "
    "likes. Hard cheeses ripen longest of all, and lose most of their water on the way, while soft ones are eaten "
    "young."
)


def ballots(*texts: str, scores: Sequence[float] = ()) -> list[Ballot]:
    return [Ballot(scores[place] if scores else 0.5, text) for place, text in enumerate(texts)]


def calling(score: float, *calls: tuple[str, str]) -> Ballot:
    return Ballot(score, "", tuple(ToolCall(f"id{score}", name, arguments) for name, arguments in calls))


class TestNormalised:
    @pytest.mark.parametrize(
        ("texts", "form"),
        [
            (("The **1,234.50** Euros.", "1.234,5 euros", "1234.5 Euros", "1'234.50 euros"), "1234.5 euros"),
            (("42", "42.0", "42.", "042"), "42"),
            (("0.125", "0,125", "0.1250"), "0.125"),
            (("Paris", "paris.", "  *PARIS*!"), "paris"),
            (("The moon", "Moon", "a moon"), "moon"),
        ],
    )
    def test_equal_things_have_one_form(self, texts: tuple[str, ...], form: str) -> None:
        assert {normalised(text) for text in texts} == {form}

    @pytest.mark.parametrize(
        "text",
        [
            "42",
            "The answer is 42.",
            "Six times seven is, of course, something that we know.\nFinal answer: **42**",
            r"So we get \boxed{42}",
            "Die Antwort lautet 42.",
            "La réponse est 42",
            "La respuesta es 42.",
            "La risposta è 42",
            f"{TIDES} Therefore the answer is 42.",
        ],
    )
    def test_what_an_answer_names_is_what_counts(self, text: str) -> None:
        assert counted_as(text) == "42"

    def test_long_texts_are_each_their_own(self) -> None:
        assert counted_as(TIDES, 0) != counted_as(TIDES, 1)


class TestShortAnswers:
    def test_are_counted(self) -> None:
        election = elect(ballots("Lyon", "The answer is Paris.", "**Paris**", scores=(0.9, 0.2, 0.3)))

        assert (election.winner, election.way, election.agreed) == (2, MAJORITY, 2)
        assert election.clusters == (0, 1, 1)

    def test_that_are_tied_go_by_score(self) -> None:
        election = elect(ballots("4", "5", "4.0", "5", scores=(0.1, 0.9, 0.2, 0.3)))

        assert (election.winner, election.agreed) == (1, 2)

    def test_of_which_no_two_agree_are_compared_like_free_text(self) -> None:
        election = elect(ballots("blue and green", "green and blue and red", "a horse", scores=(0.1, 0.2, 0.9)))

        assert election.way == MEDOID
        assert election.winner in (0, 1)

    def test_go_by_score_where_nothing_is_alike(self) -> None:
        assert elect(ballots("one", "two", "three", scores=(0.1, 0.9, 0.5))).winner == 1


class TestFreeText:
    def test_goes_to_the_one_in_the_middle(self) -> None:
        election = elect(ballots(CHEESE, TIDES, OTHER_TIDES, scores=(0.9, 0.5, 0.4)))

        assert (election.way, election.winner, election.agreed) == (MEDOID, 1, 2)
        assert election.clusters == (1, 0, 0)

    def test_of_two_goes_to_the_better_score(self) -> None:
        assert elect(ballots(CHEESE, TIDES, scores=(0.2, 0.6))).winner == 1

    def test_is_likest_itself(self) -> None:
        assert vector(TIDES) @ vector(TIDES) == pytest.approx(1.0)
        assert vector(TIDES) @ vector(OTHER_TIDES) > 0.8 > 0.3 > vector(TIDES) @ vector(CHEESE)


class TestToolCalls:
    def test_are_equal_by_name_and_arguments_in_any_order(self) -> None:
        one, two = calling(0.2, ("look", '{"a": 1, "b": 2}')), calling(0.4, ("look", '{"b":2,"a":1}'))
        election = elect([calling(0.9, ("look", '{"a": 3}')), one, two])

        assert (election.winner, election.way, election.agreed) == (2, CALLS, 2)

    def test_win_over_words_when_half_of_them_call(self) -> None:
        assert elect([Ballot(0.9, "I think so."), calling(0.1, ("look", "{}"))]).winner == 1

    def test_of_a_minority_lose(self) -> None:
        election = elect([calling(0.9, ("look", "{}")), Ballot(0.1, "No."), Ballot(0.2, "No")])

        assert (election.winner, election.way) == (2, MAJORITY)


def test_one_ballot_wins_alone() -> None:
    election = elect(ballots("Paris"))

    assert (election.winner, election.way, election.agreed) == (0, ALONE, 1)


texts = st.sampled_from(["Paris", "The answer is Paris.", "Lyon", "42", "42.0", "", TIDES, OTHER_TIDES, CHEESE])


@given(
    st.lists(st.tuples(texts | st.text(max_size=80), st.floats(0, 1)), min_size=1, max_size=6, unique_by=lambda p: p[1])
)
def test_the_order_of_ballots_does_not_matter(given_ballots: list[tuple[str, float]]) -> None:
    made = [Ballot(score, text) for text, score in given_ballots]
    election, reversed_election = elect(made), elect(made[::-1])

    assert made[election.winner] == made[::-1][reversed_election.winner]
    assert election.agreed == reversed_election.agreed >= 1
    assert len(election.clusters) == len(made)
