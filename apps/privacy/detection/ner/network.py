"""The network as it is served, in plain numpy: hashed embeddings of each token's features, then convolutions.

After spaCy's tok2vec (multi-hash embedding with a window encoder, spacy.io/api/architectures). It is trained with thinc
(`apps.privacy.training.learner`); served that way a sentence would cost twice the time, and in spaCy's own pipeline the
words of what people write would be kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from thinc.api import NumpyOps

from apps.privacy.detection.ner.tokens import Features

OUTSIDE, PERSON, ADDRESS, LOCATION, ORGANIZATION = range(5)
LABELS: Final = ("", "PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION")
"""Of the columns of what the network gives; the first is "none of these"."""
ROWS: Final = (5_000, 1_500, 2_000, 20, 40, 200)
"""Of the table of each feature: several words share a row, but hardly four rows."""
WIDTHS: Final = (32, 16, 24, 8, 8, 16)
HIDDEN: Final = 48
PIECES: Final = 2
"""A unit is the largest of so many sums (maxout, arXiv:1302.4389)."""
LAYERS: Final = 3
"""Convolutions of three tokens each; so many empty tokens stand at both ends of a text."""
SEED: Final = 7

Floats = npt.NDArray[np.float32]

_OPS: Final = NumpyOps()
_SMALL: Final = np.float32(1e-8)


class Network:
    """Weights by name: `table0` ..., then `weights`, `bias`, `gain` and `shift` of each layer, `out` and `out_bias`."""

    def __init__(self, arrays: Mapping[str, Floats]) -> None:
        self._tables = [arrays[f"table{column}"] for column in range(len(ROWS))]
        self._layers = [_Layer(arrays, number) for number in range(LAYERS + 1)]
        self._out, self._out_bias = np.ascontiguousarray(arrays["out"].T), arrays["out_bias"]

    def probabilities(self, parts: Sequence[Features]) -> list[Floats]:
        """Of each token (rows) and label (columns), for texts that do not see each other."""
        nothing = np.zeros((LAYERS, len(ROWS)), dtype=np.uint64)
        padded = np.vstack([nothing, *(piece for part in parts for piece in (part, nothing))])
        hidden = self._layers[0].of(self._embedded(padded))
        for layer in self._layers[1:]:
            hidden = hidden + layer.of(_windows(hidden))
        scores: Floats = hidden @ self._out + self._out_bias
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
        starts = np.cumsum([LAYERS, *(len(part) + LAYERS for part in parts)])
        return [scores[start : start + len(part)] for start, part in zip(starts, parts, strict=False)]

    def _embedded(self, features: Features) -> Floats:
        parts = []
        for column, table in enumerate(self._tables):
            keys = _OPS.hash(np.ascontiguousarray(features[:, column]), SEED + column) % len(table)
            parts.append(table[keys].sum(axis=1))
        return np.concatenate(parts, axis=1)


class _Layer:
    """Maxout and layer normalisation."""

    def __init__(self, arrays: Mapping[str, Floats], number: int) -> None:
        weights: Any = arrays[f"weights{number}"]  # (units, pieces, inputs): the pieces side by side are one product
        self._weights = np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(weights.shape[2], -1))
        self._bias = arrays[f"bias{number}"].T.reshape(-1)
        self._gain, self._shift = arrays[f"gain{number}"], arrays[f"shift{number}"]

    def of(self, inputs: Floats) -> Floats:
        sums = (inputs @ self._weights + self._bias).reshape(len(inputs), PIECES, HIDDEN)
        best = sums.max(axis=1)
        best -= best.mean(axis=1, keepdims=True)
        best /= np.sqrt((best * best).mean(axis=1, keepdims=True) + _SMALL)
        normed: Floats = best * self._gain + self._shift
        return normed


def _windows(hidden: Floats) -> Floats:
    """Each row between the row before and the row after; nothing before the first and after the last."""
    nothing = np.zeros((1, hidden.shape[1]), dtype=np.float32)
    around: Sequence[Floats] = (np.vstack((nothing, hidden[:-1])), hidden, np.vstack((hidden[1:], nothing)))
    return np.concatenate(around, axis=1)
