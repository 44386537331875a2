"""What was observed about one answer, as the profiles of models take it: features and figures, never text."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

SIGNALS: Final[Mapping[str, float]] = {
    "evaluated": 1.0,
    "thumb": 1.0,
    "vote": 1.0,
    "checked": 0.7,
    "model_changed": 0.6,
    "regenerated": 0.5,
    "failed": 0.5,
    "edited": 0.3,
    "stopped": 0.2,
    "answered": 0.05,
}
"""How many whole observations each kind of signal is worth.

`answered` is an answer that was given where people could complain of it. Without it a model would fall the more it is
used, for most signals of use are complaints. So little that one complaint in twenty answers (0.4 on average) leaves 0.7
good ones: 0.05 x 0.95 / (0.05 x 0.95 + 0.4 x 0.05).
"""
ENDS: Final = ("answered", "error", "refused", "truncated")
"""How an attempt may end; `truncated` is an answer without its end."""
ROUNDING: Final = 1e-9
"""Chances that were added up may come to a hair more than 1."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One signal about the answer of one model. `value` is a quality in [0, 1], `at` is aware UTC.

    `source` is the turn that was answered, or the evaluation's answer; a signal of a source replaces the one before.
    `propensity` is the chance with which the strategy had put this model first, None where it drew no lots.

    Raises:
        ValueError: an unknown signal, or a figure outside its range; it would spoil sums that nobody can mend.
    """

    source: UUID
    model: str
    task: str
    domain: str
    complexity: int
    signal: str
    value: float
    at: datetime
    propensity: float | None = None

    def __post_init__(self) -> None:
        if self.signal not in SIGNALS:
            raise ValueError(f"There is no signal {self.signal!r}.")
        if not 0.0 <= self.value <= 1.0:
            raise ValueError("The value of an observation is in [0, 1].")
        if self.complexity not in range(1, 6):
            raise ValueError("Complexity is 1 to 5.")
        if self.propensity is not None and not 0.0 < self.propensity <= 1.0 + ROUNDING:
            raise ValueError("A propensity is above 0 and at most 1.")

    @property
    def weight(self) -> float:
        """Whole observations that this one is worth."""
        return SIGNALS[self.signal]


@dataclass(frozen=True, slots=True)
class Speed:
    """How one answered attempt went. Latency to the first token in milliseconds, speed in tokens a second.

    `end` is one of `ENDS`; latency and speed are None where there was no token.

    Raises:
        ValueError: another end, or a figure that is negative or no number.
    """

    source: UUID
    model: str
    task: str
    domain: str
    end: str
    at: datetime
    first_token_ms: float | None = None
    tokens_per_s: float | None = None
    cost_micro_usd: int = 0

    def __post_init__(self) -> None:
        if self.end not in ENDS:
            raise ValueError(f"An attempt does not end as {self.end!r}.")
        figures = (self.first_token_ms, self.tokens_per_s, self.cost_micro_usd)
        if not all(figure is None or 0.0 <= figure < math.inf for figure in figures):
            raise ValueError("Latency, speed and cost of an attempt are numbers from zero up.")
