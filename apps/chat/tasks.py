"""Periodic work of the chat; safe to run twice."""

from celery import shared_task

from apps.chat import drafts, exceptions
from apps.core import clock
from apps.core.tenancy import all_tenants


@shared_task(name="chat.forget_old_drafts", ignore_result=True)
def forget_old_drafts(**_: object) -> int:
    """Remove what was typed, never sent, and not touched for 90 days; daily. Returns how many rows went."""
    with all_tenants():
        return drafts.forget_old(now=clock.now())


@shared_task(name="chat.end_exceptions", ignore_result=True)
def end_exceptions(**_: object) -> int:
    """Put exceptions whose time is over on record, and bring the labels back. Returns how many."""
    return exceptions.end_due(at=clock.now())
