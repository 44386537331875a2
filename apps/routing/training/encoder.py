"""MiniLM's forward pass in plain numpy, only to make the table of word vectors: nothing else is installed for it.

Reads the folder of `sentence-transformers/all-MiniLM-L6-v2` (Apache-2.0): `model.safetensors`, `vocab.txt`. Wang et al.
2020, arXiv 2002.10957; Reimers and Gurevych 2019, arXiv 1908.10084.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LAYERS: Final = 6
HEADS: Final = 12
WIDTH: Final = 384
START: Final = 101
END: Final = 102
_BATCH: Final = 512
_HEADER_BYTES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """`pieces` in the order of their numbers; `weights` by the names in the file."""

    pieces: tuple[str, ...]
    weights: dict[str, Floats]

    def alone(self, numbers: npt.NDArray[np.integer]) -> Floats:
        """Each piece read as a sentence of its own: (len(numbers), 384), rows of length 1."""
        found = np.zeros((len(numbers), WIDTH), dtype=np.float32)
        for start in range(0, len(numbers), _BATCH):
            some = numbers[start : start + _BATCH]
            ids = np.stack([np.full_like(some, START), some, np.full_like(some, END)], axis=1)
            mean = self._forward(ids).mean(axis=1)
            found[start : start + len(some)] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return found

    def _forward(self, ids: npt.NDArray[np.integer]) -> Floats:
        """Hidden states of the last layer: (texts, pieces, 384)."""
        weights = self.weights
        x = weights["embeddings.word_embeddings.weight"][ids]
        x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = self._norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            x = self._norm(x + self._attend(x, name), f"{name}.attention.output.LayerNorm")
            inner = self._linear(x, f"{name}.intermediate.dense")
            inner = inner * np.float32(0.5) * (1 + _erf(inner / np.float32(2**0.5)))
            x = self._norm(x + self._linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return x

    def _attend(self, x: Floats, name: str) -> Floats:
        texts, length, _ = x.shape
        query, key, value = (
            self._linear(x, f"{name}.attention.self.{part}").reshape(texts, length, HEADS, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32((WIDTH / HEADS) ** 0.5)
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        mixed = (shares @ value).transpose(0, 2, 1, 3).reshape(texts, length, WIDTH)
        return self._linear(mixed, f"{name}.attention.output.dense")

    def _linear(self, x: Floats, name: str) -> Floats:
        found: Floats = x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return found

    def _norm(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-12)
        found: Floats = x / spread * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]
        return found


def _erf(x: Floats) -> Floats:
    """The error function to 1.5e-7: Abramowitz and Stegun 1964, 7.1.26."""
    size = np.abs(x)
    t = 1 / (1 + np.float32(0.3275911) * size)
    polynomial = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        polynomial = (polynomial + np.float32(factor)) * t
    found: Floats = np.sign(x) * (1 - polynomial * np.exp(-size * size))
    return found


def load(folder: Path) -> Encoder:
    """Read an encoder from the folder of its files. Raises OSError where one is missing."""
    content = (folder / "model.safetensors").read_bytes()
    size = int.from_bytes(content[:_HEADER_BYTES], "little")
    header = json.loads(content[_HEADER_BYTES : _HEADER_BYTES + size])
    tensors = memoryview(content)[_HEADER_BYTES + size :]
    weights = {
        name: np.frombuffer(tensors[slice(*entry["data_offsets"])], dtype=np.float32).reshape(entry["shape"])
        for name, entry in header.items()
        if entry.get("dtype") == "F32"
    }
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return Encoder(tuple(pieces), weights)
