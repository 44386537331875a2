"""Celery's entries. Daily work is a job: it is made up for after an outage."""

from datetime import timedelta

from celery import shared_task

from apps.core import clock
from apps.privacy import services

KEPT_FOR = timedelta(days=30)
"""A verdict that nobody needed for so long costs one scan to have again."""


@shared_task(name="privacy.expire_verdicts", ignore_result=True)
def expire_verdicts(**_: object) -> int:
    """Delete old stored verdicts; returns how many. A second run finds none."""
    return services.expire_verdicts(before=clock.now() - KEPT_FOR)
