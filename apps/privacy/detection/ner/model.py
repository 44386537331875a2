"""The trained recogniser as it is served: one file of plain arrays, a few milliseconds for a page of text."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from apps.privacy.detection.ner.network import LABELS, OUTSIDE, Network, network
from apps.privacy.detection.ner.tokens import COLUMNS, FORMAT, Token, features, tokens

VERSION: Final = "names-v1"
LEAST: Final = 0.5
"""A token belongs to a name when that is at least as probable as everything else together."""

_FILE = Path(__file__).with_name(f"{VERSION}.npz")


class UnfitModel(Exception):
    """The file is no model of names, or was trained for other features: train it again."""


class Entity(NamedTuple):
    """A stretch of tokens of one label. `probability` is that of its surest token, in [0, 1]."""

    label: str
    start: int
    end: int
    probability: float
    words: int


class Names:
    """Finds people, addresses, places and organisations. Safe to use from several threads."""

    def __init__(self, weights: bytes, known: frozenset[int]) -> None:
        self.known = known
        self._network: Network = network()
        self._network.initialize(X=[np.zeros((2, COLUMNS), dtype=np.uint64)])
        self._network.from_bytes(weights)

    def find(self, text: str) -> Iterator[Entity]:
        """The entities of a text, left to right; `start` and `end` are code points."""
        found = tokens(text)
        if found:
            (given,) = self._network.predict([features(found, self.known)])
            yield from _entities(found, given)


def save(path: Path, trained: Network, known: frozenset[int]) -> None:
    """Write a model: the network's bytes (msgpack), the hashes of the words it knows, the format of the features."""
    weights = np.frombuffer(trained.to_bytes(), dtype=np.uint8)
    words = np.array(sorted(known), dtype=np.uint64)
    np.savez_compressed(path, format=np.array(FORMAT), network=weights, known=words)


def load(path: Path) -> Names:
    """Read a model. Nothing in it is run: arrays and msgpack, no pickle.

    Raises:
        UnfitModel: see there.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if int(stored["format"]) != FORMAT:
                raise UnfitModel(f"{path.name} was trained for other features: run manage.py train_names.")
            return Names(stored["network"].tobytes(), frozenset(map(int, stored["known"])))
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise UnfitModel(f"{path.name} cannot be read as a model of names: run manage.py train_names.") from error


@cache
def served() -> Names:
    """The model that comes with the project, read once. Raises `UnfitModel`."""
    return load(_FILE)


def _entities(found: Sequence[Token], given: npt.NDArray[np.float32]) -> Iterator[Entity]:
    labels = np.where(given[:, OUTSIDE] < LEAST, given[:, 1:].argmax(axis=1) + 1, OUTSIDE).tolist()
    at = 0
    while at < len(labels):
        label, first = labels[at], at
        while at < len(labels) and labels[at] == label:
            at += 1
        if label != OUTSIDE:
            stretch = found[first:at]
            words = sum(token.text[0].isalnum() for token in stretch)
            if words:
                surest = float(given[first:at, label].max())
                yield Entity(LABELS[label], stretch[0].start, stretch[-1].end, surest, words)
