"""Which processes live. Each says so every `HEARTBEAT_S`; who is silent for `OWNER_STALE_S` is dead.

No clock of one machine is compared with that of another, nor with itself before it was set: a heartbeat is a value that
changes, and how long it did not is counted by the watching process, in monotonic time. A wall clock that jumps, on
whichever machine, makes nobody dead and keeps nobody alive.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from apps.core import db
from apps.core.models import Process
from apps.domain.limits import HEARTBEAT_S, OWNER_STALE_S

LONGEST_STEP_S: Final = 2 * HEARTBEAT_S
"""What one look adds to a silence at most: a watcher that was frozen itself has not listened meanwhile."""
PATIENCE: Final = 6
"""Sweeps that are left out in a row because somebody else sweeps."""
_TICK: Final = timedelta(microseconds=1)


def beat_heart(*, boot_id: UUID, kind: str, now: datetime) -> None:
    """Say that this process lives. The value always grows, also when the clock stands still or was set back."""
    with db.atomic():
        mine = Process.objects.filter(boot_id=boot_id)
        last = mine.values_list("heartbeat_at", flat=True).first()
        if last is None:
            Process.objects.create(boot_id=boot_id, kind=kind, started_at=now, heartbeat_at=now)
        else:
            mine.update(heartbeat_at=max(now, last + _TICK))


def end_process(*, boot_id: UUID) -> None:
    """This process ends in order; whatever it still owns may be swept at once."""
    with db.atomic():
        Process.objects.filter(boot_id=boot_id).delete()


@dataclass(slots=True)
class _Heard:
    heartbeat: datetime
    silent_s: float = 0.0


class OwnerWatch:
    """What this process has heard of all others. `clock` gives monotonic seconds. Any thread may look."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[UUID, _Heard] = {}
        self._looked_at: float | None = None
        self._left_out = 0
        self._lock = threading.Lock()

    def dead(self) -> frozenset[UUID]:
        """Read all heartbeats; returns whose has not changed for `OWNER_STALE_S` of looking."""
        with self._lock:
            began = self._clock()
            found = dict(Process.objects.values_list("boot_id", "heartbeat_at"))
            last, self._looked_at = self._looked_at, began
            step_s = 0.0 if last is None else min(began - last, LONGEST_STEP_S)
            self._heard = {boot_id: self._listen(boot_id, beat, step_s) for boot_id, beat in found.items()}
            return frozenset(boot_id for boot_id, heard in self._heard.items() if heard.silent_s >= OWNER_STALE_S)

    def forget(self) -> None:
        """The database was away, and nobody could say that they live: everybody gets their time anew."""
        with self._lock:
            self._heard.clear()
            self._looked_at = None

    def may_sweep(self, *, alone: bool) -> bool:
        """Whether to sweep now. `alone`: nobody else does.

        That spares double work, no more: a turn is closed once whoever comes. So nobody waits for ever for a process
        that was frozen in its sweep, or whose machine lost its power and left the database waiting for it.
        """
        with self._lock:
            self._left_out = 0 if alone or self._left_out >= PATIENCE else self._left_out + 1
            return self._left_out == 0

    def _listen(self, boot_id: UUID, heartbeat: datetime, step_s: float) -> _Heard:
        known = self._heard.get(boot_id)
        if known is None or known.heartbeat != heartbeat:
            return _Heard(heartbeat)
        return _Heard(heartbeat, known.silent_s + step_s)


OWNERS: Final = OwnerWatch()
"""Of this process."""
