"""Models as the router sees them: no credentials, no addresses, nothing that needs a database."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from apps.domain.ids import ProviderId
from apps.domain.money import Price


class Hosting(StrEnum):
    """Where a model runs. Only the operator says what is self-hosted (promise P18)."""

    COMMERCIAL = "commercial"
    SELF_HOSTED = "self_hosted"


@dataclass(frozen=True, slots=True)
class Cell:
    """What was observed of one model for one kind of question, as sums that fade (`routing.engine.cells`).

    `total` is how many observations there are, each as far as it still counts, and `short` how far they fell short of
    perfect answers: 1 - short / total is the mean quality. `squares` sums each one's importance once more (Kish), which
    tells how many equal observations the weighted ones are worth. `seen` counts observations without fading; `at` is
    when the sums are as of, None for a cell without any.
    """

    task: str
    domain: str
    short: float = 0.0
    total: float = 0.0
    squares: float = 0.0
    seen: float = 0.0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What one tenant measured of one model. Missing figures are None; quality falls back to the operator's priors.

    Latencies to the first token are quantiles in milliseconds, speeds in tokens a second; both are within
    `routing.engine.sketch.ERROR` of the true ones. Rates are shares of the attempts, in [0, 1].
    """

    cells: tuple[Cell, ...] = ()
    first_token_ms: float | None = None
    first_token_p95_ms: float | None = None
    tokens_per_s: float | None = None
    cost_micro_usd: float | None = None
    """Mean cost of an answer."""
    error_rate: float = 0.0
    refusal_rate: float = 0.0
    truncation_rate: float = 0.0
    attempts: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model of the catalogue, as an input of a decision.

    `strengths` are the operator's priors per task, domain or family (`coding`, `math`, `writing`), in [0, 1].
    `price` is None when nobody has entered one: such a model is never called (promise P09).
    """

    model: str
    upstream: str
    provider: ProviderId
    provider_name: str
    hosting: Hosting
    region: str
    context_tokens: int
    max_output_tokens: int
    price: Price | None
    capabilities: frozenset[str] = frozenset()
    strengths: tuple[tuple[str, float], ...] = ()
    profile: Profile = Profile()
    healthy: bool = True
    """False while the circuit breaker of its provider is open: ranked last, not excluded."""
    memo: dict[str, object] = field(default_factory=dict, init=False, compare=False, repr=False)
    """What the engine has derived from the other fields, so that it need not do so for each question."""


DRILL_PREFIX: Final = "egress-drill-"
"""Models whose names begin so stand in the catalogue for a drill only (`operations.drill`)."""


def is_offered(model: str, named: Collection[str] | None) -> bool:
    """Whether whoever names these models may use this one; None names all but those of a drill.

    A drill runs beside everybody's work, and one that was killed leaves its models behind: they must be nobody else's.
    """
    return not model.startswith(DRILL_PREFIX) if named is None else model in named
