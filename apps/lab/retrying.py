"""What may be asked again: a failure that cost nothing, for a cause that may have passed, a few times."""

from datetime import timedelta
from typing import Final

from django.db.models import Q

from apps.lab.models import RunAnswer

TRIES: Final = 3
WAIT: Final = timedelta(seconds=20)
"""Before the next try."""
TRANSIENT: Final = frozenset({"provider_unavailable", "rate_limited", "overloaded", "interrupted", "internal_error"})

State = RunAnswer.State


def in_vain() -> Q:
    """Rows that have failed and may be asked again."""
    return Q(state=State.FAILED, cost=0, code__in=TRANSIENT, tries__lt=TRIES)


def askable() -> Q:
    """Rows that were never asked, or in vain."""
    return Q(state=State.WAITING) | in_vain()


def is_in_vain(row: RunAnswer) -> bool:
    """`in_vain` of a row that was read."""
    return bool(row.state == State.FAILED and row.cost == 0 and row.code in TRANSIENT and row.tries < TRIES)
