"""Which model wrote what of an answer, from how its attempts ended."""

from typing import Any

from apps.chat.parts import parts_of
from apps.turns.operations import AttemptOutcome, CloseTurn
from tests.support.turn_values import attempt, candidate, closing, opening, ranked


def parts(*attempts: AttemptOutcome, text: str = "Paris.") -> list[tuple[Any, ...]] | None:
    close: CloseTurn = closing(opening(ranked(candidate())), *attempts, text=text)
    found = parts_of(close)
    return None if found is None else [(part["at"], part["model"], part["after"]) for part in found]


def lost(number: int, model: str, code: str = "outvoted") -> AttemptOutcome:
    return attempt(number, model=model, code=code, answered=code == "outvoted", aside=True)


def test_one_model_has_no_parts() -> None:
    assert parts(attempt(1)) is None


def test_who_took_over_follows_who_gave_way() -> None:
    first = attempt(1, model="a", answered=False, code="not_good_enough")

    assert parts(first, attempt(2, model="b")) == [(0, "a", ""), (0, "b", "not_good_enough")]


def test_a_vote_was_written_by_its_winner_alone() -> None:
    assert parts(lost(1, "a"), attempt(2, model="b"), lost(3, "c", "late")) is None


def test_an_answer_that_was_shown_after_all_is_the_only_one() -> None:
    first = attempt(1, model="a", code="not_good_enough")

    assert parts(first, lost(2, "b", "provider_unavailable")) is None
