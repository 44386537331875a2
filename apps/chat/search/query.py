"""What people type: words and "phrases", of which all must be there, the last word perhaps only begun. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apps.chat.search import folding
from apps.chat.search.folding import Place

MIN_PREFIX: Final = 2
"""Letters from which on the last word may be a beginning; one letter begins half of all words."""
# Straight, English, German and French marks; a mark that is not closed holds to the end.
_PARTS: Final = re.compile('["“”„«»]([^"“”„«»]*)(?:["“”„«»]|$)|([^\\s"“”„«»]+)')


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words that follow one another. `is_begun`: the last of them may be the beginning of a word."""

    words: tuple[str, ...]
    is_begun: bool = False


Query = tuple[Phrase, ...]
"""All of them must be there. Empty: nothing was asked for that a text could contain."""


def parse(text: str) -> Query:
    """The phrases in what was typed, each once. "e-mail" is a phrase of two words, as it is in a text."""
    parts = [(quoted or word, bool(word)) for quoted, word in _PARTS.findall(text)]
    found = (
        _phrase(folding.words(part), is_open=is_word and place == len(parts) - 1)
        for place, (part, is_word) in enumerate(parts)
    )
    return tuple(dict.fromkeys(phrase for phrase in found if phrase.words))


def _phrase(words: Sequence[str], *, is_open: bool) -> Phrase:
    if not words:
        return Phrase(())
    last = words[-1]
    if len(last) == 1 and folding.is_unspaced(last):
        before = words[-2] if len(words) > 1 else ""
        if len(before) == 2 and folding.is_unspaced(before) and before[1] == last:
            return Phrase(tuple(words[:-1]))  # the pair before it holds the last character already
        return Phrase(tuple(words), is_begun=True)  # within a longer text it begins a pair
    return Phrase(tuple(words), is_begun=is_open and len(last) >= MIN_PREFIX)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text as it was written; `marks` are (start, end) of what was found, in code points of `text`."""

    text: str
    marks: tuple[tuple[int, int], ...]


SNIPPET: Final = 160
_BEFORE: Final = 48
_AT_ONCE: Final = 1_200
_OVERLAP: Final = 400
_NEAR: Final = 20


def matches(query: Query, stored: str) -> bool:
    """Whether folded words, as the index keeps them, contain every phrase."""
    text = f" {stored} "
    return all(f" {' '.join(phrase.words)}{'' if phrase.is_begun else ' '}" in text for phrase in query)


def snippet(query: Query, text: str) -> Snippet:
    """At most `SNIPPET` code points of the text around the first phrase that is found in it."""
    for start in range(0, max(len(text), 1), _AT_ONCE - _OVERLAP):
        piece = text[start : start + _AT_ONCE]
        folded = folding.fold(piece)
        if not any(phrase.words[0] in folded for phrase in query):  # cheap; the places cost ten times as much
            continue
        first = next(iter(sorted(_hits(query, folding.places(piece)))), None)
        if first is not None:
            return _around(query, text, start + first[0])
    return Snippet(text[:SNIPPET], ())


def _around(query: Query, text: str, hit: int) -> Snippet:
    start = max(0, hit - _BEFORE)
    if start:  # rather between words
        gap = text.find(" ", start, min(start + _NEAR, hit))
        start = start if gap < 0 else gap + 1
    shown = text[start : start + SNIPPET]
    return Snippet(shown, tuple(_joined(sorted(_hits(query, folding.places(shown))))))


def _hits(query: Query, places: Sequence[Place]) -> Iterator[tuple[int, int]]:
    for phrase in query:
        length = len(phrase.words)
        for at in range(len(places) - length + 1):
            if places[at].word == phrase.words[0] or (length == 1 and phrase.is_begun):
                found = places[at : at + length]
                if _is_there(phrase, [place.word for place in found]):
                    yield found[0].start, _end(phrase, found[-1])


def _is_there(phrase: Phrase, words: Sequence[str]) -> bool:
    *middle, last = phrase.words
    fits = words[-1].startswith(last) if phrase.is_begun else words[-1] == last
    return fits and list(words[:-1]) == middle


def _end(phrase: Phrase, last: Place) -> int:
    """One character of a script without spaces is found as the beginning of a pair: the other half is not marked."""
    wanted = phrase.words[-1]
    return last.first if len(wanted) == 1 and folding.is_unspaced(wanted) else last.end


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Sorted spans without overlaps."""
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start <= current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current
