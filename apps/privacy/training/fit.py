"""Fits the network on texts that are made as it learns; measures it on sentences and prompts that it never saw."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from thinc.api import Adam, Optimizer, fix_random_seed

from apps.privacy.detection.ner.network import ADDRESS, LABELS, PERSON, Floats
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


TEACHERS: Final = 3

After = Callable[[int, Learner], None]
"""Told of each round: its number, and the network after it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to train: `rounds` of `texts` texts each."""

    rounds: int = 7
    texts: int = 20_000
    seed: int = 20265


@dataclass(frozen=True, slots=True)
class Trained:
    """A network, the words it knows, and the figures of its twin, which did not see the sentences that they were taken
    on: share of alarms -> (probability from which on, recall)."""

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
    """Fit a network to be served: it learns from `TEACHERS` others that saw all sentences.

    One more is fitted without some of them, to be measured there; what it finds is the least that the served one does.

    Args:
        ordinary: prompts and code to learn from.
        unseen: harmless prompts to measure on.
        tell: gets a line after each round.
    """
    figures = _measured(templates, ordinary, unseen, plan, tell)
    known = familiar(templates, ordinary)
    teachers = []
    for number in range(1, TEACHERS + 1):
        tell(f"teacher {number}:")
        one = replace(plan, seed=plan.seed + 10 * number)
        teachers.append(_taught(Corpus(templates, ordinary, seed=one.seed), known, one, after=_told(tell)))
    tell("the served one:")
    corpus = Corpus(templates, ordinary, seed=plan.seed)
    return Trained(_taught(corpus, known, plan, after=_told(tell), teachers=teachers), known, figures)


def _measured(
    templates: Sequence[Template],
    ordinary: Sequence[str],
    unseen: Sequence[str],
    plan: Plan,
    tell: Callable[[str], None],
) -> dict[float, tuple[float, float]]:
    """The figures of a network that some sentences were kept from."""
    seen, kept = _split(templates, random.Random(plan.seed))
    tell(f"on {len(seen)} of {len(templates)} sentences, measured on the others:")
    known = familiar(seen, ordinary)
    judge = _Judge(Corpus(kept, ordinary, seed=plan.seed + 1), unseen, known)
    after = _told(tell, judge.told)
    return judge.figures(_taught(Corpus(seen, ordinary, seed=plan.seed), known, plan, after=after))


def _told(tell: Callable[[str], None], found: Callable[[Learner], str] = lambda _: "done") -> After:
    return lambda turn, pupil: tell(f"round {turn}: {found(pupil)}")


def _taught(
    corpus: Corpus, known: frozenset[int], plan: Plan, *, after: After, teachers: Sequence[Learner] = ()
) -> Learner:
    """A network whose weights are their mean over many steps, chiefly those of the last third.

    Such a mean is surer where it is right (Polyak and Juditsky 1992, "Acceleration of stochastic approximation by
    averaging"); thinc's Adam keeps it beside the weights. With teachers, it learns what they think on average instead
    of the labels (Hinton et al. 2015, arXiv 1503.02531): what one of them is wrongly sure of, the others doubt.
    """
    fix_random_seed(plan.seed)
    pupil = learner(DROPOUT)
    rate = Adam(RATE, L2=1e-4, use_averages=True)
    for turn in range(plan.rounds):
        rows = [row for _ in range(plan.texts) if (row := corpus.row(corpus.text(), known)) is not None]
        for at in range(0, len(rows), BATCH):
            rate.learn_rate = RATE * max(0.03, 1 - (turn + at / len(rows)) / plan.rounds)
            _step(pupil, rate, rows[at : at + BATCH], teachers)
        after(turn + 1, pupil)
    for node in pupil.walk():
        for name in node.param_names:
            node.set_param(name, rate.averages[node.id, name])
    return pupil


def _split(templates: Sequence[Template], rng: random.Random) -> tuple[list[Template], list[Template]]:
    """Sentences to learn from, and those to measure on, with harmless ones in both."""
    mixed = list(templates)
    rng.shuffle(mixed)
    cut = int(len(mixed) * HELD_OUT)
    return mixed[cut:], mixed[:cut]


def _step(pupil: Learner, rate: Optimizer, rows: Sequence[Row], teachers: Sequence[Learner]) -> None:
    """One batch, against the cross entropy of its tokens."""
    given, back = pupil.begin_update([row.features for row in rows])
    wanted = _wanted(rows, teachers)
    back([((found - want) / BATCH).astype(np.float32) for found, want in zip(given, wanted, strict=True)])
    pupil.finish_update(rate)


def _wanted(rows: Sequence[Row], teachers: Sequence[Learner]) -> list[Floats]:
    """The probabilities of each token that the pupil shall give: of its label, or what the teachers give on average."""
    if not teachers:
        return [np.eye(len(LABELS), dtype=np.float32)[row.labels] for row in rows]
    features = [row.features for row in rows]
    return [np.mean(found, axis=0) for found in zip(*(teacher.predict(features) for teacher in teachers), strict=True)]


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
