"""From a sentence encoder to a table of word vectors: each piece read alone, reduced to its principal components.

The recipe is that of Model2Vec (van Dongen and Tulkens 2024): encode the vocabulary, PCA, weights after Zipf's law.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from apps.routing.training.encoder import Encoder

Floats = npt.NDArray[np.float32]

WIDTH: Final = 256
_ZIPF: Final = 0.8
_SMOOTH: Final = 3e-4
_COMMON_FROM: Final = 995
"""WordPiece lists marks and letters first; from here on its vocabulary is ordered by frequency."""


def distil(encoder: Encoder) -> tuple[tuple[str, ...], Floats, Floats]:
    """Pieces, their vectors (pieces, 256) and the weight of each piece in a mean, in (0, 1]."""
    numbers = np.array([i for i, piece in enumerate(encoder.pieces) if not piece.startswith("[")])
    vectors = _reduced(encoder.alone(numbers).astype(np.float64))
    rank = np.maximum(np.arange(len(encoder.pieces)) - _COMMON_FROM, 1)
    share = rank**-_ZIPF / (rank**-_ZIPF).sum()
    weight = (_SMOOTH / (_SMOOTH + share))[numbers]
    return tuple(encoder.pieces[i] for i in numbers), vectors, weight.astype(np.float32)


def _reduced(vectors: npt.NDArray[np.float64]) -> Floats:
    """The first principal components, scaled to a mean square length of 1."""
    centred = vectors - vectors.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, np.argsort(variances)[::-1][:WIDTH]]
    found = centred @ (axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]))
    scaled: Floats = (found / np.sqrt((found**2).sum(axis=1).mean())).astype(np.float32)
    return scaled
