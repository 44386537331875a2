"""The one clock. `OPENROUTE_CLOCK` shifts or fixes it, so that months and retention can be tried from outside."""

from datetime import UTC, datetime, timedelta

from django.conf import settings


def now() -> datetime:
    """The current time, aware UTC. With `OPENROUTE_CLOCK=+3600` shifted by seconds, with an ISO time fixed."""
    control = settings.OPENROUTE_CLOCK
    if not control:
        return datetime.now(UTC)
    if control[0] in "+-":
        return datetime.now(UTC) + timedelta(seconds=float(control))
    return datetime.fromisoformat(control).astimezone(UTC)
