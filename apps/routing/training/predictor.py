"""Fit the predictor of the strategy `learned`, and measure it without fooling oneself. Needs scikit-learn."""

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
STRENGTH_OF_MANY: Final = 400.0
"""The same with more than two models, where the profiles of cells tell most; the highest of many guesses is poor."""
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
    tasks: npt.NDArray[np.str_]


def read(outcomes: Outcomes) -> Prompts:
    """The features of the prompts, one row each."""
    rows = [features.words(prompt) for prompt in outcomes.prompts]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    columns = np.concatenate([places for places, _ in rows])
    values = np.concatenate([counts for _, counts in rows])
    counts = sparse.csr_matrix((values, columns, ends), shape=(len(rows), features.SIZE))
    shapes = np.array([features.shape(prompt) for prompt in outcomes.prompts])
    return Prompts(counts, shapes, np.array(outcomes.tasks))


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
    prompts = read(outcomes)
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
    prompts = prompts or read(outcomes)
    found = np.zeros_like(outcomes.scores)
    for seen, unseen in GroupKFold(FOLDS, shuffle=True, random_state=seed).split(found, groups=outcomes.groups):
        lines = seen if most is None else np.random.default_rng(seed).permutation(seen)[:most]
        found[unseen] = _fit(prompts, outcomes.scores, lines).predict(prompts, unseen)
    return found


def _fit(prompts: Prompts, scores: Floats, lines: Lines) -> _Fitted:
    space = _space(prompts, lines, scores.shape[1])
    weighed, rest = _features(space, prompts, lines)
    cells, own = _cells(space, rest), scores[lines]
    profiles = _profiles(cells, own, len(space.cells))
    strength = STRENGTH if scores.shape[1] == 2 else STRENGTH_OF_MANY
    ridge = Ridge(strength, solver="sparse_cg", tol=1e-3)
    return _Fitted(space, profiles, ridge.fit(_side_by_side(weighed, rest), own - profiles[cells]))


def _profiles(cells: Lines, scores: Floats, count: int) -> Floats:
    """The expected scores of each cell: how good the models are, how easy the cell is, and who is good at it.

    The last decides between models and is mostly noise, so it is drawn towards 0 apart from how easy the cell is.
    """
    models = scores.mean(axis=0)
    easy = scores.mean(axis=1, keepdims=True) - models.mean()
    found: Floats = models + _drawn_in(cells, easy, count) + _drawn_in(cells, scores - models - easy, count)
    return found


def _drawn_in(cells: Lines, values: Floats, count: int) -> Floats:
    """The mean of each cell drawn towards 0, the more, the less the means vary beyond their noise.

    Empirical Bayes by the method of moments (Morris 1983). `values` have the shape (prompts, columns) and mean 0.
    """
    sizes = np.bincount(cells, minlength=count)[:, None]
    means = np.zeros((count, values.shape[1]))
    np.add.at(means, cells, values)
    means /= np.maximum(sizes, 1)
    noise = ((values - means[cells]) ** 2).sum() / max(1, values.size - means.size)
    real = (means**2 * sizes).sum() / values.size - noise * count / len(values)
    found: Floats = means * (sizes / (sizes + (noise / real if real > 0 else np.inf)))
    return found


def _space(prompts: Prompts, lines: Lines, models: int) -> Space:
    counts, shapes = prompts.counts[lines], prompts.shapes[lines]
    seen = np.bincount(counts.indices, minlength=features.SIZE)
    rarity = np.log((1 + len(lines)) / (1 + seen)) + 1.0
    weighed = _of_length_1(counts, rarity)
    axes = TruncatedSVD(min(DIMENSIONS, len(lines) - 1), random_state=SEED).fit(weighed).components_.T
    subjects = _of_subjects(weighed, axes)
    tasks = prompts.tasks[lines] if len(prompts.tasks) else prompts.tasks
    return Space(rarity, axes, _centres(subjects, tasks, models), shapes.mean(axis=0), shapes.std(axis=0) + 1e-6)


def _centres(subjects: Floats, tasks: npt.NDArray[np.str_], models: int) -> Floats:
    """The middle of each task, where the outcomes name tasks, else of each cluster.

    With two models there is one cell only: one threshold decides between them, and the regression alone orders prompts
    better (APGR on MMLU 0.668, with cells 0.661). With more, the profiles of cells choose better (nine models 0.651,
    without cells 0.631).
    """
    if models == 2:
        return np.array([subjects.mean(axis=0)])
    if len(tasks):
        return np.array([subjects[tasks == task].mean(axis=0) for task in np.unique(tasks)])
    count = max(1, min(CELLS, len(subjects) // PROMPTS_A_CELL))
    centres: Floats = KMeans(count, n_init=3, random_state=SEED).fit(subjects).cluster_centers_
    return centres


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
