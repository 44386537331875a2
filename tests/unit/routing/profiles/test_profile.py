"""What is expected of a model: priors first, then what was measured, and what that does to the ranking, in figures."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.domain.catalogue import Candidate, Cell
from apps.domain.intent import DOMAINS, TASKS
from apps.routing.engine import cells, profile
from apps.routing.engine.beta import interval
from apps.routing.engine.decide import decide
from apps.routing.engine.pace import Pace
from tests.support.observations import thumb
from tests.support.turn_values import candidate
from tests.unit.routing.test_decide import intent, order, routing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STRONG = candidate("strong", output="3", strengths=(("coding", 0.9), ("writing", 0.85), ("math", 0.9)))
OTHER = candidate("other", output="3", strengths=(("coding", 0.8), ("writing", 0.6), ("math", 0.8)))


def judged(
    model: Candidate, values: list[float], task: str = "coding", domain: str = "general", **changes: Any
) -> Candidate:
    """The model after these opinions about its answers of one kind, beside those that it had."""
    known = {(cell.task, cell.domain): cell for cell in model.profile.cells}
    cell = known.get((task, domain), Cell(task, domain))
    for value in values:
        cell = cells.updated(cell, thumb(value, at=NOON, task=task, domain=domain, **changes))
    known[task, domain] = cell
    return replace(model, profile=profile.measured(known.values(), Pace()))


def quality(model: Candidate, task: str = "coding", domain: str = "general") -> float:
    return profile.belief(model, task, domain).quality


def width(model: Candidate, task: str = "coding") -> float:
    found = profile.belief(model, task, "general")
    low, high = interval(found.quality, found.certainty)
    return high - low


class TestANewModel:
    def test_starts_from_its_declared_strengths_with_a_wide_interval(self) -> None:
        assert profile.belief(STRONG, "coding", "general") == profile.Belief(0.9, profile.PRIOR_SAMPLES)
        assert width(STRONG) > 0.25

    def test_of_which_nothing_is_declared_may_be_anything(self) -> None:
        unknown = candidate("unknown")

        assert quality(unknown) == profile.UNKNOWN
        assert width(unknown) > 0.6

    def test_is_surest_where_the_operator_named_the_task(self) -> None:
        assert width(STRONG, "translation") < width(replace(STRONG, strengths=(("math", 0.85),)), "translation")


class TestTwentyThumbsDown:
    """In the company's 20 last coding answers of `strong`."""

    DOWN = judged(STRONG, [0.0] * 20)

    def test_move_the_posterior_of_the_task(self) -> None:
        assert quality(STRONG) == pytest.approx(0.90)
        assert quality(self.DOWN) == pytest.approx(0.32, abs=0.02)
        assert interval(*_values(self.DOWN))[1] < interval(*_values(STRONG))[0]

    @pytest.mark.parametrize("strategy", ["balanced", "best"])
    def test_change_who_is_first_for_the_task(self, strategy: str) -> None:
        before = decide(routing(strategy), (STRONG, OTHER))
        after = decide(routing(strategy), (self.DOWN, OTHER))

        assert order(before) == ["strong", "other"]
        assert order(after) == ["other", "strong"]

    def test_move_other_domains_of_the_task_less_and_other_tasks_least(self) -> None:
        elsewhere = quality(STRONG, domain="history") - quality(self.DOWN, domain="history")
        of_writing = quality(STRONG, "rewriting") - quality(self.DOWN, "rewriting")
        of_code = quality(STRONG) - quality(self.DOWN)

        assert (of_code, elsewhere, of_writing) == pytest.approx((0.58, 0.45, 0.15), abs=0.01)

    @pytest.mark.parametrize("strategy", ["balanced", "best"])
    def test_leave_the_first_place_of_other_tasks(self, strategy: str) -> None:
        writing = routing(strategy, intent=intent("rewriting"))

        assert order(decide(writing, (self.DOWN, OTHER))) == ["strong", "other"]


