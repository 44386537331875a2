"""The network of `detection.ner.network` as thinc trains it, and its weights by the names that serving asks for."""

from typing import Any

import numpy as np
from thinc.api import HashEmbed, Maxout, Softmax, chain, concatenate, expand_window, residual, with_array

from apps.privacy.detection.ner.network import HIDDEN, LABELS, LAYERS, PIECES, ROWS, SEED, WIDTHS, Floats
from apps.privacy.detection.ner.tokens import COLUMNS

Learner = Any  # thinc's types of nested models say less than they cost


def learner(dropout: float) -> Learner:
    """An untrained network: lists of feature arrays in, lists of probabilities (tokens, `LABELS`) out."""
    embedded: list[Learner] = [
        HashEmbed(width, rows, column=column, seed=SEED + column, dropout=dropout / 3)
        for column, (rows, width) in enumerate(zip(ROWS, WIDTHS, strict=True))
    ]
    mixed = Maxout(HIDDEN, sum(WIDTHS), nP=PIECES, normalize=True, dropout=dropout)
    layers = [
        residual(chain(expand_window(1), Maxout(HIDDEN, HIDDEN * 3, nP=PIECES, normalize=True, dropout=dropout)))
        for _ in range(LAYERS)
    ]
    made: Learner = with_array(chain(concatenate(*embedded), mixed, *layers, Softmax(len(LABELS), HIDDEN)), pad=LAYERS)
    made.initialize(X=[np.zeros((2, COLUMNS), dtype=np.uint64)])
    return made


def arrays(trained: Learner) -> dict[str, Floats]:
    """The weights by name, float32."""
    parts = {"hashembed": [], "maxout": [], "layernorm": [], "softmax": []}  # type: dict[str, list[Learner]]
    for node in trained.walk():
        if node.name in parts and node.param_names:
            parts[node.name].append(node)
    found = {f"table{number}": node.get_param("E") for number, node in enumerate(parts["hashembed"])}
    for number, (maxout, norm) in enumerate(zip(parts["maxout"], parts["layernorm"], strict=True)):
        found |= {f"weights{number}": maxout.get_param("W"), f"bias{number}": maxout.get_param("b")}
        found |= {f"gain{number}": norm.get_param("G"), f"shift{number}": norm.get_param("b")}
    (softmax,) = parts["softmax"]
    found |= {"out": softmax.get_param("W"), "out_bias": softmax.get_param("b")}
    return {name: np.asarray(values, dtype=np.float32) for name, values in found.items()}
