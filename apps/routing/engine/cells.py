"""How observations of a model's quality add up, fade and are taken back: one cell per kind of question. Pure.

A question of average difficulty adds one observation with its shortfall from a perfect answer to a Beta-binomial
posterior with fractional counts (Gelman et al., Bayesian Data Analysis, 3rd edition, 2.4). Difficulty is exposure, as
in rates: who fails where hardly anybody does has shown more than who fails where many do (ibid., 2.6).

Old observations fade twice: by half in `HALF_LIFE_DAYS`, and by `DISCOUNT` with each newer one, so that a model that
degrades is noticed after a hundred answers, however many good ones came before (discounted Beta posteriors: Raj and
Kalyani, "Taming non-stationary bandits", 2017). Both are factors on sums, so what one observation still contributes is
known exactly and can be corrected exactly.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from apps.domain.catalogue import Cell
from apps.domain.observation import Observation

HALF_LIFE_DAYS: Final = 30.0
DISCOUNT: Final = 0.99
"""What is left of older observations after a new whole one: a cell remembers about a hundred."""
REACH: Final = timedelta(days=10 * HALF_LIFE_DAYS)
"""After this, a thousandth of an observation is left: it may be forgotten, and is not counted any more if it is new."""
CLIP: Final = 10.0
"""An observation from a lottery counts at most so many times (clipped inverse propensity: Bottou et al., 2013)."""
DIFFICULTY: Final = {1: 0.25, 2: 0.55, 3: 1.0, 4: 1.3, 5: 1.6}
"""How a model's shortfall from perfection grows with the question's complexity: trivial ones forgive much."""
LEAST_EXPOSURE: Final = 0.5
"""Complexity is itself only recognised: no shortfall counts more than double for it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An observation as a cell has counted it: what is needed to find what it still contributes.

    `weight` is its exposure times its importance, `mark` the cell's `seen` right after it.
    """

    value: float
    weight: float
    importance: float
    mark: float
    at: datetime

    @property
    def exposure(self) -> float:
        """How many observations it is worth where nobody draws lots."""
        return self.weight / self.importance


def importance(observation: Observation) -> float:
    """How often it counts: the inverse of the chance with which the model was drawn, clipped; 1 without a lottery."""
    if observation.propensity is None:
        return 1.0
    return min(CLIP, 1.0 / max(observation.propensity, 1.0 / CLIP))


def exposure(observation: Observation) -> float:
    """How many observations of questions of average difficulty it is worth."""
    return observation.weight * max(LEAST_EXPOSURE, DIFFICULTY[min(5, max(1, observation.complexity))])


def updated(cell: Cell, observation: Observation) -> Cell:
    """The cell with one observation more; everything older has faded a little."""
    at = observation.at if cell.at is None else max(cell.at, observation.at)
    left = DISCOUNT**observation.weight
    faded, times = aged(cell, at), importance(observation)
    weight = exposure(observation) * times * _left_after(at - observation.at)
    return replace(
        faded,
        short=faded.short * left + weight * (1.0 - observation.value),
        total=faded.total * left + weight,
        squares=faded.squares * left + weight * times,
        seen=cell.seen + observation.weight,
        at=at,
    )


def counted(cell: Cell, observation: Observation) -> Counted:
    """What to keep of an observation that `updated` has just added to the cell."""
    times = importance(observation)
    return Counted(observation.value, exposure(observation) * times, times, cell.seen, observation.at)


def corrected(cell: Cell, before: Counted, value: float) -> Cell:
    """The cell as it would be if the observation had had this value from the beginning."""
    return replace(cell, short=cell.short + _contributes(cell, before) * (before.value - value))


def withdrawn(cell: Cell, before: Counted) -> Cell:
    """The cell without the observation; what it has let fade stays faded."""
    weight = _contributes(cell, before)
    return replace(
        cell,
        short=max(0.0, cell.short - weight * (1.0 - before.value)),
        total=max(0.0, cell.total - weight),
        squares=max(0.0, cell.squares - weight * before.importance),
    )


def aged(cell: Cell, at: datetime) -> Cell:
    """The cell as of a later time: its mean stays, its certainty fades."""
    if cell.at is None or at <= cell.at:
        return cell
    left = _left_after(at - cell.at)
    return replace(cell, short=cell.short * left, total=cell.total * left, squares=cell.squares * left, at=at)


def _contributes(cell: Cell, before: Counted) -> float:
    assert cell.at is not None, "a cell that counted something has a time"
    return before.weight * float(DISCOUNT ** (cell.seen - before.mark)) * _left_after(cell.at - before.at)


def _left_after(age: timedelta) -> float:
    return float(0.5 ** (age / timedelta(days=HALF_LIFE_DAYS)))
