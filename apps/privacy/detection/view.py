"""A view is a rewritten form of a text that knows, for each of its code points, where it came from."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Edit = tuple[int, int, str]
"""Start, end and replacement, in code points of the parent view. Edits of one rewrite are sorted and do not overlap."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the view. A `literal` one maps point to point, a replaced one maps as a whole."""

    at: int
    start: int
    end: int
    literal: bool


class View:
    """A text, and the way back from its offsets to those of the original text."""

    __slots__ = ("_ats", "_parent", "_pieces", "text")

    def __init__(self, text: str, parent: "View | None" = None, pieces: Sequence[_Piece] = ()) -> None:
        self.text = text
        self._parent = parent
        self._pieces = tuple(pieces)
        self._ats = [piece.at for piece in self._pieces]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text from which `[start, end)` of this view was made."""
        if self._parent is None:
            return start, end
        first = self._pieces[bisect_right(self._ats, start) - 1]
        last = self._pieces[bisect_right(self._ats, max(start, end - 1)) - 1]
        begins = first.start + (start - first.at) if first.literal else first.start
        ends = last.start + (end - last.at) if last.literal else last.end
        return self._parent.origin(begins, max(begins, ends))


def rewrite(parent: View, edits: Sequence[Edit], *, margin: int | None = None) -> View:
    """The parent's text with each edit applied.

    Args:
        margin: None keeps everything. A number keeps only so many code points on each side of an edit, so that looking
            at a long text again costs as much as what was changed in it; the stretches are parted by blank lines.
    """
    chunks: list[str] = []
    pieces: list[_Piece] = []
    at = 0

    def put(text: str, start: int, end: int, *, literal: bool) -> None:
        nonlocal at
        if text:
            pieces.append(_Piece(at, start, end, literal))
            chunks.append(text)
            at += len(text)

    for begin, stop, inner in _stretches(parent.text, edits, margin):
        if pieces:
            put("\n\n", begin, begin, literal=False)
        reached = begin
        for start, end, replacement in inner:
            put(parent.text[reached:start], reached, start, literal=True)
            put(replacement, start, end, literal=False)
            reached = end
        put(parent.text[reached:stop], reached, stop, literal=True)
    return View("".join(chunks), parent, pieces or (_Piece(0, 0, 0, True),))


def _stretches(text: str, edits: Sequence[Edit], margin: int | None) -> Iterator[tuple[int, int, Sequence[Edit]]]:
    """Group edits whose margins touch: begin, stop, and the edits between."""
    if margin is None or not edits:
        yield 0, len(text), edits
        return
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(edits), 1) if b[0] - a[1] > 2 * margin), len(edits)]
    for first, past in pairwise(cuts):
        inner = edits[first:past]
        yield max(0, inner[0][0] - margin), min(len(text), inner[-1][1] + margin), inner
