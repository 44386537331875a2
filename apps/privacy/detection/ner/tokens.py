"""A text as tokens, and each token as six hashed features. Nothing of a text is kept, and no vocabulary grows."""

from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex
from spacy.strings import hash_string  # type: ignore[attr-defined]  # it is there: compiled, and not in its stubs

from apps.privacy.detection import names

FORMAT: Final = 2
"""Of the features: an artefact fits the format that it was trained with and no other."""
COLUMNS: Final = 6
UNKNOWN: Final = "?"

_TOKEN = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)?|\p{N}+|[^\s\p{L}\p{N}]")
_POSSESSIVE: Final = ("'s", "’s")
_LONGEST: Final = 12
_SHORT: Final = 3
_SURE: Final = frozenset({"F", "L", "FL"})
"""On a list of names, and no ordinary word."""
_ENDS: Final = frozenset('.!?:;"“”„*#-•–>')
"""Behind these a capital means nothing."""
_DIGITS: Final = 6

Features = npt.NDArray[np.uint64]


class Token(NamedTuple):
    """A word, a number or a mark. `gap`: what stands before it, a new line (n), other white space (s), nothing (g)."""

    text: str
    start: int
    end: int
    gap: str


def tokens(text: str) -> list[Token]:
    """The tokens of a text, with code-point offsets."""
    found: list[Token] = []
    at = 0
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        between = text[at:start]
        gap = "n" if not found or "\n" in between else "s" if between else "g"
        found.append(Token(match[0], start, end, gap))
        at = end
    return found


def is_lower(found: Sequence[Token]) -> bool:
    """Whether a text has no capitals at all: then small letters say nothing."""
    return not any(token.text[0].isupper() for token in found)


def features(
    found: Sequence[Token], known: Container[int], hidden: Container[int] = (), *, lower: bool | None = None
) -> Features:
    """One row per token, `COLUMNS` hashes each: word, beginning, end, lists of names, length, shape.

    Args:
        known: hashes of the words that the model has met in ordinary sentences; all others are one unknown word.
        lower: `is_lower` of the whole text, where `found` is a part of it.
        hidden: places of tokens for which the lists of names are not asked: names that no list has, in training.
    """
    end = "l" if (is_lower(found) if lower is None else lower) else ""
    words: dict[tuple[str, bool], tuple[int, ...]] = {}  # most words of a text come more than once
    rows = []
    for place, token in enumerate(found):
        key = token.text, place in hidden
        word = words.get(key)
        if word is None:
            word = words[key] = _word_hashes(token.text, known, is_hidden=key[1])
        rows.append((*word, _hashed(f"s{token.gap}{_shape(token.text)}{end}")))
    return np.array(rows, dtype=np.uint64).reshape(len(found), COLUMNS)


def spots(found: Sequence[Token], known: Container[int]) -> list[int]:
    """Places where it is worth to look: a capital within a sentence, a listed name, a number beside a strange word.

    Most questions hold few of them, and then cost a tenth.
    """
    seen = []
    is_start = True
    for place, token in enumerate(found):
        text = token.text
        if text[0].isupper():
            is_spot = len(text) > 1 and (
                not is_start or _is_strange(text, known) or "F" in _lists(names.plain(text.lower()))
            )
        elif text[0].isdigit():
            beside = found[max(0, place - 1) : place + 2]
            is_spot = any(other.text[0].isalpha() and _is_strange(other.text, known) for other in beside)
        else:
            is_spot = len(text) > _SHORT and _lists(text) in _SURE and _is_strange(text, known)
        if is_spot:
            seen.append(place)
        is_start = token.gap == "n" or text in _ENDS
    return seen


def _is_strange(word: str, known: Container[int]) -> bool:
    return word_hash(word) not in known


def word_hash(word: str) -> int:
    """The name of a word in `known`; letters without accents and capitals."""
    return int(hash_string(names.plain(word.lower())))


def _word_hashes(word: str, known: Container[int], *, is_hidden: bool) -> tuple[int, ...]:
    """Of all features but the shape, which depends on what stands before the word."""
    plain = names.plain(word.lower()) or UNKNOWN
    bare = plain.removesuffix(_POSSESSIVE[0]).removesuffix(_POSSESSIVE[1])
    return (
        hash_string(f"w{_word(plain, known)}"),
        hash_string(f"b{bare[:3]}"),
        hash_string(f"e{bare[-3:]}"),
        _hashed("l" + ("" if is_hidden else _lists(bare))),
        _hashed(("n's" if bare != plain else "n") + f"{min(len(bare), _LONGEST)}"),
    )


@lru_cache(maxsize=1024)
def _hashed(value: str) -> int:
    """Of what has few values: nothing of what people write is remembered here but marks."""
    return int(hash_string(value))


def _word(plain: str, known: Container[int]) -> str:
    if plain[0].isdigit():
        return "0" * min(len(plain), _DIGITS)
    return plain if not plain[0].isalpha() or int(hash_string(plain)) in known else UNKNOWN


def _shape(word: str) -> str:
    if word[0].isdigit():
        return f"d{min(len(word), _DIGITS)}"
    if not word[0].isalpha():
        return word
    if word.islower():
        return "x"
    if word.isupper():
        return "X" if len(word) == 1 else "XX"
    return "Xx" if word[0].isupper() and word[1:].islower() else "xX"


def _lists(word: str) -> str:
    """Whether it is a first name (F), a last name (L), an ordinary word as well (A)."""
    in_first, in_last, is_word = word in names.first(), word in names.last(), word in names.ambiguous()
    return ("F" if in_first else "") + ("L" if in_last else "") + ("A" if is_word else "")
