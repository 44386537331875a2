"""The rows that a handful of observations change: locked, read, changed and saved together, a statement per table."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from apps.domain.catalogue import Cell
from apps.domain.ids import TenantId
from apps.domain.observation import Observation, Speed
from apps.routing import rows
from apps.routing.engine import cells, pace
from apps.routing.engine.cells import Counted
from apps.routing.engine.pace import Pace
from apps.routing.models import ModelProfile, Outcome, ProfileCell, ProfileDay

SPEED: Final = "speed"
"""The signal of an outcome that says that an attempt was counted."""

Signal = tuple[UUID, str, str]
Kind = tuple[str, str, str]


@dataclass(slots=True)
class _Kind:
    """What is known of one model and kind of question."""

    row: ProfileCell
    cell: Cell
    pace: Pace


class Batch:
    """Made and saved inside one `atomic` block.

    It locks the profiles of the models first, in the order of their names, and reads everything else only then: two
    workers that observe the same model wait for each other, lose nothing, and cannot count the same signal twice.
    """

    def __init__(
        self,
        tenant: TenantId,
        *,
        models: Collection[str],
        sources: Collection[UUID],
        observed: Iterable[Observation | Speed] = (),
        now: datetime,
    ) -> None:
        self.tenant = tenant
        self._profiles = _locked(tenant, models, now)
        self._paces = {model: rows.pace_of(row) for model, row in self._profiles.items()}
        known = Outcome.objects.for_tenant(tenant).filter(turn_id__in=sources, model__in=models)
        self._outcomes: dict[Signal, Outcome] = {(row.turn_id, row.model, row.signal): row for row in known}
        concerned = [*observed, *self._outcomes.values()]
        self._kinds = _kinds(tenant, {(each.model, each.task, each.domain) for each in concerned})
        self._days = _days(tenant, {(each.model, _day(each.at)) for each in concerned})
        self._changed_kinds: set[Kind] = set()
        self._changed_days: set[tuple[str, date]] = set()
        self._new: list[Outcome] = []
        self._corrected: dict[int, Outcome] = {}
        self._withdrawn: list[int] = []

    def observe(self, observation: Observation) -> None:
        """Count a judgement, or correct the one that is known."""
        before = self._outcomes.get((observation.source, observation.model, observation.signal))
        if before is None:
            self._add(observation)
        elif before.value != observation.value:
            self._correct(before, observation.value)

    def note(self, speed: Speed) -> None:
        """Count an attempt that is not known yet."""
        if (speed.source, speed.model, SPEED) in self._outcomes:
            return
        kind, day = self._kind(speed), self._day_of(speed)
        self._paces[speed.model] = pace.updated(self._paces[speed.model], speed)
        kind.pace = pace.updated(kind.pace, speed)
        rows.put_pace(day, pace.noted(rows.pace_of(day), speed))
        self._keep(rows.outcome(self.tenant, speed, SPEED))

    def withdraw(self, source: UUID, signal: str) -> int:
        """Take a known signal back from every model it counted for; returns how many."""
        named = [(source, model, signal) for model in self._profiles]
        found = [self._outcomes[key] for key in named if key in self._outcomes]
        for row in found:
            counted, kind = rows.counted_of(row), self._kind(row)
            kind.cell = cells.withdrawn(kind.cell, counted)
            _count(self._day_of(row), counted, times=-1.0)
            self._withdrawn.append(row.pk)
        return len(found)

    def save(self, now: datetime) -> list[ModelProfile]:
        """Write what changed; returns the profiles that did."""
        touched = {model for model, _, _ in self._changed_kinds}
        changed = [profile for model, profile in self._profiles.items() if model in touched]
        for profile in changed:
            rows.put_pace(profile, self._paces[profile.model])
            profile.changed_at = now
        for key in self._changed_kinds:
            kind = self._kinds[key]
            rows.put_cell(kind.row, kind.cell)
            rows.put_pace(kind.row, kind.pace)
        rows.put(self.tenant, ModelProfile, changed, rows.PROFILE)
        rows.put(self.tenant, ProfileCell, [self._kinds[key].row for key in self._changed_kinds], rows.CELL)
        rows.put(self.tenant, ProfileDay, [self._days[key] for key in self._changed_days], rows.DAY)
        outcomes = Outcome.objects.for_tenant(self.tenant)
        outcomes.bulk_create(self._new)
        outcomes.bulk_update(self._corrected.values(), ["value"])
        outcomes.filter(pk__in=self._withdrawn).delete()
        return changed

    def _add(self, observation: Observation) -> None:
        kind = self._kind(observation)
        kind.cell = cells.updated(kind.cell, observation)
        counted = cells.counted(kind.cell, observation)
        _count(self._day_of(observation), counted)
        outcome = rows.outcome(self.tenant, observation, observation.signal)
        rows.put_counted(outcome, counted)
        self._keep(outcome)

    def _correct(self, before: Outcome, value: float) -> None:
        """In the cell and on the day where it was counted, whatever is recognised today."""
        counted, kind, day = rows.counted_of(before), self._kind(before), self._day_of(before)
        kind.cell = cells.corrected(kind.cell, counted, value)
        _count(day, counted, times=-1.0)
        _count(day, replace(counted, value=value))
        before.value = value
        if before.pk is not None:
            self._corrected[before.pk] = before

    def _keep(self, outcome: Outcome) -> None:
        self._new.append(outcome)
        self._outcomes[outcome.turn_id, outcome.model, outcome.signal] = outcome

    def _kind(self, concerned: Observation | Speed | Outcome) -> _Kind:
        key = (concerned.model, concerned.task, concerned.domain)
        self._changed_kinds.add(key)
        return self._kinds[key]

    def _day_of(self, concerned: Observation | Speed | Outcome) -> ProfileDay:
        key = (concerned.model, _day(concerned.at))
        self._changed_days.add(key)
        return self._days[key]


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _count(day: ProfileDay, counted: Counted, *, times: float = 1.0) -> None:
    """Add to the day's sums; a chart shows what was said on that day, without lots."""
    day.short += times * counted.exposure * (1.0 - counted.value)
    day.total += times * counted.exposure


