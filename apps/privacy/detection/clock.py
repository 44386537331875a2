"""The time that one text may cost."""

import time

REGEX_TIMEOUT_S = 1.0
"""The longest a single pattern may run. Presidio's default is 60 s, after which it skips the pattern in silence."""


class Clock:
    """A budget of CPU seconds of this thread. Passing it raises `TimeoutError`, which means: not classified."""

    __slots__ = ("_ends",)

    def __init__(self, budget_s: float) -> None:
        self._ends = time.thread_time() + budget_s

    def step(self) -> float:
        """Seconds that the next pattern may run. Raises `TimeoutError` when the budget is used up."""
        left = self._ends - time.thread_time()
        if left <= 0:
            raise TimeoutError("the time budget of the text is used up")
        return min(left, REGEX_TIMEOUT_S)
