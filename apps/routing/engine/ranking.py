"""What a strategy is given and what it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from apps.domain.catalogue import Candidate
from apps.domain.decision import RoutingRequest


@dataclass(frozen=True, slots=True)
class Option:
    """A permitted candidate with what is expected of it. `quality` is in [0, 1], money in micro-dollars.

    `certainty` says how many observations the quality is worth: its posterior is Beta(quality x certainty,
    (1 - quality) x certainty).
    """

    candidate: Candidate
    quality: float
    estimate: int
    worst_case: int
    max_output_tokens: int
    certainty: float = 20.0

    @property
    def name(self) -> str:
        return self.candidate.model


@dataclass(frozen=True, slots=True)
class Scored:
    """An option with the strategy's score; higher is better, [0, 1] where the strategy can say so."""

    option: Option
    score: float
    propensity: float | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """All options, best first, and why the first one is first, in sentences for people.

    `together`, `held` and `steps` are those of `domain.decision.Decision`. `among`: a running conversation may keep its
    model where that is one of so many first ones (None: of all); 0 says that the strategy has settled the order.
    """

    order: tuple[Scored, ...]
    reasons: tuple[str, ...] = ()
    together: int = 1
    held: bool = False
    steps: int = 1
    among: int | None = None


@runtime_checkable
class Strategy(Protocol):
    """Orders what the constraints left. Pure, and blind to the order in which options come.

    A strategy that looks at the request's dial, itself or through another one, says `uses_dial = True`: pages offer the
    dial where it does something.
    """

    @property
    def name(self) -> str: ...

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking: ...


def best_first(scored: Sequence[Scored]) -> tuple[Scored, ...]:
    """By score; equal ones by cost, then by name, so that the same options always give the same order."""
    return tuple(sorted(scored, key=lambda entry: (-entry.score, entry.option.estimate, entry.option.name)))
