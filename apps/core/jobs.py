"""Background work that takes effect once. The row is the queue and the lease; a Celery message only wakes a worker.

A handler is a function that takes a `Running` and may be run again at any time: after a failure, or after its process
was killed and the lease ran out. It writes its effect in one transaction together with `finish`, or makes the effect
idempotent; work that may last longer than `LEASE` reports `progress`, which renews the lease and keeps a checkpoint to
go on from.
"""

import atexit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from time import monotonic
from types import TracebackType
from typing import Any, Final
from uuid import UUID

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from apps.core import clock, db, metrics
from apps.core.models import Job
from apps.core.tenancy import use_tenant
from apps.core.waking import Waker
from apps.domain.errors import OpenRouteError
from apps.domain.ids import INSTALLATION, TenantId

log = structlog.get_logger(__name__)

LEASE: Final = timedelta(seconds=60)
MAX_TRIES: Final = 8
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
SKEW: Final = timedelta(minutes=5)
"""What is further in the future than any worker would have written it, by more than this, is due: the clock was set
back since. Until then jobs wait, at most so long, for the clock to come by again."""


class LeaseLost(OpenRouteError):
    """The lease ran out and another worker has the job: this run must stop and must not write any more."""

    code, status = "lease_lost", 409


@dataclass(slots=True)
class Running:
    """A claimed job, as its handler sees it. `payload` is what was asked for plus the last checkpoint."""

    id: UUID
    tenant: TenantId
    kind: str
    subject: str
    payload: dict[str, Any]
    tries: int
    finished: bool = False
    lease_until: datetime | None = None
    """Until when it is this run's; with `tries` it tells one run of a job from another."""

    def progress(self, fraction: float, *, now: datetime, **checkpoint: Any) -> None:
        """Keep a checkpoint and renew the lease.

        Args:
            fraction: how much is done, in [0, 1].
            now: the current time; the lease runs `LEASE` from here.
            checkpoint: merged into `payload`, so that the next run can go on from here.

        Raises:
            LeaseLost: somebody else runs this job by now.
        """
        self.payload |= checkpoint
        self._change(progress=fraction, payload=self.payload, lease_until=now + LEASE)
        self.lease_until = now + LEASE

    def put_off(self, *, until: datetime) -> None:
        """Go on later, by the handler's own wish: not a failure, so tries count anew. Raises `LeaseLost`."""
        later: dict[str, Any] = {"state": Job.State.WAITING, "due_at": until, "lease_until": None}
        self._change(**later, tries=0, payload=self.payload, error="")
        self.finished = True

    def finish(self) -> None:
        """Mark as done. Called inside the transaction of the effect, both happen or none. Raises `LeaseLost`."""
        self._change(state=Job.State.DONE, progress=1.0, lease_until=None, error="")
        self.finished = True

    def _change(self, **changes: Any) -> None:
        """Change the row while this run owns it: an older run finds another lease there, or none."""
        with db.atomic():
            if not self.mine().update(**changes):
                raise LeaseLost(f"Job {self.id} was taken over by another worker.")

    def mine(self) -> QuerySet[Job]:
        """The row, if it is still this run's. `tries` alone would not tell: asked for anew, a job counts from 0."""
        return Job.objects.filter(id=self.id, state=Job.State.RUNNING, tries=self.tries, lease_until=self.lease_until)


Handler = Callable[[Running], None]


def enqueue(
    *, tenant: TenantId, kind: str, subject: str, payload: Mapping[str, Any] | None = None, due_at: datetime
) -> UUID:
    """Ask for a job once, inside the caller's transaction. Asking again changes nothing; a failed job gets new tries.

    Args:
        kind: a key of `settings.OPENROUTE_JOBS`.
        subject: what the job is about; what happens every day carries the date.
    """
    with db.atomic():
        job, created = Job.objects.get_or_create(
            tenant_id=tenant,
            kind=kind,
            subject=subject,
            defaults={"payload": dict(payload or {}), "due_at": due_at, "created_at": clock.now()},
        )
        if not created:
            failed = Job.objects.filter(id=job.id, state=Job.State.FAILED)
            failed.update(state=Job.State.WAITING, tries=0, due_at=due_at, error="")
        transaction.on_commit(wake)
    return job.id


def has_failed(*, tenant: TenantId, kind: str, subject: str) -> bool:
    """Whether a job was given up after all of its tries."""
    return Job.objects.filter(tenant_id=tenant, kind=kind, subject=subject, state=Job.State.FAILED).exists()


DAILY: Final = "core.daily"


def enqueue_daily(*, now: datetime) -> None:
    """Ask once a day (UTC) for each of `settings.OPENROUTE_DAILY`; after an outage, as soon as a worker runs."""
    for name in settings.OPENROUTE_DAILY:
        enqueue(tenant=INSTALLATION, kind=DAILY, subject=f"{name} {now:%Y-%m-%d}", due_at=now)


def run_daily(running: Running) -> None:
    """Handler of `core.daily`: call what the settings name. It must be safe to run twice."""
    name = running.subject.partition(" ")[0]
    import_string(settings.OPENROUTE_DAILY[name])()


