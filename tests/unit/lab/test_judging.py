"""What two verdicts of a judge say together, and what it is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.lab import judging
from apps.lab.judging import Favour

favours = st.sampled_from(Favour)


class TestReading:
    @pytest.mark.parametrize(
        "said", ["VERDICT: A", "It is shorter.\nverdict: a", "**VERDICT:** A.", "VERDICT: B or?\nVERDICT: A"]
    )
    def test_takes_the_last_verdict(self, said: str) -> None:
        assert judging.read(said, answer_first=True) is Favour.ANSWER
        assert judging.read(said, answer_first=False) is Favour.REFERENCE

    @pytest.mark.parametrize("said", ["", "A", "Both are fine.", "VERDICT: none", "The verdict is Apples."])
    def test_finds_none_where_there_is_none(self, said: str) -> None:
        assert judging.read(said, answer_first=True) is None

    def test_knows_a_tie_in_either_order(self) -> None:
        assert {judging.read("VERDICT: SAME", answer_first=first) for first in (True, False)} == {Favour.NEITHER}


class TestTheValue:
    @given(favours, favours)
    def test_does_not_depend_on_which_order_said_what(self, first: Favour, second: Favour) -> None:
        assert judging.value(first, second) == judging.value(second, first)

    def test_of_a_judge_that_always_takes_the_first_is_a_half(self) -> None:
        said = "VERDICT: A"
        assert judging.value(*(judging.read(said, answer_first=first) for first in (True, False))) == 0.5

    @given(favours)
    def test_is_unknown_without_both(self, one: Favour) -> None:
        assert judging.value(one, None) is judging.value(None, one) is None


class TestTheQuestions:
    def test_differ_in_the_order_alone(self) -> None:
        parts = {"prompt": "Q", "rubric": "R", "answer": "mine", "reference": "theirs"}
        _, first = judging.messages(**parts, answer_first=True)
        _, second = judging.messages(**parts, answer_first=False)

        assert first.text.index("mine") < first.text.index("theirs")
        assert first.text.replace("mine", "#").replace("theirs", "mine").replace("#", "theirs") == second.text

    def test_show_a_bounded_part_of_an_endless_answer(self) -> None:
        _, asked = judging.messages(prompt="Q", rubric="R", answer="x" * 10**6, reference="y", answer_first=True)

        assert len(asked.text) < judging.MAX_JUDGED + 200
