"""Observations add up, fade, and are corrected as if they had been right from the beginning."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.catalogue import Cell
from apps.domain.observation import SIGNALS, Observation
from apps.routing.engine import cells
from apps.routing.engine.cells import Counted
from tests.support.observations import thumb

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EMPTY = Cell("coding", "computing")
OBSERVATIONS = st.builds(
    thumb,
    st.floats(0, 1),
    at=st.integers(0, 90).map(lambda days: NOON + timedelta(days=days)),
    complexity=st.integers(1, 5),
    signal=st.sampled_from(sorted(SIGNALS)),
    propensity=st.none() | st.floats(0.01, 1.0),
)
SEVERAL = st.lists(OBSERVATIONS, min_size=1, max_size=40)


def at_noon(value: float, **changes: Any) -> Observation:
    return thumb(value, **{"at": NOON, **changes})


def seen(observations: Sequence[Observation]) -> tuple[Cell, list[Counted]]:
    cell, counted = EMPTY, []
    for each in observations:
        cell = cells.updated(cell, each)
        counted.append(cells.counted(cell, each))
    return cell, counted


def sums(cell: Cell) -> tuple[float, float, float]:
    return (cell.short, cell.total, cell.squares)


def mean(cell: Cell) -> float:
    return 1 - cell.short / cell.total


class TestACorrection:
    @given(SEVERAL, st.data())
    def test_leaves_what_would_be_there_had_it_been_so_from_the_beginning(
        self, observations: list[Observation], data: st.DataObject
    ) -> None:
        which = data.draw(st.integers(0, len(observations) - 1))
        value = data.draw(st.floats(0, 1))
        other = [*observations[:which], replace(observations[which], value=value), *observations[which + 1 :]]
        cell, counted = seen(observations)

        assert sums(cells.corrected(cell, counted[which], value)) == pytest.approx(sums(seen(other)[0]), abs=1e-9)

    @given(SEVERAL)
    def test_and_back_changes_nothing(self, observations: list[Observation]) -> None:
        cell, counted = seen(observations)
        there = cells.corrected(cell, counted[0], 0.0)
        back = cells.corrected(there, replace(counted[0], value=0.0), observations[0].value)

        assert sums(back) == pytest.approx(sums(cell), abs=1e-9)

    @given(SEVERAL)
    def test_that_withdraws_everything_leaves_nothing(self, observations: list[Observation]) -> None:
        cell, counted = seen(observations)
        for each in counted:
            cell = cells.withdrawn(cell, each)

        assert sums(cell) == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)


class TestFading:
    def test_halves_in_the_half_life_and_keeps_the_mean(self) -> None:
        cell, _ = seen([at_noon(1.0), at_noon(0.0)])
        later = cells.aged(cell, NOON + timedelta(days=cells.HALF_LIFE_DAYS))

        assert later.total == pytest.approx(cell.total / 2)
        assert mean(later) == pytest.approx(mean(cell))

    def test_is_the_same_whenever_it_is_looked_at(self) -> None:
        cell, _ = seen([at_noon(1.0)])
        stepwise = cell
        for days in range(1, 40):
            stepwise = cells.aged(stepwise, NOON + timedelta(days=days))

        assert sums(stepwise) == pytest.approx(sums(cells.aged(cell, NOON + timedelta(days=39))))

    def test_does_not_go_back_in_time(self) -> None:
        cell, _ = seen([at_noon(1.0)])

        assert cells.aged(cell, NOON - timedelta(days=1)) == cell

    def test_counts_what_comes_late_for_what_is_left_of_it(self) -> None:
        late = seen([at_noon(0.0), at_noon(1.0, at=NOON - timedelta(days=cells.HALF_LIFE_DAYS))])[0]

        assert late.total == pytest.approx(cells.DISCOUNT + 0.5)
        assert late.at == NOON

    def test_lets_a_model_that_degrades_be_noticed_however_long_it_was_good(self) -> None:
        good = seen([at_noon(1.0) for _ in range(2000)])[0]
        after = good
        for _ in range(70):
            after = cells.updated(after, at_noon(0.0))

        assert mean(good) == 1.0
        assert good.total == pytest.approx(100, rel=0.01)
        assert mean(after) < 0.5


class TestWeights:
    def test_are_those_of_the_signals(self) -> None:
        assert seen([at_noon(0.0, signal="stopped")])[0].total == pytest.approx(0.2)

    def test_make_a_failure_at_an_easy_question_count_more(self) -> None:
        """Per unit of exposure: where little shortfall is expected, the same shortfall says more."""
        easy, hard = (seen([at_noon(0.0, complexity=complexity)])[0] for complexity in (1, 5))

        assert easy.short / easy.total == hard.short / hard.total == 1.0
        assert seen([at_noon(1.0, complexity=1)])[0].total < seen([at_noon(1.0, complexity=5)])[0].total

    @pytest.mark.parametrize(("propensity", "times"), [(None, 1.0), (1.0, 1.0), (0.25, 4.0), (0.001, cells.CLIP)])
    def test_are_inverse_to_the_chance_of_being_shown_up_to_a_clip(
        self, propensity: float | None, times: float
    ) -> None:
        assert seen([at_noon(0.0, propensity=propensity)])[0].total == pytest.approx(times)

    def test_undo_that_failures_were_shown_more_often_than_successes(self) -> None:
        """Half the questions would be answered well; those are asked of this model with a chance of a fifth only."""
        shown = [at_noon(0.0, propensity=1.0)] * 50 + [at_noon(1.0, propensity=0.2)] * 10

        assert mean(_undiscounted(shown)) == pytest.approx(0.5)

    def test_do_not_pretend_to_more_observations_than_there_were(self) -> None:
        cell = _undiscounted([at_noon(0.0, propensity=0.1)] * 20)

        assert cell.total == pytest.approx(200)
        assert cell.total**2 / cell.squares == pytest.approx(20)


def _undiscounted(observations: Sequence[Observation]) -> Cell:
    """Sums of cells of one observation each."""
    parts = [seen([each])[0] for each in observations]
    short, total, squares = (sum(column) for column in zip(*map(sums, parts), strict=True))
    return replace(EMPTY, short=short, total=total, squares=squares)
