"""A text as tokens, and each token as six hashed features. Nothing of a text is kept, and no vocabulary grows."""

from collections.abc import Container, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex
from spacy.strings import hash_string  # type: ignore[attr-defined]  # it is there: compiled, and not in its stubs

from apps.privacy.detection import names

FORMAT: Final = 1
"""Of the features: an artefact fits the format that it was trained with and no other."""
COLUMNS: Final = 6
UNKNOWN: Final = "?"

_TOKEN = regex.compile(r"[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)?|\p{N}+|[^\s\p{L}\p{N}]")
_POSSESSIVE: Final = ("'s", "’s")
_LONGEST: Final = 12
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


def features(found: Sequence[Token], known: Container[int], hidden: Container[int] = ()) -> Features:
    """One row per token, `COLUMNS` hashes each: word, beginning, end, shape, lists of names, length.

    Args:
        known: hashes of the words that the model has met in ordinary sentences; all others are one unknown word.
        hidden: places of tokens for which the lists of names are not asked: names that no list has, in training.
    """
    lower = not any(token.text[0].isupper() for token in found)
    rows = np.empty((len(found), COLUMNS), dtype=np.uint64)
    for place, token in enumerate(found):
        rows[place] = [
            hash_string(f"{column}{value}")
            for column, value in enumerate(_columns(token, known, is_hidden=place in hidden, lower=lower))
        ]
    return rows


def word_hash(word: str) -> int:
    """The name of a word in `known`; letters without accents and capitals."""
    return int(hash_string(names.plain(word.lower())))


def _columns(token: Token, known: Container[int], *, is_hidden: bool, lower: bool) -> tuple[str, ...]:
    plain = names.plain(token.text.lower()) or UNKNOWN
    bare = plain.removesuffix(_POSSESSIVE[0]).removesuffix(_POSSESSIVE[1])
    return (
        _word(plain, known),
        bare[:3],
        bare[-3:],
        token.gap + _shape(token.text) + ("l" if lower else ""),
        "" if is_hidden else _lists(bare),
        ("'s" if bare != plain else "") + str(min(len(bare), _LONGEST)),
    )


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
