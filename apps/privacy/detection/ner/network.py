"""The network: hashed embeddings of each token's features, then convolutions that see four tokens to each side.

After spaCy's tok2vec (multi-hash embedding with a window encoder, spacy.io/api/architectures), without the pipeline
round it: a `Vocab` would keep the words of what people write.
"""

from typing import Any, Final

from thinc.api import HashEmbed, Maxout, Softmax, chain, concatenate, expand_window, residual, with_array

OUTSIDE, PERSON, ADDRESS, LOCATION, ORGANIZATION = range(5)
LABELS: Final = ("", "PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION")
"""Of the columns of what the network gives; the first is "none of these"."""

_ROWS: Final = (5_000, 1_500, 2_000, 200, 20, 40)
_WIDTHS: Final = (48, 24, 32, 24, 8, 8)
_HIDDEN: Final = 64
_PIECES: Final = 3
_LAYERS: Final = 4

Network = Any  # thinc's types of nested models say less than they cost


def network(dropout: float = 0.0) -> Network:
    """An untrained network: lists of feature arrays in, lists of probabilities (tokens, `LABELS`) out."""
    embedded: list[Network] = [
        HashEmbed(width, rows, column=column, seed=7 + column, dropout=dropout / 3)
        for column, (rows, width) in enumerate(zip(_ROWS, _WIDTHS, strict=True))
    ]
    mixed = Maxout(_HIDDEN, sum(_WIDTHS), nP=_PIECES, normalize=True, dropout=dropout)
    layers = [
        residual(
            chain(
                expand_window(1), Maxout(_HIDDEN, _HIDDEN * 3, nP=_PIECES, normalize=True, dropout=dropout)
            )
        )
        for _ in range(_LAYERS)
    ]  # fmt: skip
    return with_array(chain(concatenate(*embedded), mixed, *layers, Softmax(len(LABELS), _HIDDEN)), pad=_LAYERS)
