"""What words mean: a vector per word piece, distilled from a sentence encoder, read without running that encoder.

A text becomes three weighted means (the whole, its start, its end). Frequent pieces weigh less, after Arora et al. 2017
(smooth inverse frequency). Pieces are found greedily, the longest first, as WordPiece does (Wu et al. 2016).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unicodedata import category, normalize
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from apps.routing.engine.intent.heads import UnfitArtefact

FORMAT: Final = 1
PARTS: Final = 3
"""The whole text, its start, its end."""
NORM: Final = np.float32(3.0)
"""Euclidean length of each part, so that vectors and hashed words speak about equally loud when training begins."""

_HEAD: Final = 16
_TAIL: Final = 12
_MOST: Final = 256
_MOST_TAIL: Final = 64
_LONGEST_WORD: Final = 60
_REST: Final = 0.5
"""Added to the sum of weights: a text of nothing but "the" means nothing."""
_CACHED: Final = 50_000

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Vectors:
    """`steps` is (pieces, width), `scale` the size of a step of each piece, `weight` its say in a mean."""

    places: Mapping[str, int]
    steps: npt.NDArray[np.int8]
    scale: Floats
    weight: Floats
    _seen: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Numbers that a text becomes."""
        return PARTS * int(self.steps.shape[1])

    def pieces(self, words: Sequence[str]) -> list[int]:
        """Rows of the table for lower-case words, at most 256: the first 192 and the last 64."""
        found: list[int] = []
        for word in words:
            known = self._seen.get(word)
            if known is None:
                if len(self._seen) >= _CACHED:
                    self._seen.clear()
                known = self._seen[word] = self._split(_plain(word))
            found.extend(known)
        return found if len(found) <= _MOST else [*found[: _MOST - _MOST_TAIL], *found[-_MOST_TAIL:]]

    def read(self, words: Sequence[str]) -> Floats:
        """The three means of a text, one behind the other, each of length 3 (or 0 for a text without pieces)."""
        rows = np.asarray(self.pieces(words), dtype=np.intp)
        if not len(rows):
            return np.zeros(self.size, dtype=np.float32)
        weight = self.weight[rows]
        weighted = self.steps[rows] * (self.scale[rows] * weight)[:, None]
        return np.concatenate([
            _mean(weighted, weight), _mean(weighted[:_HEAD], weight[:_HEAD]), _mean(weighted[-_TAIL:], weight[-_TAIL:])
        ])  # fmt: skip

    def _split(self, word: str) -> tuple[int, ...]:
        """Longest pieces first; a word with a part that is in no piece is left out."""
        if len(word) > _LONGEST_WORD:
            return ()
        found: list[int] = []
        start, mark = 0, ""
        while start < len(word):
            end = len(word)
            while end > start and mark + word[start:end] not in self.places:
                end -= 1
            if end == start:
                return ()
            found.append(self.places[mark + word[start:end]])
            start, mark = end, "##"
        return tuple(found)


def _mean(weighted: Floats, weight: Floats) -> Floats:
    mean = weighted.sum(axis=0) / (weight.sum() + np.float32(_REST))
    length = np.sqrt(mean @ mean)
    found: Floats = mean * (NORM / max(length, np.float32(1e-3)))
    return found


def _plain(word: str) -> str:
    """Without accents, as the encoder was trained."""
    if word.isascii():
        return word
    return "".join(letter for letter in normalize("NFD", word) if category(letter) != "Mn")


def save(path: Path, pieces: Sequence[str], vectors: npt.NDArray[np.floating], weight: Floats, *, version: str) -> None:
    """Write a table; `vectors` is (pieces, width) and is kept in 127 steps per piece."""
    scale = np.abs(vectors).max(axis=1) / 127 + 1e-12
    np.savez_compressed(
        path,
        steps=np.rint(vectors / scale[:, None]).astype(np.int8),
        scale=scale.astype(np.float32),
        weight=weight.astype(np.float32),
        pieces=np.frombuffer("\n".join(pieces).encode(), dtype=np.uint8),
        meta=np.frombuffer(json.dumps({"format": FORMAT, "version": version}).encode(), dtype=np.uint8),
    )


def load(path: Path) -> Vectors:
    """Read a table into memory (about 12 MB). Raises `UnfitArtefact`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            meta = json.loads(stored["meta"].tobytes())
            pieces = stored["pieces"].tobytes().decode().split("\n")
            steps, scale, weight = stored["steps"], stored["scale"], stored["weight"]
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise UnfitArtefact(f"{path.name} cannot be read: make it again with `manage.py distil_words`.") from error
    if meta["format"] != FORMAT or not len(pieces) == len(steps) == len(scale) == len(weight):
        raise UnfitArtefact(f"{path.name} is of another form: make it again with `manage.py distil_words`.")
    return Vectors({piece: place for place, piece in enumerate(pieces)}, steps, scale, weight)