class TestLevels:
    def test_of_a_task_help_a_cell_that_is_empty(self) -> None:
        good = judged(STRONG, [1.0] * 100, domain="history")

        assert 0.9 < quality(good, domain="legal") < quality(good, domain="history")

    def test_step_back_where_the_cell_has_observations(self) -> None:
        mixed = judged(judged(STRONG, [0.0] * 400, domain="history"), [1.0] * 400, domain="legal")

        assert quality(mixed, domain="legal") > 0.8
        assert quality(mixed, domain="history") < 0.25

    def test_of_other_tasks_count_for_a_few_observations_at_most(self) -> None:
        many, few = (judged(STRONG, [0.0] * count, "math", "math") for count in (400, 20))

        assert quality(many) == pytest.approx(quality(few), abs=0.01)
        assert profile.belief(many, "coding", "general").certainty == profile.PRIOR_SAMPLES + profile.OTHER_TASKS

    def test_ask_how_far_a_model_surprised_not_how_good_it_is(self) -> None:
        """Weak where the operator said it would be: that says nothing about what it is good at."""
        uneven = candidate("uneven", strengths=(("coding", 0.9), ("math", 0.3)))
        as_told = judged(uneven, [0.3] * 50, "math", "general")

        assert quality(as_told) == pytest.approx(0.9, abs=0.005)

    @given(
        st.lists(st.tuples(st.floats(0, 1), st.sampled_from(TASKS[:4]), st.sampled_from(DOMAINS[:4])), max_size=30),
        st.sampled_from(TASKS),
        st.sampled_from(DOMAINS),
    )
    def test_stay_chances_and_add_certainty(
        self, opinions: list[tuple[float, str, str]], task: str, domain: str
    ) -> None:
        model = STRONG
        for value, where, subject in opinions:
            model = judged(model, [value], where, subject)
        found = profile.belief(model, task, domain)

        assert 0.0 <= found.quality <= 1.0
        assert found.certainty >= profile.belief(STRONG, task, domain).certainty - 1e-9


class TestIntervals:
    @pytest.mark.parametrize("answers", [0, 5, 20, 60])
    def test_hold_the_truth_nine_times_in_ten(self, answers: int) -> None:
        """Over 600 models as the operator's strength of 0.8 describes them: their true qualities are Beta(8, 2)."""
        chance = random.Random(answers)
        held = 0
        for _ in range(600):
            truth = chance.betavariate(8, 2)
            model = judged(
                candidate("model", strengths=(("coding", 0.8),)),
                [float(chance.random() < truth) for _ in range(answers)],
            )
            found = profile.belief(model, "coding", "general")
            low, high = interval(found.quality, found.certainty)
            held += low <= truth <= high

        assert 0.87 <= held / 600 <= 0.95


class TestALottery:
    def test_does_not_make_a_model_look_worse_that_is_shown_rarely(self) -> None:
        """Shown to every second hard case and to one in ten of the others, it fails all of the former only."""
        values = [(0.0, 0.5)] * 10 + [(1.0, 0.1)] * 10
        shown = STRONG
        for value, propensity in values:
            shown = judged(shown, [value], propensity=propensity)
        naive = judged(STRONG, [value for value, _ in values])

        assert quality(shown) > quality(naive)


class TestTheDecision:
    def test_tells_strategies_how_certain_the_quality_is(self) -> None:
        asked = intent(complexity=3)
        measured = judged(STRONG, [1.0] * 10)

        assert profile.certainty(STRONG, asked) == profile.PRIOR_SAMPLES
        assert profile.certainty(measured, asked) == pytest.approx(profile.PRIOR_SAMPLES + 9.6, abs=0.1)

    def test_is_the_same_the_second_time(self) -> None:
        model = judged(STRONG, [0.0, 1.0])

        assert profile.expected_quality(model, intent()) == profile.expected_quality(model, intent())
        assert model == judged(STRONG, [0.0, 1.0])


def _values(model: Candidate) -> tuple[float, float]:
    found = profile.belief(model, "coding", "general")
    return found.quality, found.certainty
