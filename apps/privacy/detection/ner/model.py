"""The trained recogniser as it is served: one file of plain arrays, a few milliseconds for a page of text."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple
from zipfile import BadZipFile

import numpy as np

from apps.privacy.detection.ner.network import LABELS, LAYERS, OUTSIDE, Floats, Network
from apps.privacy.detection.ner.tokens import FORMAT, Token, features, is_lower, spots, tokens, word_hash

VERSION: Final = "names-v1"
LEAST: Final = 0.5
"""A token belongs to a name when that is at least as probable as everything else together."""

AROUND: Final = 4
"""Tokens on each side of a spot that may belong to a name."""

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

    def __init__(self, network: Network, known: frozenset[int]) -> None:
        self.network, self.known = network, known

    def find(self, text: str) -> Iterator[Entity]:
        """The entities of a text, left to right; `start` and `end` are code points."""
        found = tokens(text)
        seen = spots(found, self.known)
        if seen:
            yield from _entities(found, self._probabilities(found, seen))

    def is_familiar(self, word: str) -> bool:
        """Whether it was met often enough in training to mean something."""
        return word_hash(word) in self.known

    def _probabilities(self, found: Sequence[Token], seen: Sequence[int]) -> Floats:
        """Of all tokens, as if the network had seen the whole text; far from every spot none of them is a name."""
        given = np.zeros((len(found), len(LABELS)), dtype=np.float32)
        given[:, OUTSIDE] = 1.0
        lower = is_lower(found)
        stretches = _stretches(seen, len(found))
        parts = [features(found[first:last], self.known, lower=lower) for first, last in stretches]
        looked = self.network.probabilities(parts)
        for (first, last), shares in zip(stretches, looked, strict=True):
            # At a cut the outermost tokens lack a neighbour; they are there for the others.
            start, end = (first + LAYERS if first else 0), (last - LAYERS if last < len(found) else last)
            given[start:end] = shares[start - first : end - first]
        return given


def save(path: Path, weights: Mapping[str, Floats], known: frozenset[int]) -> None:
    """Write a model: the network's weights by name, the hashes of the words it knows, the format of the features."""
    words = np.array(sorted(known), dtype=np.uint64)
    np.savez_compressed(path, allow_pickle=False, format=np.array(FORMAT), known=words, **weights)


def load(path: Path) -> Names:
    """Read a model: plain arrays, no pickle.

    Raises:
        UnfitModel: see there.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if int(stored["format"]) != FORMAT:
                raise UnfitModel(f"{path.name} was trained for other features: run manage.py train_names.")
            return Names(Network(stored), frozenset(map(int, stored["known"])))
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise UnfitModel(f"{path.name} cannot be read as a model of names: run manage.py train_names.") from error


@cache
def served() -> Names:
    """The model that comes with the project, read once. Raises `UnfitModel`."""
    return load(_FILE)


def _stretches(seen: Sequence[int], length: int) -> list[tuple[int, int]]:
    """What lies round the spots, and the tokens beside it that the network looks at. Half-open, in order, apart."""
    found: list[tuple[int, int]] = []
    for spot in seen:
        first, last = max(0, spot - AROUND - LAYERS), min(length, spot + AROUND + LAYERS + 1)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


def _entities(found: Sequence[Token], given: Floats) -> Iterator[Entity]:
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
