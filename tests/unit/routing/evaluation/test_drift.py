"""A model that changes in silence is noticed, and one that does not change is left alone."""

from collections.abc import Iterable
from random import Random

import pytest

from apps.routing.engine.evaluation import drift

QUESTIONS, WEEKS, MODELS = 340, 40, 25
DROP = 0.15
RIGHT, WRONG = 1.0, 0.0


class Model:
    """Answers each question right with a chance of its own: most of them nearly always or hardly ever."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.chances = {f"q{number}": rng.betavariate(0.5, 0.3) for number in range(QUESTIONS)}

    def run(self, names: Iterable[str], *, drop: float = 0.0) -> dict[str, float]:
        return {name: RIGHT if self.rng.random() < self.chances[name] - drop else WRONG for name in names}


def observed(model: Model, runs: int) -> dict[str, list[float]]:
    """The canaries of a model, with what they scored since they were chosen."""
    history: dict[str, list[float]] = {name: [] for name in model.chances}
    for _ in range(drift.CHOOSING_RUNS):
        for name, score in model.run(model.chances).items():
            history[name].append(score)
    since: dict[str, list[float]] = {name: [] for name in drift.choose(history)}
    for _ in range(runs):
        for name, score in model.run(since).items():
            since[name].append(score)
    return since


class TestChoosing:
    def test_takes_what_was_right_in_each_of_the_first_runs(self) -> None:
        steady, enough = [RIGHT] * drift.CHOOSING_RUNS, drift.CHOOSING_RUNS
        history = {
            "b": [*steady, WRONG],
            "a": steady,
            "late": [WRONG, *steady],
            "new": steady[1:],
            "half": [0.5] * enough,
        }
        assert drift.choose(history) == ("a", "b")
        assert drift.choose(history, wanted=1) == ("a",)


class TestReading:
    def test_says_nothing_before_enough_was_observed(self) -> None:
        found = drift.read({"a": WRONG, "b": WRONG}, {"a": [RIGHT] * 5, "b": [RIGHT] * 5})

        assert (found.asked, found.failed, found.chance, found.alarms) == (2, 2, None, False)

    def test_of_nothing_says_nothing(self) -> None:
        assert not drift.read({}, {}).alarms
        assert drift.read({}, {}).drop == 0.0

    def test_gives_the_chance_that_an_unchanged_model_does_as_badly(self) -> None:
        since = {f"q{number}": [RIGHT] * 40 for number in range(10)}
        none_failed = drift.read(dict.fromkeys(since, RIGHT), since)
        half_failed = drift.read({name: WRONG if name < "q5" else RIGHT for name in since}, since)

        assert none_failed.chance == pytest.approx(1.0)
        assert half_failed.chance is not None
        assert half_failed.chance < 1e-6
        assert half_failed.alarms
        assert half_failed.drop == pytest.approx(0.5, abs=0.02)

    def test_over_a_thousand_weeks_cries_wolf_in_one_of_a_hundred_at_most_and_finds_a_drop_in_nine_of_ten(self) -> None:
        rng = Random(20_261)
        false = caught = 0
        for _ in range(MODELS):
            model = Model(rng)
            since = observed(model, runs=4)
            for _ in range(WEEKS):
                scores = model.run(since)
                found = drift.read(scores, since)
                false += found.alarms
                caught += drift.read(model.run(since, drop=DROP), since).alarms
                for name, score in scores.items() if not found.alarms else ():
                    since[name].append(score)

        print(f"{false} alarms in {MODELS * WEEKS} weeks, {caught} drops of {DROP} found")
        assert false <= 0.01 * MODELS * WEEKS
        assert caught >= 0.9 * MODELS * WEEKS