def _locked(tenant: TenantId, models: Collection[str], now: datetime) -> Mapping[str, ModelProfile]:
    """The profiles by name, made where they are missing; locked until the end of the transaction."""
    of_tenant = ModelProfile.objects.for_tenant(tenant)
    missing = set(models).difference(of_tenant.filter(model__in=models).values_list("model", flat=True))
    of_tenant.bulk_create(
        [ModelProfile(tenant_id=tenant, model=model, changed_at=now) for model in sorted(missing)],
        ignore_conflicts=True,
    )
    found = of_tenant.filter(model__in=models).order_by("model").select_for_update(no_key=True)
    return {profile.model: profile for profile in found}


def _kinds(tenant: TenantId, keys: Collection[Kind]) -> dict[Kind, _Kind]:
    """The kinds of question, with new rows for those that nobody has observed yet."""
    models, tasks, domains = ({key[place] for key in keys} for place in range(3))
    known = ProfileCell.objects.for_tenant(tenant).filter(model__in=models, task__in=tasks, domain__in=domains)
    found = {(row.model, row.task, row.domain): row for row in known}
    for model, task, domain in keys - found.keys():
        found[model, task, domain] = ProfileCell(tenant_id=tenant, model=model, task=task, domain=domain)
    return {key: _Kind(row, rows.cell_of(row), rows.pace_of(row)) for key, row in found.items()}


def _days(tenant: TenantId, keys: Collection[tuple[str, date]]) -> dict[tuple[str, date], ProfileDay]:
    """The days of models, with new rows for those on which nothing was observed yet."""
    known = ProfileDay.objects.for_tenant(tenant).filter(
        model__in={model for model, _ in keys}, day__in={day for _, day in keys}
    )
    found = {(row.model, row.day): row for row in known}
    for model, day in keys - found.keys():
        found[model, day] = ProfileDay(tenant_id=tenant, model=model, day=day)
    return found
