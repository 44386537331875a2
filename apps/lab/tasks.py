"""Periodic work of the lab; safe to run twice. What works through a run is a job (see `runner`)."""

from datetime import timedelta

from celery import shared_task

from apps.core import clock, db
from apps.core.tenancy import use_tenant
from apps.lab import canaries, runs
from apps.lab.models import Run
from apps.policies import selectors as policies
from apps.tenants import selectors as tenants


@shared_task(name="lab.start_canaries", ignore_result=True)
def start_canaries(**_: object) -> int:
    """Begin the runs of schedules that are due. Returns how many."""
    return canaries.start_due(now=clock.now())


@shared_task(name="lab.end_given_up", ignore_result=True)
def end_given_up(**_: object) -> int:
    """End runs whose job was given up: they have failed, and may be set going again. Returns how many."""
    return runs.end_given_up(at=clock.now())


@shared_task(name="lab.forget_old", ignore_result=True)
def forget_old(**_: object) -> int:
    """Remove runs with their answers once they are older than the company keeps content; daily. Returns how many."""
    at, removed = clock.now(), 0
    for tenant in tenants.tenants():
        with use_tenant(tenant.id), db.atomic():
            oldest = at - timedelta(days=policies.current(tenant.id).retention_days)
            old = Run.objects.for_tenant(tenant.id).filter(created_at__lt=oldest).exclude(state__in=runs.GOING)
            removed += old.delete()[1].get("lab.Run", 0)
    return removed
