"""The heads over what was read of a text: hashed words, added up, and a small network over the words' meaning.

The artefact is a `.npz` of plain arrays (no pickle): weights as int8 with a scale per column, the network, the known
words, and a JSON text that names heads, classes and temperatures. It is refused when it was trained for other features
than the code computes.

A class may have several columns, one per kind of origin that it was trained on (people's questions, examinations, ...):
what an examination question looks like then says nothing about what a colleague wants. Their probabilities add up.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from apps.routing.engine.intent.features import FORMAT, SIZE

Floats = npt.NDArray[np.float32]
_STEPS = 127


class UnfitArtefact(Exception):
    """The file is no intent artefact, or belongs to another version of the features: train it again."""


@dataclass(frozen=True, slots=True)
class Head:
    """One feature to recognise. `columns` names the class of each column; logits are divided by `temperature`."""

    name: str
    columns: tuple[str, ...]
    temperature: float


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """One hidden layer beside a linear one. `hidden` is (numbers, units), `out` (units, columns), `linear` (numbers,
    columns), `words` (SIZE, columns), `bias` (columns)."""

    words: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    linear: Floats
    bias: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """All heads side by side, as they are served. `places` are the columns of each head.

    `words` stay in whole steps of `scale`, as the file has them: a quarter of the memory, and sums without rounding.
    """

    version: str
    groups: Mapping[str, tuple[tuple[str, ...], npt.NDArray[np.float64]]]
    """Per head its classes, and (columns, classes) with a 1 where a column belongs to a class."""
    places: Mapping[str, slice]
    temperatures: Mapping[str, float]
    known: tuple[str, ...]
    """Words that need no correction, the most frequent first."""
    words: npt.NDArray[np.int8]
    scale: Floats
    hidden: Floats
    hidden_bias: Floats
    out: Floats
    linear: Floats
    bias: Floats

    def logits(self, blocks: Sequence[Sequence[int]], meaning: Floats) -> Floats:
        """Raw logits of all columns for one text."""
        found: Floats = self.bias + meaning @ self.linear
        found += np.maximum(meaning @ self.hidden + self.hidden_bias, 0) @ self.out
        for block in blocks:
            if block:
                steps = self.words[np.asarray(block, dtype=np.intp)].sum(axis=0, dtype=np.int32)
                found += steps * (self.scale * np.float32(len(block) ** -0.5))
        return found

    def classes(self, head: str) -> tuple[str, ...]:
        """What a head can answer."""
        return self.groups[head][0]

    def probabilities(self, logits: Floats, head: str) -> dict[str, float]:
        """Calibrated probabilities of one head, by class: the sums over the columns of each."""
        scaled = logits[self.places[head]].astype(np.float64) / self.temperatures[head]
        shares = np.exp(scaled - scaled.max())
        classes, sums = self.groups[head]
        return dict(zip(classes, (shares @ sums / shares.sum()).tolist(), strict=True))


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Probabilities along the last axis, without overflow."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: npt.NDArray[np.floating] = shifted / shifted.sum(axis=-1, keepdims=True)
    return probabilities


def save(path: Path, heads: Sequence[Head], network: Network, known: Sequence[str], *, version: str) -> None:
    """Write an artefact. The same heads give the same bytes of every array."""
    scale = np.abs(network.words).max(axis=0) / _STEPS + 1e-12
    meta = {
        "format": FORMAT,
        "size": SIZE,
        "version": version,
        "heads": [{"name": h.name, "columns": h.columns, "temperature": h.temperature} for h in heads],
    }
    np.savez_compressed(
        path,
        words=np.rint(network.words / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        hidden=network.hidden.astype(np.float16),
        hidden_bias=network.hidden_bias.astype(np.float32),
        out=network.out.astype(np.float16),
        linear=network.linear.astype(np.float16),
        bias=network.bias.astype(np.float32),
        known=np.frombuffer("\n".join(known).encode(), dtype=np.uint8),
        meta=np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8),
    )


def load(path: Path) -> Heads:
    """Read an artefact into memory (about 8 MB). Raises `UnfitArtefact`."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays: dict[str, npt.NDArray[Any]] = dict(stored)
        meta = json.loads(arrays["meta"].tobytes())
        known = tuple(arrays["known"].tobytes().decode().split("\n"))
        fits = (meta["format"], meta["size"], arrays["words"].shape[0]) == (FORMAT, SIZE, SIZE)
    except (OSError, EOFError, KeyError, ValueError, BadZipFile) as error:
        raise UnfitArtefact(f"{path.name} cannot be read: train it again with `manage.py train_intents`.") from error
    if not fits:
        raise UnfitArtefact(f"{path.name} was trained for other features: run `manage.py train_intents` again.")
    places, start = {}, 0
    for head in meta["heads"]:
        places[head["name"]] = slice(start, start + len(head["columns"]))
        start += len(head["columns"])
    return Heads(
        version=meta["version"],
        groups={head["name"]: _groups(head["columns"]) for head in meta["heads"]},
        places=places,
        temperatures={head["name"]: head["temperature"] for head in meta["heads"]},
        known=known,
        words=np.ascontiguousarray(arrays["words"]),
        scale=arrays["scale"],
        hidden=arrays["hidden"].astype(np.float32),
        hidden_bias=arrays["hidden_bias"],
        out=arrays["out"].astype(np.float32),
        linear=arrays["linear"].astype(np.float32),
        bias=arrays["bias"],
    )


def _groups(columns: Sequence[str]) -> tuple[tuple[str, ...], npt.NDArray[np.float64]]:
    classes = tuple(sorted(set(columns)))
    return classes, np.array([[float(column == name) for name in classes] for column in columns])
