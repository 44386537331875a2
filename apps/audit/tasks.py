"""Periodic work on the trail. Safe to run twice, and one tenant's trouble does not keep the others from their turn."""

import structlog
from celery import shared_task
from django.db import DatabaseError, InterfaceError

from apps.audit import selectors, services
from apps.audit.verification import ChainBroken
from apps.core import clock

log = structlog.get_logger(__name__)

CHECKPOINT_EVERY_S = 300
VERIFY_EVERY_S = 24 * 3600


@shared_task(acks_late=True)
def checkpoint_all(**_: object) -> int:
    """Sign the end of every chain that grew; every five minutes. Returns how many checkpoints were made."""
    made = 0
    for tenant in selectors.chains():
        try:
            made += services.checkpoint(tenant, at=clock.now())
        except ChainBroken:
            continue  # the alarm was raised where it was found
        except (DatabaseError, InterfaceError) as error:
            log.error("audit.checkpoint_failed", tenant=tenant, error=type(error).__name__)
    return made


@shared_task(acks_late=True)
def verify_all(**_: object) -> int:
    """Verify every chain; daily. Returns how many were not intact; each of them raises the alarm."""
    broken = 0
    for tenant in selectors.chains():
        try:
            broken += not services.verify(tenant=tenant, actor="system", at=clock.now()).intact
        except (DatabaseError, InterfaceError) as error:
            broken += 1
            log.error("audit.verification_failed", tenant=tenant, error=type(error).__name__)
    return broken
