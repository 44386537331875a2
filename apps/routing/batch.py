"""The rows that a handful of observations change: locked, changed and saved together."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from apps.domain.ids import TenantId
from apps.domain.observation import Observation, Speed
from apps.routing import rows
from apps.routing.engine import cells, pace
from apps.routing.models import ModelProfile, Outcome, ProfileCell, ProfileDay

SPEED: Final = "speed"
"""The signal of an outcome that says that an attempt was counted."""

Places = tuple[ModelProfile, ProfileCell, ProfileDay]


class Batch:
    """Made and saved inside one `atomic` block.

    It locks the profiles of the models first, in the order of their names, and reads everything else only then: two
    workers that observe the same model wait for each other, lose nothing, and cannot count the same signal twice.
    """

    def __init__(self, tenant: TenantId, *, models: Iterable[str], sources: Iterable[UUID], now: datetime) -> None:
        self.tenant = tenant
        self._profiles = _locked(tenant, sorted(set(models)), now)
        known = Outcome.objects.for_tenant(tenant).filter(turn_id__in=set(sources))
        self._outcomes = {(row.turn_id, row.model, row.signal): row for row in known}
        self._cells: dict[tuple[str, str, str], ProfileCell] = {}
        self._days: dict[tuple[str, date], ProfileDay] = {}
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
        profile, cell, day = self._places(speed.model, speed.task, speed.domain, speed.at)
        rows.put_pace(profile, pace.updated(rows.pace_of(profile), speed))
        rows.put_pace(cell, pace.updated(rows.pace_of(cell), speed))
        rows.put_pace(day, pace.noted(rows.pace_of(day), speed))
        self._keep(rows.outcome(self.tenant, speed, SPEED))

    def withdraw(self, source: UUID, signal: str) -> int:
        """Take a known signal back from every model it counted for; returns how many."""
        named = [(source, model, signal) for model in self._profiles]
        found = [self._outcomes[key] for key in named if key in self._outcomes]
        for row in found:
            _, cell, day = self._places(row.model, row.task, row.domain, row.at)
            rows.put_cell(cell, cells.withdrawn(rows.cell_of(cell), rows.counted_of(row)))
            day.short -= row.weight * (1.0 - row.value)
            day.total -= row.weight
            self._withdrawn.append(row.pk)
        return len(found)

    def save(self, now: datetime) -> list[ModelProfile]:
        """Write what changed; returns the profiles that did."""
        touched = {model for model, *_ in (*self._cells, *self._days)}
        changed = [profile for model, profile in self._profiles.items() if model in touched]
        for profile in changed:
            profile.changed_at = now
        tenant = self.tenant
        rows.save(ModelProfile.objects.for_tenant(tenant), changed, (*rows.PACE_FIELDS, "changed_at"))
        rows.save(ProfileCell.objects.for_tenant(tenant), self._cells.values(), rows.PACE_FIELDS + rows.CELL_FIELDS)
        rows.save(ProfileDay.objects.for_tenant(tenant), self._days.values(), (*rows.PACE_FIELDS, "short", "total"))
        rows.save(Outcome.objects.for_tenant(tenant), (*self._new, *self._corrected.values()), ("value",))
        Outcome.objects.for_tenant(self.tenant).filter(pk__in=self._withdrawn).delete()
        return changed

    def _add(self, observation: Observation) -> None:
        _, row, day = self._places(observation.model, observation.task, observation.domain, observation.at)
        cell = cells.updated(rows.cell_of(row), observation)
        counted = cells.counted(cell, observation)
        rows.put_cell(row, cell)
        day.short += counted.weight * (1.0 - counted.value)
        day.total += counted.weight
        outcome = rows.outcome(self.tenant, observation, observation.signal)
        rows.put_counted(outcome, counted)
        self._keep(outcome)

    def _correct(self, before: Outcome, value: float) -> None:
        """In the cell and on the day where it was counted, whatever is recognised today."""
        _, cell, day = self._places(before.model, before.task, before.domain, before.at)
        rows.put_cell(cell, cells.corrected(rows.cell_of(cell), rows.counted_of(before), value))
        day.short += before.weight * (before.value - value)
        before.value = value
        if before.pk is not None:
            self._corrected[before.pk] = before

    def _keep(self, outcome: Outcome) -> None:
        self._new.append(outcome)
        self._outcomes[outcome.turn_id, outcome.model, outcome.signal] = outcome

    def _places(self, model: str, task: str, domain: str, at: datetime) -> Places:
        """The rows where something is counted; nobody else makes or changes them while the profile is locked."""
        day = at.astimezone(UTC).date()
        if (model, task, domain) not in self._cells:
            place = {"model": model, "task": task, "domain": domain}
            found = ProfileCell.objects.for_tenant(self.tenant).filter(**place).first()
            self._cells[model, task, domain] = found or ProfileCell(tenant_id=self.tenant, **place)
        if (model, day) not in self._days:
            known = ProfileDay.objects.for_tenant(self.tenant).filter(model=model, day=day).first()
            self._days[model, day] = known or ProfileDay(tenant_id=self.tenant, model=model, day=day)
        return self._profiles[model], self._cells[model, task, domain], self._days[model, day]


def _locked(tenant: TenantId, models: list[str], now: datetime) -> Mapping[str, ModelProfile]:
    """The profiles by name, made where they are missing; locked until the end of the transaction."""
    of_tenant = ModelProfile.objects.for_tenant(tenant)
    missing = set(models).difference(of_tenant.filter(model__in=models).values_list("model", flat=True))
    of_tenant.bulk_create(
        [ModelProfile(tenant_id=tenant, model=model, changed_at=now) for model in sorted(missing)],
        ignore_conflicts=True,
    )
    found = of_tenant.filter(model__in=models).order_by("model").select_for_update(no_key=True)
    return {profile.model: profile for profile in found}
