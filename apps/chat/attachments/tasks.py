"""Celery's entry. Daily work is a job: it is made up for after an outage."""

from celery import shared_task

from apps.chat.attachments import services
from apps.core import clock


@shared_task(name="chat.remove_unsent_attachments", ignore_result=True)
def remove_unsent(**_: object) -> int:
    """Remove files that nobody sent within a day; returns how many. A second run finds none."""
    return services.remove_unsent(before=services.unsent_until(clock.now()))
