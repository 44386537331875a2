"""`adaptive` against outcomes that are known of every model, while the best one degrades half-way.

A model's outcomes are drawn with replacement from the recorded ones. Before the first question every model has taken a
suite, as an installation's models have. What was seen is discounted with each newer answer of the same model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.decision import RoutingRequest
from apps.domain.ids import ProviderId
from apps.domain.intent import Intent
from apps.domain.privacy import Sensitivity
from apps.routing.engine.ranking import Option
from apps.routing.engine.strategies.adaptive import PLUGIN as ADAPTIVE

Floats = npt.NDArray[np.float64]

DECISIONS = 2_000
SUITE = 60
DISCOUNT = 0.99
"""What an older answer still counts after each newer one: half after 69. That of the profiles."""
PRIOR = 20.0
LEFT = 0.3
"""What the outcomes of the degraded model are worth from half-way on."""
NOTICED = 300
"""After so many decisions its share is taken, over the last `WINDOW` of them."""
WINDOW = 100
INTENT = Intent("factual_qa", "general", 3, "low", "short", 30)


@dataclass(frozen=True, slots=True)
class Course:
    """What one run came to. Regrets are sums of the means that were missed, against the best model of each half."""

    share: float
    tried: float
    regret: float
    fixed: float


@dataclass(slots=True)
class Belief:
    """The discounted posterior of one model."""

    good: float = 0.0
    seen: float = 0.0

    def learn(self, outcome: float) -> None:
        self.good = self.good * DISCOUNT + outcome
        self.seen = self.seen * DISCOUNT + 1.0

    def option(self, candidate: Candidate) -> Option:
        quality = (self.good + 0.5 * PRIOR) / (self.seen + PRIOR)
        return Option(candidate, quality, 100, 1_000, 1_000, self.seen + PRIOR)


def run(scores: Floats, seed: int) -> Course:
    """One run over outcomes of shape (prompts, models)."""
    chance = np.random.default_rng(seed)
    candidates = [_candidate(number) for number in range(scores.shape[1])]
    beliefs = _after_a_suite(scores, chance)
    best = int(scores.mean(axis=0).argmax())
    means = np.stack([scores.mean(axis=0)] * 2)
    means[1, best] *= LEFT
    chosen = np.zeros(DECISIONS, dtype=int)
    for at in range(DECISIONS):
        degraded = at >= DECISIONS // 2
        options = [belief.option(candidate) for belief, candidate in zip(beliefs, candidates, strict=True)]
        first = ADAPTIVE.rank(_request(seed * DECISIONS + at), options).order[0].option
        chosen[at] = int(first.name)
        outcome = scores[chance.integers(len(scores)), chosen[at]]
        beliefs[chosen[at]].learn(outcome * LEFT if degraded and chosen[at] == best else outcome)
    return _course(chosen, means, best)


def _course(chosen: Sequence[int] | npt.NDArray[np.int_], means: Floats, best: int) -> Course:
    half = DECISIONS // 2
    phase = (np.arange(DECISIONS) >= half).astype(int)
    highest = means.max(axis=1)[phase]
    window = np.asarray(chosen)[half + NOTICED - WINDOW : half + NOTICED]
    return Course(
        share=float((window == best).mean()),
        tried=float((np.asarray(chosen)[:half] != best).mean()),
        regret=float((highest - means[phase, chosen]).sum()),
        fixed=float((highest - means[phase, best]).sum()),
    )


def _after_a_suite(scores: Floats, chance: np.random.Generator) -> list[Belief]:
    beliefs = [Belief() for _ in range(scores.shape[1])]
    for prompt in chance.integers(len(scores), size=SUITE):
        for belief, outcome in zip(beliefs, scores[prompt], strict=True):
            belief.learn(float(outcome))
    return beliefs


def _candidate(number: int) -> Candidate:
    return Candidate(
        f"{number:03}", "u", ProviderId(number), f"p{number}", Hosting.COMMERCIAL, "eu", 100_000, 4_000, None
    )


def _request(seed: int) -> RoutingRequest:
    return RoutingRequest(
        INTENT, Sensitivity.CLEAN, 400, 1_000, 0, frozenset(), (), "adaptive", seed=seed, explores=True
    )
