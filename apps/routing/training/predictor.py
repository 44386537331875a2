"""Fit the predictor of the strategy `learned`, and measure it without fooling oneself. Needs scikit-learn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold

from apps.routing.engine.learned import features
from apps.routing.engine.learned.predictor import QUANTILES, Predictor, Space
from apps.routing.training.outcomes import Outcomes

Matrix = Any  # scipy's sparse matrices carry no useful types
Floats = npt.NDArray[np.float64]
Lines = npt.NDArray[np.intp]

STRENGTH: Final = 15.0
"""The penalty of the ridge: outcomes are coin flips, so that much must be smoothed."""
DIMENSIONS: Final = 32
CELLS: Final = 32
PROMPTS_A_CELL: Final = 40
"""Fewer prompts have fewer cells, so that each holds about so many."""
FOLDS: Final = 5
SEED: Final = 7


@dataclass(frozen=True, slots=True)
class Prompts:
    """The features of all prompts before anything was learnt: counts of hashed words, and shapes."""

    counts: Matrix
    shapes: Floats


def read(prompts: Sequence[str]) -> Prompts:
    """The features of prompts, one row each."""
    rows = [features.words(prompt) for prompt in prompts]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    columns = np.concatenate([places for places, _ in rows])
    values = np.concatenate([counts for _, counts in rows])
    counts = sparse.csr_matrix((values, columns, ends), shape=(len(rows), features.SIZE))
    return Prompts(counts, np.array([features.shape(prompt) for prompt in prompts]))


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A space with the profiles of its cells, and the regression of what they leave unexplained."""

    space: Space
    profiles: Floats
    ridge: Ridge

    def predict(self, prompts: Prompts, lines: Lines) -> Floats:
        weighed, rest = _features(self.space, prompts, lines)
        found: Floats = self.profiles[_cells(self.space, rest)] + self.ridge.predict(_side_by_side(weighed, rest))
        return found


def fit(outcomes: Outcomes) -> Predictor:
    """Train on all outcomes. The same outcomes give the same predictor."""
    prompts = read(outcomes.prompts)
    held_out = cross_validated(outcomes, prompts)
    strong, weak = outcomes.models.index(outcomes.strong), outcomes.models.index(outcomes.weak)
    leads = held_out[:, strong] - held_out[:, weak]
    fitted = _fit(prompts, outcomes.scores, np.arange(len(outcomes.prompts)))
    weights = fitted.ridge.coef_.T
    return Predictor(
        models=outcomes.models,
        strong=outcomes.strong,
        weak=outcomes.weak,
        prompts=len(outcomes.prompts),
        space=fitted.space,
        profiles=fitted.profiles + fitted.ridge.intercept_,
        of_words=weights[: features.SIZE],
        of_rest=weights[features.SIZE :],
        leads=np.quantile(leads, np.linspace(0.0, 1.0, QUANTILES)),
    )


def cross_validated(
    outcomes: Outcomes, prompts: Prompts | None = None, *, most: int | None = None, seed: int = SEED
) -> Floats:
    """The prediction of each prompt by a predictor that has seen neither it nor one of its group.

    Args:
        most: train on so many prompts at most, drawn by `seed`, which also makes the folds.
    """
    prompts = prompts or read(outcomes.prompts)
    found = np.zeros_like(outcomes.scores)
    for seen, unseen in GroupKFold(FOLDS, shuffle=True, random_state=seed).split(found, groups=outcomes.groups):
        lines = seen if most is None else np.random.default_rng(seed).permutation(seen)[:most]
        found[unseen] = _fit(prompts, outcomes.scores, lines).predict(prompts, unseen)
    return found


def _fit(prompts: Prompts, scores: Floats, lines: Lines) -> _Fitted:
    space = _space(prompts, lines)
    weighed, rest = _features(space, prompts, lines)
    cells, own = _cells(space, rest), scores[lines]
    profiles = _profiles(cells, own, len(space.cells))
    ridge = Ridge(STRENGTH, solver="sparse_cg", tol=1e-3)
    return _Fitted(space, profiles, ridge.fit(_side_by_side(weighed, rest), own - profiles[cells]))


def _profiles(cells: Lines, scores: Floats, count: int) -> Floats:
    """The mean scores of each cell, drawn towards those of all prompts the more, the less cells differ in truth.

    Empirical Bayes by the method of moments (Morris 1983): what the means of cells vary beyond their noise is real.
    """
    sizes = np.bincount(cells, minlength=count)[:, None]
    means = np.zeros((count, scores.shape[1]))
    np.add.at(means, cells, scores)
    means /= np.maximum(sizes, 1)
    everywhere = scores.mean(axis=0)
    noise = ((scores - means[cells]) ** 2).sum() / max(1, scores.size - means.size)
    between = ((means - everywhere) ** 2 * sizes).sum() / scores.size
    real = between - noise * count / len(scores)
    prior = noise / real if real > 0 else np.inf
    found: Floats = everywhere + (means - everywhere) * (sizes / (sizes + prior))
    return found


def _space(prompts: Prompts, lines: Lines) -> Space:
    counts, shapes = prompts.counts[lines], prompts.shapes[lines]
    seen = np.bincount(counts.indices, minlength=features.SIZE)
    rarity = np.log((1 + len(lines)) / (1 + seen)) + 1.0
    weighed = _of_length_1(counts, rarity)
    subjects = TruncatedSVD(min(DIMENSIONS, len(lines) - 1), random_state=SEED).fit(weighed).components_.T
    count = max(1, min(CELLS, len(lines) // PROMPTS_A_CELL))
    centres = KMeans(count, n_init=3, random_state=SEED).fit(_of_subjects(weighed, subjects)).cluster_centers_
    return Space(rarity, subjects, centres, shapes.mean(axis=0), shapes.std(axis=0) + 1e-6)


def _of_length_1(counts: Matrix, rarity: Floats) -> Matrix:
    weighed = counts @ sparse.diags(rarity)
    lengths = np.sqrt(weighed.multiply(weighed).sum(axis=1)).A1
    return sparse.diags(1.0 / np.maximum(lengths, 1e-12)) @ weighed


def _of_subjects(weighed: Matrix, subjects: Floats) -> Floats:
    raw = weighed @ subjects
    found: Floats = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-12)
    return found


def _features(space: Space, prompts: Prompts, lines: Lines) -> tuple[Matrix, Floats]:
    """What `Predictor.predict` makes of each text, for all of them at once: words, and the rest."""
    weighed = _of_length_1(prompts.counts[lines], np.asarray(space.rarity, dtype=float))
    subjects = _of_subjects(weighed, np.asarray(space.subjects, dtype=float))
    return weighed, np.hstack([subjects, space.weighed(prompts.shapes[lines])])


def _cells(space: Space, rest: Floats) -> Lines:
    return space.cell(rest[:, : space.cells.shape[1]])


def _side_by_side(weighed: Matrix, rest: Floats) -> Matrix:
    return sparse.hstack([weighed, sparse.csr_matrix(rest)]).tocsr()