@lru_cache(maxsize=1)
def handlers() -> Mapping[str, Handler]:
    """Kind -> handler, from the dotted names in settings."""
    return {kind: import_string(name) for kind, name in settings.OPENROUTE_JOBS.items()}


def run_due(
    registry: Mapping[str, Handler],
    *,
    worker: str,
    now: Callable[[], datetime] = clock.now,
    stop_after: int = 100,
    only: UUID | None = None,
) -> int:
    """Claim and run jobs that are due, one after the other, until none is left or `stop_after` were run.

    A failure that the house expects (`OpenRouteError`) is put off and the next job runs. Any other is put off just the
    same, so that it cannot block the queue, and then rises to whoever watches the worker.

    Args:
        registry: the kinds that this worker knows; jobs of newer kinds stay for newer workers.
        worker: a name for the log.
        only: this one job, for a command that does its work itself beside the workers.

    Returns:
        How many jobs were run.
    """
    _give_up_lost(now())
    for done in range(stop_after):
        running = _claim(registry, now(), only)
        if running is None:
            return done
        log.info("job.started", job=str(running.id), kind=running.kind, tries=running.tries, worker=worker)
        with _Attempt(running, now), use_tenant(running.tenant):
            registry[running.kind](running)
            if not running.finished:
                running.finish()
    return stop_after


def _claim(registry: Mapping[str, Handler], now: datetime, only: UUID | None = None) -> Running | None:
    """Take the job that has been due for longest, or one whose worker died in it."""
    with db.atomic():
        waiting = Job.objects.filter(_due(now), kind__in=registry.keys()).order_by("due_at", "id")
        job = (waiting if only is None else waiting.filter(id=only)).select_for_update(skip_locked=True).first()
        if job is None:
            return None
        tries, lease_until = job.tries + 1, now + LEASE
        Job.objects.filter(id=job.id).update(state=Job.State.RUNNING, tries=tries, lease_until=lease_until)
    return Running(
        job.id, TenantId(job.tenant_id), job.kind, job.subject, dict(job.payload), tries, lease_until=lease_until
    )


def _due(now: datetime) -> Q:
    abandoned = Q(lease_until__lt=now) | Q(lease_until__gt=now + LEASE + SKEW)
    put_off_before = Q(tries__gt=0, due_at__gt=now + LONGEST_WAIT + SKEW)
    asked_before = Q(tries=0, created_at__gt=now + SKEW)
    waiting = Q(due_at__lte=now) | put_off_before | asked_before
    return Q(waiting, state=Job.State.WAITING) | Q(abandoned, state=Job.State.RUNNING)


def _give_up_lost(now: datetime) -> None:
    """A job that was lost with its worker as often as it may be tried is likely what ends the workers: leave it."""
    with db.atomic():
        lost = Job.objects.filter(_due(now), state=Job.State.RUNNING, tries__gte=MAX_TRIES)
        given_up = lost.update(state=Job.State.FAILED, lease_until=None, error="Its worker was lost each time.")
    if given_up:
        log.error("job.given_up", count=given_up)


def wait_before(tries: int) -> timedelta:
    """How long to wait after this many tries: 5 s, doubled each time, at most an hour."""
    return min(FIRST_WAIT * int(2 ** min(tries - 1, 16)), LONGEST_WAIT)


class _Attempt:
    """Records how a run ended, whatever ended it. Expected errors end here, defects rise on."""

    def __init__(self, running: Running, now: Callable[[], datetime]) -> None:
        self._running, self._now, self._started = running, now, monotonic()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        running = self._running
        outcome = "done" if error is None else "lost" if isinstance(error, LeaseLost) else "failed"
        metrics.JOBS.labels(running.kind, outcome).inc()
        metrics.JOB_SECONDS.labels(running.kind).observe(monotonic() - self._started)
        log.info("job.ended", job=str(running.id), kind=running.kind, outcome=outcome, tries=running.tries)
        if error is not None and outcome == "failed":
            self._put_off(error)
        return isinstance(error, OpenRouteError)

    def _put_off(self, error: BaseException) -> None:
        running, now = self._running, self._now()
        final = running.tries >= MAX_TRIES
        # The text of a foreign error may quote content; its kind never does.
        told = error.detail if isinstance(error, OpenRouteError) else type(error).__name__
        with db.atomic():
            running.mine().update(
                state=Job.State.FAILED if final else Job.State.WAITING,
                due_at=now + wait_before(running.tries),
                lease_until=None,
                error=told[:300],
            )
        log.warning("job.put_off", job=str(running.id), kind=running.kind, final=final, error=type(error).__name__)


def wake() -> None:
    """Tell a worker soon that something is due, at most once a second. A dead broker costs delay, not the job."""
    _waker.wake()


def _send_wake_up() -> None:
    current_app.send_task("apps.core.tasks.run_due_jobs")


_waker: Final = Waker(_send_wake_up)
atexit.register(_waker.last_chance)
