"""Deterministic embeddings by feature hashing (Weinberger et al. 2009): similar texts get similar vectors."""

import array
import base64
import hashlib
import math
import re
from typing import Final

DIMENSIONS: Final = 256


def embed(text: str, dimensions: int = DIMENSIONS) -> list[float]:
    """A unit vector from the words of a text and their trigrams; an empty text gives the first axis."""
    vector = [0.0] * dimensions
    for feature, weight in _features(text):
        digest = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest(), "big")
        vector[(digest >> 1) % dimensions] += weight if digest & 1 else -weight
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        return [1.0] + [0.0] * (dimensions - 1)
    return [value / length for value in vector]


def as_base64(vector: list[float]) -> str:
    """Little-endian 32-bit floats, as OpenAI's SDKs ask for them."""
    return base64.b64encode(array.array("f", vector).tobytes()).decode()


def _features(text: str) -> list[tuple[str, float]]:
    words = re.findall(r"\w+", text.lower())
    trigrams = [f"#{word}#"[i : i + 3] for word in words for i in range(len(word))]
    return [(word, 1.0) for word in words] + [(trigram, 0.3) for trigram in trigrams]
