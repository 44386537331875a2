"""Fits the network on texts that are made as it learns; measures it on sentences and prompts that it never saw."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from thinc.api import Adam, Optimizer, fix_random_seed

from apps.privacy.detection.ner.network import ADDRESS, PERSON
from apps.privacy.training.corpus import Corpus, Row, familiar
from apps.privacy.training.learner import Learner, learner
from apps.privacy.training.templates import Template

HELD_OUT: Final = 0.12
"""Share of the private sentences that are only measured on."""
BATCH: Final = 32
RATE: Final = 0.002
DROPOUT: Final = 0.3
ALARMS: Final = (0.02, 0.05, 0.1)
"""Shares of harmless prompts with an alarm at which the recall is told."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train: `rounds` of `texts` texts each."""

    rounds: int = 8
    texts: int = 16_000
    seed: int = 20265


@dataclass(frozen=True, slots=True)
class Trained:
    """A network, the words it knows, and its figures: share of alarms -> (probability from which on, recall)."""

    learner: Learner
    known: frozenset[int]
    figures: Mapping[float, tuple[float, float]] = field(default_factory=dict)


def train(
    templates: Sequence[Template],
    ordinary: Sequence[str],
    unseen: Sequence[str],
    *,
    plan: Plan,
    tell: Callable[[str], None],
) -> Trained:
    """Fit a network.

    Args:
        ordinary: prompts and code to learn from.
        unseen: harmless prompts to measure on.
        tell: gets a line after each round.
    """
    fix_random_seed(plan.seed)
    rng = random.Random(plan.seed)
    seen, kept = _split(templates, rng)
    known = familiar(seen, ordinary)
    corpus = Corpus(seen, ordinary, seed=plan.seed)
    judge = _Judge(Corpus(kept, ordinary, seed=plan.seed + 1), unseen, known)
    pupil = learner(DROPOUT)
    rate = Adam(RATE, L2=1e-4)
    for turn in range(plan.rounds):
        rows = [row for _ in range(plan.texts) if (row := corpus.row(corpus.text(), known)) is not None]
        loss = 0.0
        for at in range(0, len(rows), BATCH):
            rate.learn_rate = RATE * max(0.03, 1 - (turn + at / len(rows)) / plan.rounds)
            loss += _step(pupil, rate, rows[at : at + BATCH])
        tell(f"round {turn + 1}: loss {loss * BATCH / len(rows):.4f}, {judge.told(pupil)}")
    return Trained(pupil, known, judge.figures(pupil))


def _split(templates: Sequence[Template], rng: random.Random) -> tuple[list[Template], list[Template]]:
    """Sentences to learn from, and those to measure on, with harmless ones in both."""
    mixed = list(templates)
    rng.shuffle(mixed)
    cut = int(len(mixed) * HELD_OUT)
    return mixed[cut:], mixed[:cut]


def _step(pupil: Learner, rate: Optimizer, rows: Sequence[Row]) -> float:
    """One batch; the mean loss (cross entropy) of its tokens."""
    given, back = pupil.begin_update([row.features for row in rows])
    gradients, loss, many = [], 0.0, sum(len(row.labels) for row in rows)
    for probabilities, row in zip(given, rows, strict=True):
        places = np.arange(len(row.labels))
        loss -= float(np.log(probabilities[places, row.labels] + 1e-9).sum())
        gradient = probabilities.copy()
        gradient[places, row.labels] -= 1
        gradients.append((gradient / BATCH).astype(np.float32))
    back(gradients)
    pupil.finish_update(rate)
    return loss / many


class _Judge:
    """Private sentences and harmless prompts that the network never learns from. Half of the names are in no list."""

    MANY: Final = 1_500

    def __init__(self, corpus: Corpus, unseen: Sequence[str], known: frozenset[int]) -> None:
        texts = (corpus.private_text() for _ in range(self.MANY))
        rows = [row for text in texts if (row := corpus.row(text, known, unlisted=0.5)) is not None]
        self.private = [row for row in rows if np.isin(row.labels, (PERSON, ADDRESS)).any()]
        from_prompts = (corpus.row(corpus.plain(prompt), known) for prompt in unseen[: self.MANY])
        self.harmless = [row for row in from_prompts if row is not None]

    def figures(self, pupil: Learner) -> dict[float, tuple[float, float]]:
        """See `Trained.figures`."""
        found = self._surest(pupil, self.private)
        alarms = self._surest(pupil, self.harmless)
        limits = {share: float(np.quantile(alarms, 1 - share)) for share in ALARMS}
        return {share: (limit, float((found > limit).mean())) for share, limit in limits.items()}

    def told(self, pupil: Learner) -> str:
        return ", ".join(
            f"recall {recall:.3f} at {share:.0%} alarms (from {limit:.2f})"
            for share, (limit, recall) in self.figures(pupil).items()
        )

    def _surest(self, pupil: Learner, rows: Sequence[Row]) -> np.ndarray:
        """The highest probability of a private label in each text."""
        return np.array(
            [given[:, PERSON : ADDRESS + 1].max() for given in pupil.predict([row.features for row in rows])]
        )
