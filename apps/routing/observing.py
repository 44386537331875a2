"""What answers taught, written: observations of quality and how attempts went, each counted once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from apps.core import clock, db
from apps.core.tenancy import all_tenants
from apps.domain.ids import TenantId
from apps.domain.observation import Observation, Speed
from apps.routing.batch import Batch
from apps.routing.engine import cells
from apps.routing.models import Outcome, ProfileDay
from apps.routing.telling import tell_or_mark

DAYS_KEPT: Final = timedelta(days=400)
"""Charts show a year, and the month before to compare it with."""

PORTION: Final = 200
"""So many are written in one transaction, which keeps others waiting for a tenth of a second at most."""

ObservedT = TypeVar("ObservedT", Observation, Speed)


def observe(tenant: TenantId, observations: Sequence[Observation]) -> None:
    """Count what was observed about answers, for this tenant alone.

    A signal of a source about a model counts once: the same again changes nothing, one with another value replaces the
    first as if it had been so from the beginning. What is older than `cells.REACH` is not counted any more. Many are
    written in several transactions; after a failure in between, the same may be observed again.
    """
    _in_portions(tenant, observations, Batch.observe)


def note_speeds(tenant: TenantId, speeds: Sequence[Speed]) -> None:
    """Count how attempts went, for this tenant alone, in portions as `observe` does.

    The attempt of a source with a model counts once; a second time changes nothing.
    """
    _in_portions(tenant, speeds, Batch.note)


def withdraw(tenant: TenantId, *, source: UUID, signal: str) -> int:
    """Take a signal back, for instance a thumb that was lifted; returns for how many models it had counted."""
    named = Outcome.objects.for_tenant(tenant).filter(turn_id=source, signal=signal, weight__gt=0.0)
    now = clock.now()
    with db.atomic():
        models = set(named.values_list("model", flat=True))
        batch = Batch(tenant, models=models, sources=[source], now=now)
        count = batch.withdraw(source, signal)
        if count:
            _save(batch, now)
    return count


def forget_old(*, now: datetime) -> int:
    """Delete outcomes that no figure rests on any more, and days that no chart shows; returns how many rows."""
    with db.atomic(), all_tenants():
        outcomes, _ = Outcome.objects.filter(at__lt=now - cells.REACH).delete()
        days, _ = ProfileDay.objects.filter(day__lt=(now - DAYS_KEPT).date()).delete()
    return outcomes + days


def _in_portions(tenant: TenantId, observed: Sequence[ObservedT], count: Callable[[Batch, ObservedT], None]) -> None:
    now = clock.now()
    # None is from the future: a clock may have been set back.
    wanted = [replace(each, at=min(each.at, now)) for each in observed if each.at > now - cells.REACH]
    for start in range(0, len(wanted), PORTION):
        portion = wanted[start : start + PORTION]
        with db.atomic():
            batch = Batch(
                tenant,
                models={each.model for each in portion},
                sources={each.source for each in portion},
                observed=portion,
                now=now,
            )
            for each in portion:
                count(batch, each)
            _save(batch, now)


def _save(batch: Batch, now: datetime) -> None:
    changed = batch.save(now)
    if changed:
        tell_or_mark(batch.tenant, changed, now=now)
