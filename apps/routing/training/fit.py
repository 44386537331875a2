"""Fit the heads, calibrate each by temperature, and measure them honestly. Needs scikit-learn and scipy."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.stats import spearmanr
from sklearn.model_selection import GroupKFold

from apps.routing.engine.intent.heads import Head, Network, softmax
from apps.routing.engine.intent.spelling import Speller
from apps.routing.engine.intent.vectors import Vectors
from apps.routing.training import examples, measure, network
from apps.routing.training.examples import Columns, Read
from apps.routing.training.measure import Floats
from apps.routing.training.rows import HEADS, Row

FOLDS: Final = 5
_MEMBERS: Final = 3
"""Networks whose logits are averaged."""
_MEASURED_MEMBERS: Final = 2
"""The same in each fold of the cross-validation: fewer, for the time it takes, so that its figures are careful."""
PRIORS: Final = {"task": 2.75, "domain": 0.0, "complexity": 0.0, "creativity": 5.0, "length": 0.5}
"""Added to logits of columns of people's questions: they are rarer in training than in an office. Chosen on folds."""
CAUTION: Final = {"task": 1.0, "domain": 1.3, "complexity": 2.0, "creativity": 1.3, "length": 1.3}
"""Temperatures are multiplied by it: people's questions are harder than what may be trained on. Chosen on folds."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Held-out answers of one head on the rows that have its label: probabilities (rows, classes) and the truth."""

    classes: tuple[str, ...]
    rows: tuple[Row, ...]
    probabilities: Floats
    truth: npt.NDArray[np.integer]
    steady: npt.NDArray[np.bool_]
    """Whether the answer stays the same when the prompt is misspelt."""
    temperature: float

    @property
    def hits(self) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.probabilities.argmax(axis=1) == self.truth
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """An artefact's parts, and per head what the cross-validation measured."""

    heads: tuple[Head, ...]
    network: Network
    known: tuple[str, ...]
    measured: Mapping[str, Measured]


SHARES: Final[Mapping[str, Callable[[Row], bool]]] = {
    "written": lambda row: row.kind == "written",
    "typed": lambda row: row.kind == "typed",
    "overall": lambda row: row.kind == "public",
    "natural": lambda row: any(mark in row.source for mark in ("autoj", "mt_bench", "vicuna", "wizardlm")),
    "unseen": lambda row: not row.may_train,
}
"""Rows by name, as the model card prints them: `overall` is the whole public share, `natural` its questions of real
users, `unseen` what may not be trained on. `written` and `typed` are the project's own."""


def train(rows: Sequence[Row], vectors: Vectors, *, seed: int, tell: Callable[[str], object] = str) -> Trained:
    """Measure by cross-validation, then fit on all rows that may be trained on; `tell` hears how far it is."""
    known = examples.known_words(rows, vectors)
    speller = Speller({word: rank for rank, word in enumerate(known)})
    by_head = examples.columns(rows)
    material = _Material(rows, speller, vectors, by_head, seed)
    logits, misspelt = _held_out(material, tell)
    measured = {head: _measure(head, rows, by_head, logits, misspelt) for head in HEADS}
    heads = tuple(Head(head, tuple(label for label, _ in by_head[head]), measured[head].temperature) for head in HEADS)
    tell("fitting the artefact")
    fitted = material.fit(np.arange(len(rows)), _MEMBERS)
    return Trained(heads, replace(fitted, bias=fitted.bias + _prior(by_head)), known, measured)


