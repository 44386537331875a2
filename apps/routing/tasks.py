"""Celery's entries. Figures reach the processes without them too, only later (see `telling`)."""

from celery import shared_task

from apps.core import clock
from apps.routing import observing, telling


@shared_task(name="routing.tell", ignore_result=True)
def tell(**_: object) -> int:
    """Let processes load figures that changed; returns of how many companies. A second run finds none."""
    return telling.tell(now=clock.now())


@shared_task(name="routing.forget_old", ignore_result=True)
def forget_old(**_: object) -> int:
    """Delete outcomes that no figure rests on any more, and days that no chart shows; returns how many rows."""
    return observing.forget_old(now=clock.now())
