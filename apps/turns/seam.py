"""Where one model goes on with what another one wrote: words that the second one repeats are dropped. Pure."""

from typing import Final

LONGEST: Final = 200
"""Code points at the end of what is there, of which a repetition is looked for."""
SHORTEST: Final = 12
"""A shorter repetition may be what the text says: "and so on, and so on"."""


def overlap(before: str, after: str) -> int:
    """How many code points at the beginning of `after` only repeat the end of `before`, word for word; 0 if none.

    What repeats a unit (a dashed line, "ha ha ha") tells no repetition from a continuation: nothing of it counts.
    """
    end = before[-LONGEST:]
    for length in range(min(len(end), len(after)), SHORTEST - 1, -1):
        if end.endswith(after[:length]) and not _is_pattern(after[:length]):
            return length
    return 0


def may_grow(before: str, after: str) -> bool:
    """Whether more text could make `after` repeat more of the end of `before` than it does, or enough of it."""
    end = before[-LONGEST:]
    shortest = max(len(after) + 1, SHORTEST)
    return any(end.startswith(after, len(end) - length) for length in range(shortest, len(end) + 1))


def _is_pattern(text: str) -> bool:
    return any(text[unit:] == text[:-unit] for unit in range(1, len(text) // 2 + 1))


class Seam:
    """The beginning of a continuation, held back for as long as it may be a repetition: `LONGEST` code points at most.

    Args:
        before: the text that is there.
    """

    __slots__ = ("_before", "_held", "is_decided")

    def __init__(self, before: str) -> None:
        self._before = before[-LONGEST:]
        self._held = ""
        self.is_decided = False

    def __repr__(self) -> str:
        return f"Seam({len(self._held)} held back)"

    def feed(self, piece: str) -> str:
        """The text that is new for certain."""
        if self.is_decided:
            return piece
        self._held += piece
        return "" if may_grow(self._before, self._held) else self.flush()

    def flush(self) -> str:
        """What was held back, without the repetition: no more text will come, or it is decided."""
        fresh, self._held, self.is_decided = self._held[overlap(self._before, self._held) :], "", True
        return fresh
