"""Periodic work of identity; safe to run twice."""

from celery import shared_task

from apps.core import clock
from apps.identity import services


@shared_task(acks_late=True)
def remove_dead_sessions(**_: object) -> int:
    """Remove rows of sessions that can never count again; daily. Returns how many went."""
    return services.remove_dead_sessions(at=clock.now())
