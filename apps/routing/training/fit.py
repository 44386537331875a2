"""Fit one linear head per feature, calibrate each by temperature, and measure both honestly. Needs scikit-learn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from apps.routing.engine.intent import features
from apps.routing.engine.intent.heads import Head, softmax
from apps.routing.engine.intent.text import read
from apps.routing.training import measure
from apps.routing.training.rows import HEADS, Row

Matrix = Any  # scipy's sparse matrices carry no useful types
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one head is fitted. The values were chosen by their held-out accuracy on written and natural prompts.

    `strength` is scikit-learn's `C`; weights of rows are raised to `trust` (1: as given, 0: all rows alike); with
    `balanced` each class has the same say, because how often a task occurs in data sets says nothing about an office.
    """

    strength: float
    trust: float
    balanced: bool


RECIPES: Final = {
    "task": Recipe(strength=1.0, trust=1.0, balanced=True),
    "domain": Recipe(strength=3.0, trust=0.3, balanced=True),
    "complexity": Recipe(strength=0.3, trust=0.5, balanced=False),
    "creativity": Recipe(strength=1.0, trust=1.0, balanced=False),
    "length": Recipe(strength=0.5, trust=0.5, balanced=False),
}
_FOLDS: Final = 5
_ROUNDS: Final = 120


@dataclass(frozen=True, slots=True)
class Trained:
    """The heads of an artefact and, per head, figures of the cross-validation that the model card prints."""

    heads: tuple[Head, ...]
    figures: Mapping[str, Mapping[str, float]]


def matrix(rows: Sequence[Row]) -> Matrix:
    """One row per prompt; the entries of a block have Euclidean length 1, as when serving."""
    lines: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for line, row in enumerate(rows):
        for block in features.blocks(read(row.prompt)):
            lines.extend([line] * len(block))
            columns.extend(block)
            values.extend([len(block) ** -0.5] * len(block) if block else [])
    return sparse.csr_matrix((values, (lines, columns)), shape=(len(rows), features.SIZE))


def train(rows: Sequence[Row]) -> Trained:
    """Fit all heads on the rows that may be trained on; the others are only measured."""
    everything = matrix(rows)
    heads, figures = [], {}
    for name in HEADS:
        at = np.array([i for i, row in enumerate(rows) if name in row.labels])
        head, figures[name] = _train_head(name, [rows[i] for i in at], everything[at])
        heads.append(head)
    return Trained(tuple(heads), figures)


def _train_head(name: str, rows: Sequence[Row], x: Matrix) -> tuple[Head, dict[str, float]]:
    labels = np.array([row.labels[name] for row in rows])
    allowed = np.array([row.may_train for row in rows])
    classes = tuple(sorted(set(labels[allowed])))
    logits = _held_out_logits(name, rows, x, labels, classes)
    own = np.array([row.kind == "written" for row in rows])
    temperature = measure.temperature(logits[own], np.searchsorted(classes, labels[own]))
    model = _fit(name, x[allowed], labels[allowed], [row.weight for row in rows if row.may_train])
    head = Head(name, classes, model.coef_.T, model.intercept_, temperature)
    return head, _figures(name, rows, logits, labels, classes, temperature)


def _fit(name: str, x: Matrix, labels: npt.NDArray[Any], weights: Sequence[float]) -> LogisticRegression:
    recipe = RECIPES[name]
    say = np.asarray(weights, dtype=float) ** recipe.trust
    if recipe.balanced:
        classes, places = np.unique(labels, return_inverse=True)
        say *= (say.sum() / len(classes) / np.bincount(places, weights=say))[places]
    return LogisticRegression(C=recipe.strength, max_iter=_ROUNDS, tol=1e-3).fit(x, labels, sample_weight=say)


def _held_out_logits(
    name: str, rows: Sequence[Row], x: Matrix, labels: npt.NDArray[Any], classes: tuple[str, ...]
) -> Floats:
    """Logits of each row from a model that has seen no row of its group."""
    logits = np.zeros((len(rows), len(classes)))
    weights = np.array([row.weight for row in rows])
    allowed = np.array([row.may_train for row in rows])
    groups = [row.group for row in rows]
    for seen, unseen in GroupKFold(_FOLDS).split(x, labels, groups):
        train_at = seen[allowed[seen]]
        model = _fit(name, x[train_at], labels[train_at], list(weights[train_at]))
        columns = [classes.index(label) for label in model.classes_]
        logits[np.ix_(unseen, columns)] = model.decision_function(x[unseen])
    return logits


def _figures(
    name: str,
    rows: Sequence[Row],
    logits: Floats,
    labels: npt.NDArray[Any],
    classes: tuple[str, ...],
    temperature: float,
) -> dict[str, float]:
    probabilities = softmax(logits / temperature)
    hits = np.array(classes)[logits.argmax(axis=1)] == labels
    found: dict[str, float] = {"temperature": temperature}
    for share, belongs in SHARES.items():
        at = np.array([belongs(row) for row in rows])
        if not at.any():
            continue
        found[f"{share}_rows"] = int(at.sum())
        found[f"{share}_accuracy"] = float(hits[at].mean())
        found[f"{share}_calibration_error"] = measure.calibration_error(probabilities[at].max(axis=1), hits[at])
        if name == "complexity":
            expected = probabilities @ np.array([float(label) for label in classes])
            found[f"{share}_spearman"] = _spearman(expected[at], labels[at].astype(float))
    return found


SHARES: Final[Mapping[str, Callable[[Row], bool]]] = {
    "written": lambda row: row.kind == "written",
    "public": lambda row: row.kind == "public" and row.may_train,
    "natural": lambda row: any(mark in row.source for mark in ("autoj", "mt_bench", "vicuna", "wizardlm")),
    "unseen": lambda row: not row.may_train,
}
"""Rows by name, as the model card prints them. `natural` are questions of real users; most may not be trained on."""


def _spearman(left: Floats, right: Floats) -> float:
    return float(spearmanr(left, right).statistic)
