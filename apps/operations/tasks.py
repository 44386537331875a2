"""Periodic work over all companies; safe to run twice, and one company's trouble does not hold up the others."""

import structlog
from celery import shared_task
from django.db import DatabaseError, InterfaceError

from apps.audit import selectors as audit
from apps.core.bookmarks import Overtaken
from apps.domain.ids import INSTALLATION
from apps.operations.learning import reading

log = structlog.get_logger(__name__)


@shared_task(name="operations.learn", ignore_result=True)
def learn(**_: object) -> int:
    """Let every company's profiles learn from what happened since the last time; returns how many entries were read."""
    done = 0
    for tenant in audit.chains():
        if tenant == INSTALLATION:
            continue
        try:
            done += reading.read(tenant)
        except Overtaken:
            log.info("learning.overtaken", tenant=tenant)
        except (DatabaseError, InterfaceError) as error:
            log.error("learning.failed", tenant=tenant, error=type(error).__name__)
    return done
