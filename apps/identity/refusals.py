"""Refusals on record: the first of a kind at once, the same ones of the next minute as one entry with a count (P24)."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.audit import services as audit
from apps.core import db
from apps.domain.ids import TenantId

WINDOW: Final = timedelta(minutes=1)
_MAX_OPEN: Final = 10_000
"""Different refusals of one minute that are held in memory; more are written one by one."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused to whom. `reason` is a short enumeration such as the name of an operation."""

    tenant: TenantId
    kind: str
    actor: str
    subject: str
    reason: str


@dataclass(slots=True)
class _Window:
    since: datetime
    more: int = 0


class Ledger:
    """The refusals of the last minute in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Refusal, _Window] = {}

    def note(self, refusal: Refusal, at: datetime) -> bool:
        """Whether it is to be written now; otherwise it is counted."""
        with self._lock:
            window = self._open.get(refusal)
            if window is None:
                if len(self._open) < _MAX_OPEN:
                    self._open[refusal] = _Window(at)
                return True
            window.more += 1
            return False

    def due(self, at: datetime, *, everything: bool = False) -> dict[Refusal, int]:
        """Close the windows that are a minute old, or all; those that counted something are returned with their count.

        One that was opened a minute in the future is over as well: the clock was set back.
        """
        with self._lock:
            over = {
                refusal: window
                for refusal, window in self._open.items()
                if everything or abs(at - window.since) >= WINDOW
            }
            for refusal in over:
                del self._open[refusal]
        return {refusal: window.more for refusal, window in over.items() if window.more}


_ledger = Ledger()


def record(refusal: Refusal, *, at: datetime) -> None:
    """Put a refusal on record, now or as part of a count within about a minute."""
    flush(at=at)
    if _ledger.note(refusal, at):
        _write({refusal: 1}, at)


def flush(*, at: datetime, everything: bool = False) -> None:
    """Write the counts of the windows that are over; called at each refusal and by the nightly and periodic work.

    `everything`: of all windows, when the process ends.
    """
    due = _ledger.due(at, everything=everything)
    if due:
        _write(due, at)


def _write(counts: dict[Refusal, int], at: datetime) -> None:
    with db.atomic():
        for refusal, count in counts.items():
            body = {"reason": refusal.reason, "count": count}
            audit.append(
                tenant=refusal.tenant,
                kind=refusal.kind,
                actor=refusal.actor,
                subject=refusal.subject,
                body=body,
                at=at,
            )
