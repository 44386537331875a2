"""Learns while it serves: mostly the model with the best record, now and then one that might be better.

Thompson sampling (Thompson 1933; Chapelle & Li 2011) over the posteriors of quality, mixed with the best known model so
that at most `EXPLORED` of the decisions try anything, and never a model that is known to be much worse.

The lots are drawn from the chances themselves: quadrature over the posteriors gives each model's chance of being the
best, and the seed picks by them. So the propensity on record is exactly the chance with which the model came first,
which is what a later, fair estimate from such records divides by (inverse propensity weighting).
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt

from apps.domain.decision import RoutingRequest
from apps.domain.sentences import Sentence
from apps.routing.engine import words
from apps.routing.engine.ranking import Option, Ranking, Scored

EXPLORED: Final = 0.1
"""The share of decisions that may try another model than the best known."""
FLOOR: Final = 0.15
"""A model whose expected quality is so much below the best is not tried."""
POINTS: Final = 96
SPREAD: Final = 5.0
"""The quadrature covers so many standard deviations round each mean, at so many points in all."""

Floats = npt.NDArray[np.float64]


class Adaptive:
    name = "adaptive"

    def rank(self, request: RoutingRequest, options: Sequence[Option]) -> Ranking:
        known = sorted(options, key=lambda option: (-option.quality, option.estimate, option.name))
        healthy = [option for option in known if option.candidate.healthy]
        best = (healthy or known)[0]
        chances = {best.name: 1.0}
        if request.explores and request.sticky is None:
            tried = sorted((o for o in healthy if o.quality >= best.quality - FLOOR), key=lambda option: option.name)
            chances = _chances(best, tried) if len(tried) > 1 else chances
        first = _drawn(chances, request.seed)
        known.sort(key=lambda option: option.name != first)
        order = tuple(Scored(option, option.quality, chances.get(option.name, 0.0)) for option in known)
        return Ranking(order, (_why(request, known[0], best),))


def _chances(best: Option, tried: Sequence[Option]) -> dict[str, float]:
    """How probable it is that each of these comes first; they add up to 1."""
    shares = EXPLORED * best_of(tried)
    return {
        option.name: float(share) + (1.0 - EXPLORED if option.name == best.name else 0.0)
        for option, share in zip(tried, shares, strict=True)
    }


def best_of(options: Sequence[Option]) -> Floats:
    """For each option, the probability that its quality is the highest of all, by the midpoint rule."""
    certainty = np.array([max(option.certainty, 1.0) for option in options])
    mean = np.clip([option.quality for option in options], 0.01, 0.99)
    spread = SPREAD * np.sqrt(mean * (1.0 - mean) / (certainty + 1.0))
    low, high = max(0.0, float((mean - spread).min())), min(1.0, float((mean + spread).max()))
    grid = low + (high - low) * (np.arange(POINTS) + 0.5) / POINTS
    alpha, beta = mean * certainty, (1.0 - mean) * certainty
    logs = np.outer(alpha - 1.0, np.log(grid)) + np.outer(beta - 1.0, np.log1p(-grid))
    mass = np.exp(logs - logs.max(axis=1, keepdims=True))
    mass /= mass.sum(axis=1, keepdims=True)
    below = np.log(np.maximum(np.cumsum(mass, axis=1) - 0.5 * mass, 1e-300))
    shares = (mass * np.exp(below.sum(axis=0) - below)).sum(axis=1)
    found: Floats = shares / shares.sum()
    return found


def _drawn(chances: dict[str, float], seed: int) -> str:
    """The model that the seed picks: the same every time."""
    lot = int.from_bytes(blake2b(f"adaptive {seed}".encode(), digest_size=7).digest()) / 2**56
    names = sorted(chances)
    for name in names[:-1]:
        lot -= chances[name]
        if lot < 0.0:
            return name
    return names[-1]


def _why(request: RoutingRequest, first: Option, best: Option) -> Sentence:
    if first is not best:
        template = "{model} is tried this time, to learn how good it is for {subject}: {chances}, {cost}."
        return words.choice("tried", template, first, request)
    template = "{model} has the best record for {subject}: {chances}, {cost}."
    return words.choice("best_record", template, first, request)


PLUGIN = Adaptive()
