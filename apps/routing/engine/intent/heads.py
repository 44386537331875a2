"""Linear heads over hashed features: plain numpy, one gather and a few sums per question.

The artefact is a `.npz` of plain arrays (no pickle): weights as int8 with a scale per class, bias, and a JSON text that
names heads, classes and temperatures. It is refused when it was trained for other features than the code computes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from apps.routing.engine.intent.features import FORMAT, SIZE

Floats = npt.NDArray[np.float32]
_STEPS = 127


class UnfitArtefact(Exception):
    """The file is no intent artefact, or belongs to another version of the features: train it again."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One feature to recognise. `weights` is (features, classes); logits are divided by `temperature`."""

    name: str
    classes: tuple[str, ...]
    weights: npt.NDArray[np.floating]
    bias: npt.NDArray[np.floating]
    temperature: float


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """All heads side by side, as they are served. `places` are the columns of each head.

    `weights` stay in whole steps of `scale`, as the file has them: a quarter of the memory, and sums without rounding.
    """

    version: str
    classes: Mapping[str, tuple[str, ...]]
    places: Mapping[str, slice]
    temperatures: Mapping[str, float]
    weights: npt.NDArray[np.int8]
    scale: Floats
    bias: Floats

    def logits(self, blocks: Sequence[Sequence[int]]) -> Floats:
        """Raw logits of all heads for one text."""
        found: Floats = self.bias.copy()
        for block in blocks:
            if block:
                steps = self.weights[np.asarray(block, dtype=np.intp)].sum(axis=0, dtype=np.int32)
                found += steps * (self.scale * np.float32(len(block) ** -0.5))
        return found

    def probabilities(self, logits: Floats, head: str) -> dict[str, float]:
        """Calibrated probabilities of one head, by class. In plain Python, faster than numpy on a dozen numbers."""
        scaled = (logits[self.places[head]] / self.temperatures[head]).tolist()
        highest = max(scaled)
        shares = [exp(value - highest) for value in scaled]
        total = sum(shares)
        return {name: share / total for name, share in zip(self.classes[head], shares, strict=True)}


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Probabilities along the last axis, without overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: npt.NDArray[np.floating] = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def save(path: Path, heads: Sequence[Head], *, version: str) -> None:
    """Write an artefact. The same heads give the same bytes of every array."""
    weights = np.concatenate([head.weights for head in heads], axis=1)
    scale = np.abs(weights).max(axis=0) / _STEPS + 1e-12
    meta = {
        "format": FORMAT,
        "size": SIZE,
        "version": version,
        "heads": [{"name": h.name, "classes": h.classes, "temperature": h.temperature} for h in heads],
    }
    np.savez_compressed(
        path,
        weights=np.rint(weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=np.concatenate([head.bias for head in heads]).astype(np.float32),
        meta=np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8),
    )


def load(path: Path) -> Heads:
    """Read an artefact into memory (about 1 MB). Raises `UnfitArtefact`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            meta = json.loads(stored["meta"].tobytes())
            weights, scale, bias = stored["weights"], stored["scale"], stored["bias"]
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise UnfitArtefact(f"{path.name} cannot be read: train it again with `manage.py train_intents`.") from error
    if (meta["format"], meta["size"], weights.shape[0]) != (FORMAT, SIZE, SIZE):
        raise UnfitArtefact(f"{path.name} was trained for other features: run `manage.py train_intents` again.")
    places, start = {}, 0
    for head in meta["heads"]:
        places[head["name"]] = slice(start, start + len(head["classes"]))
        start += len(head["classes"])
    return Heads(
        version=meta["version"],
        classes={head["name"]: tuple(head["classes"]) for head in meta["heads"]},
        places=places,
        temperatures={head["name"]: head["temperature"] for head in meta["heads"]},
        weights=np.ascontiguousarray(weights),
        scale=scale,
        bias=bias,
    )
