"""Hashed features of a text, after Weinberger et al. 2009 (feature hashing): no vocabulary to ship, any language.

Four blocks, each of Euclidean length 1 so that a long text does not shout down its own instruction: the words of the
whole text (what it is about), the words of its start and end (what is wanted), the concepts behind both, its shape.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final
from zlib import crc32

from apps.routing.engine.intent.lexicon import concepts
from apps.routing.engine.intent.text import Reading

BITS: Final = 15
SIZE: Final = 1 << BITS
FORMAT: Final = 1
"""Raised whenever the features of a text change: an artefact of another format is refused."""

_MASK: Final = SIZE - 1
_MAX_WORDS: Final = 180
_HEAD_WORDS: Final = 12
_TAIL_WORDS: Final = 10
_STEM: Final = 5
_OPTIONS: Final = re.compile(r"^[ \t]*\(?[A-D1-4][).]\s", re.MULTILINE)
_BULLETS: Final = re.compile(r"^[ \t]*[-*•]\s", re.MULTILINE)
_BLANK: Final = re.compile(r"_{2,}|\[(?:MASK|blank)\]", re.IGNORECASE)
_LATEX: Final = re.compile(r"\$[^$\n]{1,200}\$|\\(?:frac|sqrt|int|sum|begin)\b")
_QUOTED: Final = re.compile(r"[\"“„«][^\"”“»]{40,}[\"”“»]")


def blocks(reading: Reading) -> tuple[Sequence[int], ...]:
    """Indices into the weights, in [0, SIZE), one sequence per block. A block may be empty."""
    words = reading.words
    topic = words if len(words) <= _MAX_WORDS else (*words[: _MAX_WORDS - 60], *words[-60:])
    wish = (*_marked("h", words[:_HEAD_WORDS]), *_marked("t", words[-_TAIL_WORDS:]))
    named = (_topic(topic), wish, _concepts(topic), _shape(reading))
    return tuple([crc32(name.encode()) & _MASK for name in names] for names in named)


def _topic(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield word
        if len(word) > _STEM:
            yield f"~{word[:_STEM]}"
            yield f"{word[-4:]}~"
    for left, right in pairwise(words):
        yield f"{left} {right}"


def _marked(mark: str, words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield f"{mark}:{word}"
        if len(word) > _STEM:
            yield f"{mark}:~{word[:_STEM]}"
    for left, right in pairwise(words):
        yield f"{mark}:{left} {right}"
    if mark == "h":
        yield f"0:{' '.join(words[:1])}"
        yield f"0:{' '.join(words[:2])}"


def _concepts(words: Sequence[str]) -> Iterator[str]:
    """Fields once each however often they occur; wishes at the start and end, alone and with the one before."""
    fields: dict[str, int] = {}
    last = len(words) - _TAIL_WORDS
    before = ""
    wishes: dict[str, None] = {}
    for place, concept in concepts(words):
        if concept[0] == "%":
            fields[concept] = fields.get(concept, 0) + 1
        elif place < _HEAD_WORDS or place >= last:
            where = "h" if place < _HEAD_WORDS else "t"
            wishes[f"{where}{concept}"] = None
            wishes[f"{before}{concept}"] = None
            if place < 2:
                wishes[f"0{concept}"] = None
            before = concept
    yield from wishes
    for field, count in fields.items():
        yield field
        if count > 1:
            yield f"{field} again"


def _shape(reading: Reading) -> Iterator[str]:
    text, words = reading.text, reading.words
    yield f"#words {min(len(words).bit_length(), 10)}"
    yield f"#lines {min((text.count(chr(10)) + 1).bit_length(), 7)}"
    yield f"#language {reading.language}"
    digits = sum(word[0].isdecimal() for word in words)
    yield f"#digits {min(digits.bit_length(), 5)}"
    yield f"#share {8 * digits // (len(words) + 1)}"
    marks = (
        ("code", reading.has_code), ("json", reading.wants_json), ("asks", text.endswith("?")), ("ask", "?" in text),
        ("options", _OPTIONS.search(text) is not None), ("bullets", _BULLETS.search(text) is not None),
        ("blank", _BLANK.search(text) is not None), ("latex", _LATEX.search(text) is not None),
        ("quoted", _QUOTED.search(text) is not None), ("colon", ":" in text[:120]), ("empty", not words),
        ("lower", text[:1].islower()), ("paragraphs", "\n\n" in text),
    )  # fmt: skip
    for name, holds in marks:
        yield f"#{name} {holds}"
