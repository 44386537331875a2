"""What a run says of each model: means with intervals, per task and over all. Pure."""

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

OVERALL: Final = "*"
_Z: Final = 1.959964
"""Of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer as it counts: `value` None where it was not checked. `cost` with its judges, in micro-dollars.

    `first_token_ms` and `duration_ms` are None where no answer came.
    """

    model: str
    task: str
    state: str
    value: float | None
    cost: int
    first_token_ms: int | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table. `mean` over `n` checked answers, None for none; `low` to `high` is its 95 % interval.

    Times are medians over the answers that came, None for none.
    """

    model: str
    task: str
    mean: float | None
    low: float
    high: float
    n: int
    failed: int
    skipped: int
    cost: int
    first_token_ms: int | None = None
    duration_ms: int | None = None


def table(outcomes: Iterable[Outcome]) -> tuple[Result, ...]:
    """By model, and in it all questions (`*`) before each task."""
    cells: dict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        cells[outcome.model, OVERALL].append(outcome)
        cells[outcome.model, outcome.task].append(outcome)
    return tuple(_result(*cell, cells[cell]) for cell in sorted(cells))


def interval(mean: float, n: int) -> tuple[float, float]:
    """Wilson's score interval of a mean of `n` values in [0, 1]; between the ends it errs on the wide side."""
    if not n:
        return 0.0, 1.0
    spread = _Z * math.sqrt(mean * (1 - mean) / n + _Z**2 / (4 * n**2))
    centre, scale = mean + _Z**2 / (2 * n), 1 + _Z**2 / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _result(model: str, task: str, outcomes: list[Outcome]) -> Result:
    values = [outcome.value for outcome in outcomes if outcome.value is not None]
    mean = sum(values) / len(values) if values else None
    low, high = interval(mean or 0.0, len(values))
    came = [outcome for outcome in outcomes if outcome.state != "failed"]
    return Result(
        model=model,
        task=task,
        mean=mean,
        low=low,
        high=high,
        n=len(values),
        failed=sum(outcome.state == "failed" for outcome in outcomes),
        skipped=sum(outcome.state == "skipped" for outcome in outcomes),
        cost=sum(outcome.cost for outcome in outcomes),
        first_token_ms=_median(outcome.first_token_ms for outcome in came),
        duration_ms=_median(outcome.duration_ms for outcome in came),
    )


def _median(times: Iterable[int | None]) -> int | None:
    known = [time for time in times if time is not None]
    return round(statistics.median(known)) if known else None
