"""What was observed about one answer, as the profiles of models take it: features and figures, never text."""

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


@dataclass(frozen=True, slots=True)
class Observation:
    """One signal about the answer of one model. `value` is a quality in [0, 1], `at` is aware UTC.

    `source` is the turn that was answered, or the evaluation's answer; a signal of a source replaces the one before.
    `propensity` is the chance with which the strategy had put this model first, None where it drew no lots.
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

    @property
    def weight(self) -> float:
        """Whole observations that this one is worth."""
        return SIGNALS[self.signal]


@dataclass(frozen=True, slots=True)
class Speed:
    """How one answered attempt went. Latency to the first token in milliseconds, speed in tokens a second.

    `end` is `answered`, `error`, `refused` or `truncated`.
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
