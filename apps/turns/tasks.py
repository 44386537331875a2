"""Celery's entries. Web processes sweep as well: nothing here is needed for a turn to reach its end."""

from celery import shared_task

from apps.core import clock
from apps.turns import sweeper


@shared_task(name="turns.sweep", ignore_result=True)
def sweep(**_: object) -> int:
    """Close the turns of dead processes; returns how many. A second run finds none."""
    return sweeper.sweep(now=clock.now())


@shared_task(name="turns.forget_old", ignore_result=True)
def forget_old(**_: object) -> int:
    """Delete journals and kept answers that nobody can ask for any more; returns how many rows."""
    return sweeper.forget_old(now=clock.now())
