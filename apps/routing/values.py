"""What leaves this app about models: frozen values, micro-dollars, milliseconds, aware UTC."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Estimate:
    """A posterior quality for questions of average difficulty, with its 90 % interval; all in [0, 1].

    `samples` is how many observations there were, as far as they still count; `prior` what the operator's strengths
    say.
    """

    quality: float
    low: float
    high: float
    samples: float
    prior: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How attempts went: wait for the first token, tokens a second, mean cost of an answer, and shares of attempts."""

    first_token_ms: float | None
    first_token_p95_ms: float | None
    tokens_per_s: float | None
    cost_micro_usd: float | None
    error_rate: float
    refusal_rate: float
    truncation_rate: float
    attempts: float


@dataclass(frozen=True, slots=True)
class TaskView:
    """One model's quality and figures in one task, over all domains."""

    task: str
    estimate: Estimate
    figures: Figures


@dataclass(frozen=True, slots=True)
class ModelView:
    """Everything measured of one model. `changed_at` is None where nothing was measured yet."""

    model: str
    overall: Estimate
    figures: Figures
    tasks: tuple[TaskView, ...]
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayView:
    """One day (UTC): mean quality over the judgements of that day's answers, and how its attempts went.

    What rests on fewer than `selectors.FEW` is None: it says little about the model, and too much about who asked.
    """

    day: date
    quality: float | None
    samples: float | None
    figures: Figures | None
