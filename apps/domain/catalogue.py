"""Models as the router sees them: no credentials, no addresses, nothing that needs a database."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.domain.ids import ProviderId
from apps.domain.money import Price


class Hosting(StrEnum):
    """Where a model runs. Only the operator says what is self-hosted (promise P18)."""

    COMMERCIAL = "commercial"
    SELF_HOSTED = "self_hosted"


@dataclass(frozen=True, slots=True)
class Profile:
    """Measured capability of one model. Missing figures are None and fall back to the operator's priors.

    `quality` maps task or domain names to an expected quality in [0, 1]; latencies are medians in milliseconds.
    """

    quality: tuple[tuple[str, float], ...] = ()
    first_token_ms: float | None = None
    tokens_per_s: float | None = None
    error_rate: float = 0.0
    samples: int = 0


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


DRILL_PREFIX: Final = "egress-drill-"
"""Models whose names begin so stand in the catalogue for a drill only (`operations.drill`)."""


def is_offered(model: str, named: Collection[str] | None) -> bool:
    """Whether whoever names these models may use this one; None names all but those of a drill.

    A drill runs beside everybody's work, and one that was killed leaves its models behind: they must be nobody else's.
    """
    return not model.startswith(DRILL_PREFIX) if named is None else model in named
