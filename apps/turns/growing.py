"""The text of a running answer: a thousand of them grow at once, a few code points at a time."""

from typing import Final

FOLD_AT: Final = 32
"""Pieces that are kept apart before they are joined: a piece of five letters takes 54 bytes, and its place 8 more."""


class GrowingText:
    """A text that is appended to and read from its end: what a reader lacks is mostly the newest piece.

    Appending and reading the newest piece take constant time. Offsets and lengths are in code points.
    """

    __slots__ = ("_blocks", "_pieces", "length")

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._pieces: list[str] = []
        self.length = 0

    def append(self, piece: str) -> None:
        """Add text at the end."""
        self._pieces.append(piece)
        self.length += len(piece)
        if len(self._pieces) >= FOLD_AT:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()

    def since(self, at: int) -> str:
        """The text from this offset on; empty at the end and behind it."""
        missing = self.length - at
        if missing <= 0:
            return ""
        if self._pieces and len(self._pieces[-1]) == missing:
            return self._pieces[-1]
        return self._joined(missing)[-missing:]

    def _joined(self, missing: int) -> str:
        """The end of the text, at least so many code points of it."""
        found: list[str] = []
        for pieces in (self._pieces, self._blocks):
            for piece in reversed(pieces):
                if missing <= 0:
                    break
                found.append(piece)
                missing -= len(piece)
        return "".join(reversed(found))

    def clear(self) -> None:
        """Forget everything."""
        self._blocks, self._pieces, self.length = [], [], 0

    def __str__(self) -> str:
        return "".join((*self._blocks, *self._pieces))
