"""Which of the ranked models answer at once."""

from dataclasses import replace

import pytest

from apps.domain.decision import Decision, Ranked
from apps.turns.together import voters
from tests.support.turn_values import candidate, ranked

OUT = tuple(ranked(candidate(name)) for name in ("a", "b", "c"))
INSIDE = ranked(candidate("inside", output="0"))
WORST = OUT[0].worst_case_micro_usd


def places(*entries: Ranked, together: int = 3, masked: bool = False, limit: int | None = None) -> tuple[int, ...]:
    return voters(Decision(entries, (), "vote", (), together=together), entries, masked=masked, limit=limit)


def test_the_first_ones_are_asked() -> None:
    assert places(*OUT, INSIDE) == (0, 1, 2)
    assert places(*OUT, INSIDE, together=2) == (0, 1)


def test_nobody_votes_alone() -> None:
    assert places(*OUT, together=1) == ()
    assert places(OUT[0]) == ()
    assert places() == ()
    assert voters(None, OUT, masked=False, limit=None) == ()


@pytest.mark.parametrize(("entries", "expected"), [((OUT[0], INSIDE, OUT[1]), (0, 2)), ((INSIDE, OUT[0], OUT[1]), ())])
def test_placeholders_and_the_text_itself_do_not_leave_together(
    entries: tuple[Ranked, ...], expected: tuple[int, ...]
) -> None:
    assert places(*entries, masked=True) == expected
    assert places(*entries) == (0, 1, 2)


def test_the_callers_limit_holds_for_all_of_them() -> None:
    assert places(*OUT, limit=2 * WORST) == (0, 1)
    assert places(OUT[0], OUT[1], INSIDE, limit=WORST) == (0, 2)
    assert places(*OUT, limit=2 * WORST - 1) == ()


def test_who_does_not_answer_at_the_moment_is_not_asked() -> None:
    sick = replace(OUT[1], candidate=replace(OUT[1].candidate, healthy=False))

    assert places(OUT[0], sick, OUT[2]) == (0, 2)
