"""The one clock. `OPENROUTE_CLOCK` shifts or fixes it, so that months and retention can be tried from outside.

Whatever must be right when the wall clock is set (leases of living processes, freshness, intervals) does not count by
it: it compares what it saw with `time.monotonic`.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The current time, aware UTC. With `OPENROUTE_CLOCK=+3600` shifted by seconds, with an ISO time fixed.

    With `OPENROUTE_CLOCK=@FILE` the file says so, and may say something else later: a clock that jumps.
    """
    control = settings.OPENROUTE_CLOCK
    if control[:1] == "@":
        control = Path(control[1:]).read_text().strip()
    if not control:
        return datetime.now(UTC)
    if control[0] in "+-":
        return datetime.now(UTC) + timedelta(seconds=float(control))
    return datetime.fromisoformat(control).astimezone(UTC)
