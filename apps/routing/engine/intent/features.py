"""Hashed features of a text, after Weinberger et al. 2009 (feature hashing): no vocabulary to ship, any language.

Four blocks, each of Euclidean length 1 so that a long text does not shout down its own instruction: the words of the
whole text (what it is about), the words of its start and end (what is wanted), the concepts behind both, its shape.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from zlib import crc32

from apps.routing.engine.intent.lexicon import concepts
from apps.routing.engine.intent.text import Reading

BITS: Final = 15
SIZE: Final = 1 << BITS
FORMAT: Final = 2
"""Raised whenever the features of a text change: an artefact of another format is refused."""

_MASK: Final = SIZE - 1
_MAX_WORDS: Final = 180
_HEAD_WORDS: Final = 12
_TAIL_WORDS: Final = 10
_STEM: Final = 5
_STEM_SUM: Final = crc32(b"~")
_HEAD: Final = crc32(b"h:")
_TAIL: Final = crc32(b"t:")
_OPTIONS: Final = re.compile(r"^[ \t]*\(?[A-D1-4][).]\s", re.MULTILINE)
_BULLETS: Final = re.compile(r"^[ \t]*[-*•]\s", re.MULTILINE)
_BLANK: Final = re.compile(r"_{2,}|\[(?:MASK|blank)\]", re.IGNORECASE)
_LATEX: Final = re.compile(r"\$[^$\n]{1,200}\$|\\(?:frac|sqrt|int|sum|begin)\b")
_QUOTED: Final = re.compile(r"[\"“„«][^\"”“»]{40,}[\"”“»]")


def blocks(reading: Reading) -> tuple[Sequence[int], ...]:
    """Indices into the weights, in [0, SIZE), one sequence per block. A block may be empty."""
    words = reading.words
    topic = words if len(words) <= _MAX_WORDS else (*words[: _MAX_WORDS - 60], *words[-60:])
    wish = [*_marked(_HEAD, words[:_HEAD_WORDS]), *_marked(_TAIL, words[-_TAIL_WORDS:]), *_beginning(words)]
    return _topic(topic), wish, _indices(_concepts(topic)), _indices(_shape(reading))


def _indices(names: Iterable[str]) -> list[int]:
    return [crc32(name.encode()) & _MASK for name in names]


# A checksum can be continued: that of "h:tell me" is that of "me" begun with that of "h:tell ". So no name of a word or
# a pair is ever put together.


def _topic(words: Sequence[str]) -> list[int]:
    """The words, stems and ends of long ones, and pairs."""
    encoded = [word.encode() for word in words]
    sums = [*map(crc32, encoded)]
    found = [value & _MASK for value in sums]
    for word in words:
        if len(word) > _STEM:
            found.append(crc32(word[:_STEM].encode(), _STEM_SUM) & _MASK)
            found.append(crc32(b"~", crc32(word[-4:].encode())) & _MASK)
    found.extend(crc32(right, crc32(b" ", left)) & _MASK for left, right in zip(sums, encoded[1:], strict=False))
    return found


def _marked(mark: int, words: Sequence[str]) -> list[int]:
    """The same for the words of one end of the text, behind the checksum of its mark, without the ends of words."""
    encoded = [word.encode() for word in words]
    sums = [crc32(word, mark) for word in encoded]
    found = [value & _MASK for value in sums]
    stem = crc32(b"~", mark)
    found.extend(crc32(word[:_STEM].encode(), stem) & _MASK for word in words if len(word) > _STEM)
    found.extend(crc32(right, crc32(b" ", left)) & _MASK for left, right in zip(sums, encoded[1:], strict=False))
    return found


def _beginning(words: Sequence[str]) -> list[int]:
    return _indices((f"0:{' '.join(words[:1])}", f"0:{' '.join(words[:2])}"))


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
