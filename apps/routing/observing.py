"""What answers taught, written: observations of quality and how attempts went, each counted once."""

from collections.abc import Iterable, Sequence
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

ObservedT = TypeVar("ObservedT", Observation, Speed)


def observe(tenant: TenantId, observations: Sequence[Observation]) -> None:
    """Count what was observed about answers, for this tenant alone.

    A signal of a source about a model counts once: the same again changes nothing, one with another value replaces the
    first as if it had been so from the beginning. What is older than `cells.REACH` is not counted any more.

    Raises:
        KeyError: a signal that `domain.observation.SIGNALS` does not name; nothing is counted then.
    """
    now = clock.now()
    wanted = _within_reach(observations, now)
    if not wanted:
        return
    with db.atomic():
        batch = _batch(tenant, wanted, now)
        for each in wanted:
            batch.observe(each)
        _save(batch, now)


def note_speeds(tenant: TenantId, speeds: Sequence[Speed]) -> None:
    """Count how attempts went, for this tenant alone.

    The attempt of a source with a model counts once; a second time changes nothing.

    Raises:
        ValueError: a negative latency or speed; nothing is counted then.
    """
    now = clock.now()
    wanted = _within_reach(speeds, now)
    if not wanted:
        return
    with db.atomic():
        batch = _batch(tenant, wanted, now)
        for each in wanted:
            batch.note(each)
        _save(batch, now)


def withdraw(tenant: TenantId, *, source: UUID, signal: str) -> int:
    """Take a signal back, for instance a thumb that was lifted; returns for how many models it had counted."""
    named = Outcome.objects.for_tenant(tenant).filter(turn_id=source, signal=signal, weight__gt=0.0)
    now = clock.now()
    with db.atomic():
        batch = Batch(tenant, models=named.values_list("model", flat=True), sources=[source], now=now)
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


def _within_reach(observed: Iterable[ObservedT], now: datetime) -> list[ObservedT]:
    """Those that still count. None is from the future: a clock may have been set back."""
    return [replace(each, at=min(each.at, now)) for each in observed if each.at > now - cells.REACH]


def _batch(tenant: TenantId, observed: Sequence[Observation] | Sequence[Speed], now: datetime) -> Batch:
    models, sources = {each.model for each in observed}, {each.source for each in observed}
    return Batch(tenant, models=models, sources=sources, now=now)


def _save(batch: Batch, now: datetime) -> None:
    changed = batch.save(now)
    if changed:
        tell_or_mark(batch.tenant, changed, now=now)
