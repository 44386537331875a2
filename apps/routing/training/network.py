"""Training of the heads: a linear layer over hashed words beside one hidden layer over the words' meaning, in numpy.

Adam (Kingma and Ba 2015, arXiv 1412.6980) with decoupled weight decay and a cosine schedule; the loss is the sum of the
heads' cross entropies. Rows are drawn by their weight. The same seed gives the same network on the same machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from apps.routing.engine.intent.heads import Network, softmax

Matrix = Any  # scipy's sparse matrices carry no useful types
Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.integer]
Parameters = dict[str, Floats]

UNITS: Final = 192
STEPS: Final = 550
_BATCH: Final = 512
_WARM_UP: Final = 30
_RATES: Final = {"words": 0.01, "hidden": 2e-3, "hidden_bias": 2e-3, "out": 2e-3, "linear": 2e-3, "bias": 2e-3}
_DECAYS: Final = {"words": 0.005, "hidden": 0.002, "out": 0.002, "linear": 0.002}
_DROPPED_WORDS: Final = 0.1
_DROPPED_UNITS: Final = 0.3
_FIRST: Final = 0.9
_SECOND: Final = 0.99


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """`words` (rows, SIZE) hashed, `meaning` (rows, numbers), and per head (rows, columns) the wanted probabilities: a
    row of zeros where the head has no label. `weights` say how often a row is drawn; `says` how much a head learns."""

    words: Matrix
    meaning: Floats
    wanted: Mapping[str, Floats]
    weights: npt.NDArray[np.float64]
    says: Mapping[str, Floats]

    def at(self, rows: Places) -> "Examples":
        """Only these rows."""
        return Examples(
            self.words[rows],
            self.meaning[rows],
            {head: wanted[rows] for head, wanted in self.wanted.items()},
            self.weights[rows],
            {head: says[rows] for head, says in self.says.items()},
        )


def train(examples: Examples, *, seed: int, steps: int = STEPS) -> Network:
    """One network over all heads; columns in the order of `examples.wanted`."""
    chance = np.random.default_rng(seed)
    parameters = _begin(examples, chance)
    adam = _Adam(parameters)
    shares = examples.weights / examples.weights.sum()
    for step in range(steps):
        rows = chance.choice(len(shares), _BATCH, p=shares)
        batch = examples.at(rows)
        words = batch.words.astype(np.float32)
        words.data *= (chance.random(len(words.data)) > _DROPPED_WORDS) / np.float32(1 - _DROPPED_WORDS)
        kept = (chance.random((_BATCH, UNITS)) > _DROPPED_UNITS) / np.float32(1 - _DROPPED_UNITS)
        adam.step(_gradients(parameters, batch, words, kept.astype(np.float32)), _rate(step, steps))
    return Network(**parameters)


def logits(network: Network, words: Matrix, meaning: Floats) -> Floats:
    """Raw logits of all columns: (rows, columns)."""
    units = np.maximum(meaning @ network.hidden + network.hidden_bias, 0)
    found: Floats = words @ network.words + meaning @ network.linear + units @ network.out + network.bias
    return found


def together(networks: Sequence[Network]) -> Network:
    """The mean of the logits of several networks is one wider network: hidden units side by side, the rest averaged."""
    share = np.float32(1 / len(networks))
    return Network(
        words=np.sum([n.words for n in networks], axis=0) * share,
        hidden=np.concatenate([n.hidden for n in networks], axis=1),
        hidden_bias=np.concatenate([n.hidden_bias for n in networks]),
        out=np.concatenate([n.out for n in networks]) * share,
        linear=np.sum([n.linear for n in networks], axis=0) * share,
        bias=np.sum([n.bias for n in networks], axis=0) * share,
    )


def _begin(examples: Examples, chance: np.random.Generator) -> Parameters:
    numbers = examples.meaning.shape[1]
    columns = sum(wanted.shape[1] for wanted in examples.wanted.values())
    return {
        "words": np.zeros((examples.words.shape[1], columns), np.float32),
        "hidden": (chance.normal(size=(numbers, UNITS)) * (2 / numbers) ** 0.5).astype(np.float32),
        "hidden_bias": np.zeros(UNITS, np.float32),
        "out": (chance.normal(size=(UNITS, columns)) * 0.3 / UNITS**0.5).astype(np.float32),
        "linear": np.zeros((numbers, columns), np.float32),
        "bias": np.zeros(columns, np.float32),
    }


def _gradients(parameters: Parameters, batch: Examples, words: Matrix, kept: Floats) -> Parameters:
    before = batch.meaning @ parameters["hidden"] + parameters["hidden_bias"]
    units = np.maximum(before, 0) * kept
    found = words @ parameters["words"] + batch.meaning @ parameters["linear"]
    error = _error(found + units @ parameters["out"] + parameters["bias"], batch)
    back = error @ parameters["out"].T * (before > 0) * kept
    return {
        "words": words.T @ error,
        "hidden": batch.meaning.T @ back,
        "hidden_bias": back.sum(axis=0),
        "out": units.T @ error,
        "linear": batch.meaning.T @ error,
        "bias": error.sum(axis=0),
    }


def _error(found: Floats, batch: Examples) -> Floats:
    """The gradient of the mean loss by the logits."""
    error = np.zeros_like(found)
    start = 0
    for head, wanted in batch.wanted.items():
        place = slice(start, start + wanted.shape[1])
        labelled = wanted.sum(axis=1, keepdims=True)
        error[:, place] = (softmax(found[:, place]) * labelled - wanted) * (batch.says[head][:, None] / len(found))
        start = place.stop
    return error


def _rate(step: int, steps: int) -> float:
    """Share of the full rate: a short warm-up, then half a cosine down to a twentieth."""
    return min(1.0, (step + 1) / _WARM_UP) * (0.525 + 0.475 * float(np.cos(np.pi * step / steps)))


class _Adam:
    """Moves parameters in place."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._means = {name: np.zeros_like(value) for name, value in parameters.items()}
        self._squares = {name: np.zeros_like(value) for name, value in parameters.items()}
        self._steps = 0

    def step(self, gradients: Parameters, rate: float) -> None:
        self._steps += 1
        first = np.float32(1 - _FIRST**self._steps)
        second = np.float32(1 - _SECOND**self._steps)
        for name, value in self._parameters.items():
            gradient, mean, square = gradients[name], self._means[name], self._squares[name]
            own = np.float32(_RATES[name] * rate)
            # In place: the arrays are large, and asking for new ones would take longer than the sums.
            move = gradient * gradient
            move *= np.float32(1 - _SECOND)
            square *= np.float32(_SECOND)
            square += move
            gradient *= np.float32(1 - _FIRST)
            mean *= np.float32(_FIRST)
            mean += gradient
            np.sqrt(square, out=move)
            move /= second**0.5
            move += np.float32(1e-6)
            np.divide(mean, move, out=move)
            move *= own / first
            value -= move
            if name in _DECAYS:
                value *= np.float32(1 - own * _DECAYS[name])
