"""Which rows other sessions hold for long, and when to try them again: pure, the time is passed in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

Key = tuple[type[Model], Any]
"""A row by its model and primary key."""

FIRST_S = 0.05
LONGEST_S = 0.4
FORGET_S = 2.0
"""Nobody asked for the row any more: whoever wanted it has given up."""


@dataclass(frozen=True, slots=True)
class _Hold:
    wait_s: float
    again: float


class Holds:
    """Rows that could not be locked in time. What needs one of them waits aside, so that the rest need not.

    A try costs everybody up to the lock's time limit, so tries come at growing intervals, at most `LONGEST_S` apart.
    """

    def __init__(self) -> None:
        self._rows: dict[Key, _Hold] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def held(self, keys: Iterable[Key], now: float) -> float:
        """These rows are held at this moment; returns after how many seconds the last of them may be tried."""
        longest = 0.0
        for key in keys:
            known = self._rows.get(key)
            wait_s = min(2 * known.wait_s, LONGEST_S) if known else FIRST_S
            self._rows[key] = _Hold(wait_s, now + wait_s)
            longest = max(longest, wait_s)
        return longest

    def freed(self, keys: Iterable[Key]) -> None:
        """These rows were locked in time."""
        for key in keys:
            self._rows.pop(key, None)

    def wait_s(self, keys: Iterable[Key], now: float) -> float | None:
        """Seconds until what needs these rows may be tried; None where none of them is known to be held."""
        known = [self._rows[key].again for key in keys if key in self._rows]
        return max(0.0, max(known) - now) if known else None

    def forget_old(self, now: float) -> None:
        """Drop what was not asked for since it was due."""
        for key in [key for key, hold in self._rows.items() if now > hold.again + FORGET_S]:
            del self._rows[key]
