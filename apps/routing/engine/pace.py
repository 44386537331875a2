"""How the attempts of a model went: waiting, speed, cost, and how they ended; the past fades. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from apps.domain.observation import Speed
from apps.routing.engine import sketch
from apps.routing.engine.sketch import Sketch

HALF_LIFE: Final = timedelta(days=7)
DISCOUNT: Final = 0.998
"""What is left of older attempts after a new one: about five hundred are remembered."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Sums over attempts. `first_token` sketches milliseconds, `speed` tokens a second; `cost` is in micro-dollars."""

    first_token: Sketch = sketch.EMPTY
    speed: Sketch = sketch.EMPTY
    answered: float = 0.0
    errors: float = 0.0
    refused: float = 0.0
    truncated: float = 0.0
    cost: float = 0.0
    at: datetime | None = None

    @property
    def attempts(self) -> float:
        return self.answered + self.errors + self.refused + self.truncated

    @property
    def answers(self) -> float:
        """Attempts that brought text to read, though perhaps not to its end."""
        return self.answered + self.truncated

    def cost_per_answer(self) -> float | None:
        """Micro-dollars, failed attempts included; None before the first answer."""
        return self.cost / self.answers if self.answers else None

    def share(self, count: float) -> float:
        """This count as a share of the attempts."""
        return count / self.attempts if self.attempts else 0.0


def noted(pace: Pace, speed: Speed) -> Pace:
    """With one attempt more. Nothing fades."""
    return replace(
        pace,
        first_token=_with(pace.first_token, speed.first_token_ms),
        speed=_with(pace.speed, speed.tokens_per_s),
        answered=pace.answered + (speed.end == "answered"),
        errors=pace.errors + (speed.end == "error"),
        refused=pace.refused + (speed.end == "refused"),
        truncated=pace.truncated + (speed.end == "truncated"),
        cost=pace.cost + speed.cost_micro_usd,
        at=speed.at if pace.at is None else max(pace.at, speed.at),
    )


def updated(pace: Pace, speed: Speed) -> Pace:
    """With one attempt more; all older ones have faded a little."""
    return noted(_faded(aged(pace, speed.at), DISCOUNT), speed)


def aged(pace: Pace, at: datetime) -> Pace:
    """As of a later time."""
    if pace.at is None or at <= pace.at:
        return pace
    return replace(_faded(pace, 0.5 ** ((at - pace.at) / HALF_LIFE)), at=at)


def merged(one: Pace, other: Pace) -> Pace:
    """The sums of both, as of the later one."""
    times = [at for at in (one.at, other.at) if at is not None]
    at = max(times, default=None)
    if at is not None:
        one, other = aged(one, at), aged(other, at)
    return Pace(
        first_token=sketch.merged(one.first_token, other.first_token),
        speed=sketch.merged(one.speed, other.speed),
        answered=one.answered + other.answered,
        errors=one.errors + other.errors,
        refused=one.refused + other.refused,
        truncated=one.truncated + other.truncated,
        cost=one.cost + other.cost,
        at=at,
    )


def _with(known: Sketch, value: float | None) -> Sketch:
    return known if value is None else sketch.added(known, value)


def _faded(pace: Pace, left: float) -> Pace:
    return replace(
        pace,
        first_token=sketch.faded(pace.first_token, left),
        speed=sketch.faded(pace.speed, left),
        answered=pace.answered * left,
        errors=pace.errors * left,
        refused=pace.refused * left,
        truncated=pace.truncated * left,
        cost=pace.cost * left,
    )
