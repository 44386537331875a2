"""From a prompt to the success that each model promises: the profile of its cell, and what its words and shape add.

Prompts are placed in a latent semantic space (Deerwester et al. 1990) and fall into the nearest of a few cells, which
has a profile of every model (as Avengers-Pro, arXiv 2508.12631). A ridge regression over words, place and shape says
how one prompt differs from the others of its cell.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from apps.routing.engine.learned.features import FORMAT, SHAPE, SIZE, Floats, Indices, shape, words

SHAPE_WEIGHT: Final = 0.15
"""What the whole shape weighs beside the words and the subjects, which weigh 1 each."""
QUANTILES: Final = 101
"""Leads of the strong model over the recorded prompts are kept as so many quantiles."""


class UnfitPredictor(ValueError):
    """The file is no predictor, or was trained for other features. The sentence says what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """How a prompt becomes numbers.

    `rarity` (SIZE) weighs words, `subjects` (SIZE x dimensions) places them, `cells` (cells x dimensions) are centres.
    """

    rarity: npt.NDArray[np.floating]
    subjects: npt.NDArray[np.floating]
    cells: Floats
    shape_mean: Floats
    shape_scale: Floats

    def words(self, text: str) -> tuple[Indices, Floats]:
        """The places of its words, and their weights with Euclidean length 1 (empty for a text without words)."""
        places, counts = words(text)
        weights = counts * self.rarity[places]
        length = float(np.sqrt(weights @ weights))
        return places, weights / length if length else weights

    def subject(self, places: Indices, weights: Floats) -> Floats:
        """Where a prompt of these words lies: a vector of length 1, or 0 without a word that was ever seen."""
        subject: Floats = weights @ self.subjects[places].astype(np.float64)
        length = float(np.sqrt(subject @ subject))
        return subject / length if length else subject

    def cell(self, subjects: Floats) -> Indices:
        """The number of the nearest centre for each subject (last axis)."""
        nearest: Indices = np.argmax(subjects @ self.cells.T - 0.5 * (self.cells**2).sum(axis=1), axis=-1)
        return nearest

    def weighed(self, shapes: Floats) -> Floats:
        """Shapes (last axis) as deviations from what is usual, those far out cut off."""
        figures = np.clip((shapes - self.shape_mean) / self.shape_scale, -4.0, 4.0)
        weighed: Floats = figures * (SHAPE_WEIGHT / SHAPE**0.5)
        return weighed


@dataclass(frozen=True, slots=True)
class Prediction:
    """Expected success per model, in [0, 1], and how much more the strong model promises than the weak, in [-1, 1]."""

    scores: tuple[tuple[str, float], ...]
    need_strong: float


@dataclass(frozen=True, slots=True, eq=False)
class Predictor:
    """A trained predictor. `strong` and `weak` are the best and the worst model of the recorded outcomes.

    `profiles` (cells x models) are the mean scores of each cell, and `of_words` and `of_rest` (features x models) what
    a prompt adds. `leads` are the quantiles of `need_strong` over the recorded prompts, each predicted without itself.
    """

    models: tuple[str, ...]
    strong: str
    weak: str
    prompts: int
    space: Space
    profiles: Floats
    of_words: npt.NDArray[np.floating]
    of_rest: Floats
    leads: Floats

    def predict(self, text: str) -> Prediction:
        """What each model promises for this prompt."""
        places, weights = self.space.words(text)
        subject = self.space.subject(places, weights)
        rest = np.concatenate([subject, self.space.weighed(np.array(shape(text)))])
        typical = self.profiles[self.space.cell(subject)]
        found = typical + weights @ self.of_words[places].astype(np.float64) + rest @ self.of_rest
        raw = dict(zip(self.models, found.tolist(), strict=True))
        scores = tuple((model, min(1.0, max(0.0, raw[model]))) for model in self.models)
        return Prediction(scores, raw[self.strong] - raw[self.weak])

    def least_gain(self, share: float) -> float:
        """The lead from which the strong model is asked, so that this share of the recorded prompts goes to it.

        Never below 0: more money is not spent on what is expected to be worse, so the share may stay smaller. A share
        of 0 asks for a whole answer more (1.0), a share of 1 for nothing, whatever leads were recorded.
        """
        if not 0.0 < share < 1.0:
            return 0.0 if share >= 1.0 else 1.0
        return max(0.0, float(np.interp(1.0 - share, np.linspace(0.0, 1.0, len(self.leads)), self.leads)))


_SPACE: Final = ("rarity", "subjects", "cells", "shape_mean", "shape_scale")
_FITTED: Final = ("profiles", "of_words", "of_rest", "leads")
_HALF: Final = frozenset({"rarity", "subjects", "of_words"})
"""Kept in half precision: the error is far below that of the prediction."""


def save(path: Path, predictor: Predictor) -> None:
    """Write the predictor as a `.npz` without pickles. It holds no text, only weights of hashed words."""
    meta = {
        "format": FORMAT,
        "models": predictor.models,
        "strong": predictor.strong,
        "weak": predictor.weak,
        "prompts": predictor.prompts,
    }
    arrays: dict[str, Any] = {
        name: np.asarray(getattr(part, name), dtype=np.float16 if name in _HALF else np.float64)
        for part, names in ((predictor.space, _SPACE), (predictor, _FITTED))
        for name in names
    }
    with path.open("wb") as file:  # numpy would add `.npz` to a name that has none
        np.savez_compressed(file, meta=np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8), **arrays)


def load(path: Path) -> Predictor:
    """Read a predictor into memory. Raises `UnfitPredictor`."""
    advice = "train it again with `manage.py router train`"
    try:
        with np.load(path, allow_pickle=False) as stored:
            meta = json.loads(stored["meta"].tobytes())
            arrays = {name: stored[name] for name in (*_SPACE, *_FITTED)}
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile) as error:
        raise UnfitPredictor(f"{path} cannot be read as a trained router: {advice}.") from error
    if meta["format"] != FORMAT or arrays["rarity"].shape != (SIZE,) or arrays["shape_mean"].shape != (SHAPE,):
        raise UnfitPredictor(f"{path} was trained for other features: {advice}.")
    space = Space(*(arrays[name] for name in _SPACE))
    names: Sequence[str] = meta["models"]
    fitted = (arrays[name] for name in _FITTED)
    return Predictor(tuple(names), meta["strong"], meta["weak"], meta["prompts"], space, *fitted)
