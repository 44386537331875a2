"""What a prompt looks like to the predictor: hashed words and pairs (Weinberger et al. 2009), and its shape in figures.

Made for questions that a company asks again and again in other words: what they are about, and how much there is to do.
"""

import re
from collections.abc import Sequence
from math import log1p
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

BITS: Final = 17
SIZE: Final = 1 << BITS
FORMAT: Final = 1
"""Raised whenever the features of a text change: an artefact of another format is refused."""
MAX_CHARS: Final = 8_000
"""A longer text is read at its start and its end; what is asked stands there."""

Indices = npt.NDArray[np.intp]
Floats = npt.NDArray[np.float64]

_MASK: Final = SIZE - 1
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_SENTENCE: Final = re.compile(r"[.?!]\s")
_OPTION: Final = re.compile(r"\n\(?[A-E1-5][.)]")
_NEGATED: Final = re.compile(r"\b(?:not|except|false|never|nicht|kein\w*|außer|falsch)\b", re.IGNORECASE)
_COMPARED: Final = re.compile(
    r"\b(?:more|less|fewer|times|half|twice|each|per|mehr|weniger|doppelt|je)\b", re.IGNORECASE
)
_SYMBOLS: Final = frozenset("()^*+=<>\\{}[]|/_")
_LONG_WORD: Final = 8


def cut(text: str) -> str:
    """The text, or the start and the end of a long one."""
    half = MAX_CHARS // 2
    return text if len(text) <= MAX_CHARS else f"{text[:half]}\n{text[-half:]}"


def words(text: str) -> tuple[Indices, Floats]:
    """Places in [0, SIZE) of words and pairs of neighbours, each once, with the logarithm of how often it occurs."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in _WORD.findall(cut(text).lower())]
    sums = [*map(crc32, encoded)]
    found = [value & _MASK for value in sums]
    # The checksum of "tell me" is that of " me" begun with that of "tell": no pair is ever put together.
    found.extend(crc32(b" " + right, left) & _MASK for left, right in zip(sums, encoded[1:], strict=False))
    places, counts = np.unique(np.array(found, dtype=np.intp), return_counts=True)
    return places, np.log1p(counts.astype(np.float64))


def shape(text: str) -> Sequence[float]:
    """Figures that tell how much a prompt asks for, of any language: lengths, numbers, options, signs."""
    text = cut(text)
    found, numbers = _WORD.findall(text), _NUMBER.findall(text)
    stem, *options = _OPTION.split(text)
    lengths = [len(option) for option in options] or [0]
    mean = sum(lengths) / len(lengths)
    spread = (sum((length - mean) ** 2 for length in lengths) / len(lengths)) ** 0.5
    bare = sum(_WORD.sub("", _NUMBER.sub("", option)).strip(" \n.,:;$%-") == "" for option in options)
    per_word = 1.0 / (len(found) + 1)
    return (
        log1p(len(text)), log1p(len(stem)), log1p(len(found)), log1p(len(numbers)), len(numbers) * per_word,
        log1p(len(_SENTENCE.findall(text))), log1p(text.count("\n")), log1p(text.count("?")),
        sum(map(len, found)) * per_word, sum(len(word) > _LONG_WORD for word in found) * per_word,
        log1p(sum(sign in _SYMBOLS for sign in text)), log1p(mean), spread / (mean + 1.0), bare / len(lengths),
        log1p(len(_NEGATED.findall(stem))), log1p(len(_COMPARED.findall(text))),
        float("%" in text), float("$" in text), float("__" in text), float("```" in text),
        float(any("." in number for number in numbers)), float(any(len(number) > 3 for number in numbers)),
    )  # fmt: skip


SHAPE: Final = len(shape(""))
