"""Background jobs: leases, and effects that must happen once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from apps.audit import selectors as audit
from apps.core.jobs import LEASE
from apps.core.models import Job
from apps.core.reading import batches
from apps.domain.ids import TenantId
from apps.operations.verifying.findings import Finding, Violation

TAKEN_OVER: Final = timedelta(seconds=60)
"""Within which the job of a lost worker is to be run again: beat wakes the workers far more often."""
SKEW: Final = timedelta(minutes=5)
"""By which the clock of a worker may have been ahead when it took the lease."""
ONCE: Final = {"conversation.titled": "system"}
"""What jobs leave in the audit trail, and as whom: once for each subject."""


def check(tenant: TenantId, finding: Finding, now: datetime) -> None:
    """Look at every job of a company."""
    rows = Job.objects.filter(tenant_id=tenant)
    for batch in batches(rows, "state", "lease_until", "progress"):
        finding.looked += len(batch)
        for row in batch:
            told = _lease(row["state"], row["lease_until"], now)
            finding.add(Violation(f"job {row['pk']}", sentence) for sentence in told)
    twice = rows.order_by("kind", "subject").values_list("kind", "subject").annotate(n=Count("id")).filter(n__gt=1)
    finding.add(Violation(f"job {kind} of {subject}", f"There are {n} of it.") for kind, subject, n in twice)
    for kind, actor in ONCE.items():
        repeated = audit.repeated(tenant, kind=kind, actor=actor)
        finding.add(Violation(subject, f"A job took effect {n} times ({kind}).") for subject, n in repeated)


def _lease(state: str, lease_until: datetime | None, now: datetime) -> Iterator[str]:
    if state != Job.State.RUNNING:
        if lease_until is not None:
            yield f"It is {state}, and still has a lease."
    elif lease_until is None:
        yield "It is running without a lease, so nobody would take it over."
    elif lease_until > now + LEASE + SKEW:
        yield f"Its lease ends in {(lease_until - now).total_seconds():.0f} s, later than any worker may ask for."
    elif lease_until < now - TAKEN_OVER:
        yield f"Its lease ended {(now - lease_until).total_seconds():.0f} s ago, and no worker has taken it over."