class _Material:
    """All rows, read once, with misspelt copies to learn from and others to measure by."""

    def __init__(self, rows: Sequence[Row], speller: Speller, vectors: Vectors, by_head: Columns, seed: int) -> None:
        def read(texts: Sequence[str]) -> Read:
            return examples.read_all(texts, speller, vectors)

        self.rows = rows
        self._seed = seed
        chance = random.Random(seed + 1)
        self.clean = read([row.prompt for row in rows])
        self.misspelt = read([measure.misspelt(row.prompt, chance) for row in rows])
        copies = examples.with_typing_errors(rows, seed)
        groups = [*(row.group for row in rows), *(row.group for row in copies)]
        self._places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
        self._group_of = np.array([self._places[group] for group in groups])
        self._may = np.array([*(row.may_train for row in rows), *(True for _ in copies)])
        self._all = examples.examples(
            [*rows, *copies], _joined(self.clean, read([row.prompt for row in copies])), by_head
        )

    def fit(self, at: npt.NDArray[np.integer], members: int) -> Network:
        """The mean of some networks, trained on these rows and their misspelt copies."""
        groups = self._group_of[at]
        chosen = np.flatnonzero(np.isin(self._group_of, groups) & self._may)
        some = self._all.at(chosen)
        return network.together([network.train(some, seed=self._seed + member) for member in range(members)])


def _joined(left: Read, right: Read) -> Read:
    words = sparse.vstack([left.words, right.words]).tocsr()
    return Read(words, np.concatenate([left.meaning, right.meaning]))


def _held_out(material: _Material, tell: Callable[[str], object]) -> tuple[Floats, Floats]:
    """Logits of each row, and of the row misspelt, from networks that have seen no row of its group."""
    groups = [row.group for row in material.rows]
    found: list[npt.NDArray[Any]] = []
    for number, (seen, unseen) in enumerate(GroupKFold(FOLDS).split(groups, groups=groups), start=1):
        tell(f"fold {number} of {FOLDS}")
        fitted = material.fit(seen, _MEASURED_MEMBERS)
        both = [network.logits(fitted, r.words[unseen], r.meaning[unseen]) for r in (material.clean, material.misspelt)]
        if not found:
            found = [np.zeros((len(groups), both[0].shape[1])) for _ in both]
        for whole, part in zip(found, both, strict=True):
            whole[unseen] = part
    return found[0], found[1]


def _prior(by_head: Columns) -> npt.NDArray[np.float32]:
    return np.array(
        [PRIORS[head] * (origin == "people") for head in HEADS for _, origin in by_head[head]], dtype=np.float32
    )


def _measure(head: str, rows: Sequence[Row], by_head: Columns, logits: Floats, misspelt: Floats) -> Measured:
    start = sum(len(by_head[before]) for before in HEADS[: HEADS.index(head)])
    place = slice(start, start + len(by_head[head]))
    labels = [label for label, _ in by_head[head]]
    classes = tuple(sorted(set(labels)))
    class_of = np.array([classes.index(label) for label in labels])
    at = np.array([i for i, row in enumerate(rows) if row.labels.get(head) in classes])
    chosen = tuple(rows[i] for i in at)
    truth = np.array([classes.index(row.labels[head]) for row in chosen])
    prior = _prior(by_head)[place]
    own, public = (
        np.array([row.may_train and row.kind in kinds for row in chosen])
        for kinds in ({"written", "typed"}, {"public"})
    )
    clean = logits[at, place] + prior
    fitted = max(measure.temperature(clean[group], truth[group], class_of) for group in (own, public))
    temperature = fitted * CAUTION[head]
    sums = np.eye(len(classes))[class_of]
    probabilities = softmax(clean / temperature) @ sums
    steady = (softmax((misspelt[at, place] + prior) / temperature) @ sums).argmax(axis=1) == probabilities.argmax(
        axis=1
    )
    return Measured(classes, chosen, probabilities, truth, steady, temperature)


def figures(measured: Measured, share: str) -> dict[str, float]:
    """Rows, accuracy, calibration error, steadiness and, for levels, Spearman's rho; empty when there are no rows."""
    at = np.array([SHARES[share](row) for row in measured.rows])
    if not at.any():
        return {}
    sure, hits = measured.probabilities[at].max(axis=1), measured.hits[at]
    found = {
        "rows": float(at.sum()),
        "accuracy": float(hits.mean()),
        "calibration_error": measure.calibration_error(sure, hits),
        "steady": float(measured.steady[at].mean()),
    }
    if measured.classes[0].isdecimal():
        levels = np.array([float(name) for name in measured.classes])
        found["spearman"] = float(spearmanr(measured.probabilities[at] @ levels, levels[measured.truth[at]]).statistic)
    return found
