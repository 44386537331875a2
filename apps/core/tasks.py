"""Celery's entry to the jobs: beat sends one wake-up every few seconds, `jobs.wake` sends one when something is new."""

import os
import socket

from celery import shared_task

from apps.core import clock, jobs


@shared_task(ignore_result=True)
def run_due_jobs(**_: object) -> int:
    """Run what is due; a second run at the same time takes other jobs. Returns how many were run."""
    return jobs.run_due(jobs.handlers(), worker=f"{socket.gethostname()}:{os.getpid()}")


@shared_task(ignore_result=True)
def plan_day(**_: object) -> None:
    """Enqueue what happens once a day; asking again on the same day changes nothing."""
    jobs.enqueue_daily(now=clock.now())
