"""Celery's beat on a clock that is set: intervals are counted as they pass, not as the wall clock says.

Celery compares wall times. A clock that is set back by a day would keep everything that happens at intervals from
happening for a day; one that is set forward would make everything happen at once.
"""

import time
from datetime import timedelta
from typing import Any, Final

import structlog
from celery.beat import Scheduler

log = structlog.get_logger(__name__)

TOLERANCE_S: Final = 1.0
"""A clock that is adjusted gently is followed; what is set by more is a jump."""


class SteadyScheduler(Scheduler):  # type: ignore[misc]  # Celery has no types
    """Celery's scheduler without memory, whose entries move with the wall clock when that jumps."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._ahead_s = _wall_ahead_s()
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; returns the seconds until the next entry is."""
        self._follow_the_clock()
        wait_s: float = super().tick(*args, **kwargs)
        return wait_s

    def _follow_the_clock(self) -> None:
        ahead_s = _wall_ahead_s()
        jump_s, self._ahead_s = ahead_s - self._ahead_s, ahead_s
        if abs(jump_s) < TOLERANCE_S:
            return
        log.warning("beat.clock_was_set", seconds=round(jump_s))
        for entry in self.schedule.values():
            entry.last_run_at += timedelta(seconds=jump_s)
        self._heap = None  # it is ordered by wall times; the next tick makes it anew


def _wall_ahead_s() -> float:
    return time.time() - time.monotonic()
