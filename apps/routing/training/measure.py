"""How sure a head may be, after Guo et al. 2017 (arXiv 1706.04599), and how steady it is under typing errors."""

import random
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from apps.routing.engine.intent.heads import softmax

Floats = npt.NDArray[np.float64]

BINS: Final = 15
WORDS_PER_EDIT: Final = 12
_TEMPERATURES: Final = np.geomspace(1.0, 4.0, 60)
"""Never below 1: real users are less clear than the prompts that the temperature is fitted on."""


def temperature(logits: Floats, truth: npt.NDArray[np.integer], class_of: npt.NDArray[np.integer]) -> float:
    """The temperature in [1, 4] with the least log loss.

    Args:
        logits: (rows, columns).
        truth: the class of each row.
        class_of: the class of each column; a class may have several.
    """
    mine = class_of[None, :] == truth[:, None]
    losses = [-np.log((softmax(logits / t) * mine).sum(axis=1) + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def bins(confidence: npt.NDArray[np.floating], hits: npt.NDArray[Any]) -> Iterator[tuple[int, float, float]]:
    """Rows, mean confidence and share of hits of each of 15 equal bins that is not empty."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    for place in np.unique(places):
        inside = places == place
        yield int(inside.sum()), float(confidence[inside].mean()), float(hits[inside].mean())


def calibration_error(confidence: npt.NDArray[np.floating], hits: npt.NDArray[Any]) -> float:
    """Expected calibration error over 15 equal bins: how far confidence lies from the share of hits, on average."""
    return sum(count * abs(sure - right) for count, sure, right in bins(confidence, hits)) / len(hits)


def misspelt(text: str, chance: random.Random, words_per_edit: int = WORDS_PER_EDIT) -> str:
    """One letter dropped, doubled, replaced or swapped with its neighbour, once in so many words, at least once."""
    words = text.split(" ")
    for _ in range(max(1, len(words) // words_per_edit)):
        place = chance.randrange(len(words))
        word = words[place]
        if len(word) < 2:
            continue
        at = chance.randrange(len(word) - 1)
        words[place] = chance.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1 :],
            )
        )
    return " ".join(words)
