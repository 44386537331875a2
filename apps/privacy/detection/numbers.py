"""Digit clusters: numbers as people write them, with their groups."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from apps.privacy.detection.clock import Clock

_CLUSTER = regex.compile(r"(?<![A-Za-z0-9.])(?<![A-Za-z0-9]-)[+(]{0,2}\d++(?:[ \t.,/_()\n\r*|:;~\"'\[\]-]{1,3}+\d++)*+")
_GROUP = regex.compile(r"\d+")
_BREAKS = frozenset("\n\r\t,|:;*~\"'[]")


@dataclass(frozen=True, slots=True)
class Number:
    """A cluster of digit groups. `digits` are its digits alone, `spans` the groups' offsets in the text."""

    start: int
    end: int
    text: str
    digits: str
    spans: tuple[tuple[int, int], ...]

    @property
    def groups(self) -> tuple[int, ...]:
        """The lengths of the groups."""
        return tuple(end - start for start, end in self.spans)

    def part(self, first: int, last: int) -> "Number":
        """The groups `first` to `last`, both included, as a number of their own."""
        start, end = self.spans[first][0], self.spans[last][1]
        if first == 0:
            start = self.start
        text = self.text[start - self.start : end - self.start]
        spans = self.spans[first : last + 1]
        digits = "".join(self.text[a - self.start : b - self.start] for a, b in spans)
        return Number(start, end, text, digits, spans)


def numbers(text: str, clock: Clock) -> Iterator[Number]:
    """Every digit cluster of at least four digits. A letter that touches it makes it part of a word: not a number."""
    for match in _CLUSTER.finditer(text, timeout=clock.step()):
        start, found = match.start(), match[0]
        spans = tuple((start + m.start(), start + m.end()) for m in _GROUP.finditer(found))
        digits = "".join(text[a:b] for a, b in spans)
        if len(digits) >= 4:
            yield Number(start, match.end(), found, digits, spans)


def lines(number: Number) -> Iterator[Number]:
    """The number cut at line breaks, commas and the like: telephone numbers and identifiers do not run over them."""
    if _BREAKS.isdisjoint(number.text):
        yield number
        return
    first = 0
    for index in range(1, len(number.spans) + 1):
        last_one = index == len(number.spans)
        between = ""
        if not last_one:
            between = number.text[number.spans[index - 1][1] - number.start : number.spans[index][0] - number.start]
        if last_one or not _BREAKS.isdisjoint(between):
            yield number.part(first, index - 1)
            first = index
