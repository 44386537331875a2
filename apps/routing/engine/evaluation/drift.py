"""Whether a model has silently changed: canary questions that it used to answer right, asked again on a schedule.

Of all questions those tell most that a model has answered right each time: chance is small there, so few of them show a
drop that would drown in the noise of hard ones. The runs that a canary was chosen by flatter it, so they are no part of
what is compared with. A run is then judged by the exact chance of so many failures or more (Poisson binomial) under
what each canary did since, shrunk towards what all did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

WANTED: Final = 60
CHOOSING_RUNS: Final = 8
"""A canary was right in so many runs in a row before."""
LEAST_OBSERVED: Final = 120
"""Answers of canaries, after they were chosen, without which no run is judged."""
CHANCE: Final = 0.008
"""An alarm is raised when an unchanged model would do as badly less often than that: weekly runs then cry
wolf once in two years at most."""
_POOLED_WORTH: Final = 8.0
"""How many answers of its own outweigh, for one canary, what all of them did."""
_LEAST_FAILING: Final = 0.01
_RIGHT: Final = 0.5
"""A score above which an answer counts as right."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run of canaries says. `chance`: how often an unchanged model does as badly; `drop`: of the right answers.

    `chance` is None while too little was observed to say.
    """

    asked: int
    failed: int
    expected: float
    chance: float | None

    @property
    def drop(self) -> float:
        return (self.failed - self.expected) / self.asked if self.asked else 0.0

    @property
    def alarms(self) -> bool:
        return self.chance is not None and self.chance < CHANCE


def choose(history: Mapping[str, Sequence[float]], wanted: int = WANTED) -> tuple[str, ...]:
    """The canaries among questions with their scores, oldest first: right in each of the first runs; by name.

    Asked at temperature 0, most questions are answered alike each time, and hundreds are steady.

    Questions with fewer than `CHOOSING_RUNS` scores are never chosen.
    """
    steady = [
        name
        for name, scores in history.items()
        if len(scores) >= CHOOSING_RUNS and min(scores[:CHOOSING_RUNS]) > _RIGHT
    ]
    return tuple(sorted(steady)[:wanted])


def read(scores: Mapping[str, float], since: Mapping[str, Sequence[float]]) -> Reading:
    """Judge one run.

    Args:
        scores: of the canaries that were asked, in [0, 1].
        since: their scores in the runs between the choice and this one, without alarms.
    """
    names = sorted(scores)
    failed = sum(scores[name] <= _RIGHT for name in names)
    failing = _failing([since.get(name, ()) for name in names])
    observed = sum(len(since.get(name, ())) for name in names)
    chance = float(_tail(failing, failed)) if names and observed >= LEAST_OBSERVED else None
    return Reading(asked=len(names), failed=failed, expected=float(failing.sum()), chance=chance)


def _failing(since: Sequence[Sequence[float]]) -> Floats:
    """The chance that each canary fails: its own share, shrunk towards that of all."""
    asked = np.array([len(scores) for scores in since], dtype=np.float64)
    failures = np.array([sum(score <= _RIGHT for score in scores) for scores in since], dtype=np.float64)
    pooled = (failures.sum() + 1.0) / (asked.sum() + 2.0)
    own: Floats = (failures + _POOLED_WORTH * pooled) / (asked + _POOLED_WORTH)
    return np.clip(own, _LEAST_FAILING, 1.0 - _LEAST_FAILING)


def _tail(failing: Floats, failed: int) -> float:
    """The chance of `failed` failures or more, by adding one canary after the other to the distribution."""
    counts = np.zeros(len(failing) + 1)
    counts[0] = 1.0
    for chance in failing:
        counts[1:] = counts[1:] * (1.0 - chance) + counts[:-1] * chance
        counts[0] *= 1.0 - chance
    return float(counts[failed:].sum())
