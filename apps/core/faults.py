"""Faults on demand, so that a failing detector or audit trail can be tried from outside. Refused in production."""

from django.conf import settings


def active(part: str) -> str:
    """The fault that `OPENROUTE_FAULTS` (`detector:raise,writer:slow`) names for this part, or an empty string."""
    faults: dict[str, str] = settings.OPENROUTE_FAULTS
    return faults.get(part, "")
