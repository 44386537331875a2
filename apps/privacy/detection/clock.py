"""The time that one text may cost."""

import time

REGEX_TIMEOUT_S = 1.0
"""The longest a single pattern may run. Presidio's default is 60 s, after which it skips the pattern in silence."""


class Clock:
    """A budget of CPU seconds of this thread. Passing it raises `TimeoutError`, which means: not classified.

    A thread cannot use more processor time than passes on the wall. So its own clock, a system call that costs forty
    times as much, is asked only when so much time has passed that the budget may be used up.
    """

    __slots__ = ("_ends", "_enough_until")

    def __init__(self, budget_s: float) -> None:
        self._ends = time.thread_time() + budget_s
        self._enough_until = time.monotonic() + budget_s - REGEX_TIMEOUT_S

    def step(self) -> float:
        """Seconds that the next pattern may run. Raises `TimeoutError` when the budget is used up."""
        if time.monotonic() < self._enough_until:
            return REGEX_TIMEOUT_S
        left = self._ends - time.thread_time()
        if left <= 0:
            raise TimeoutError("the time budget of the text is used up")
        self._enough_until = time.monotonic() + left - REGEX_TIMEOUT_S
        return min(left, REGEX_TIMEOUT_S)
