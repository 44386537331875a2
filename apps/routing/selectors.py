"""Reads: what was measured of each model, as the decision takes it and as people look at it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

from apps.core import clock
from apps.domain.catalogue import Candidate, Profile
from apps.domain.ids import TenantId
from apps.domain.intent import TASKS
from apps.routing import rows
from apps.routing.engine import beta, cells, pace, profile, sketch
from apps.routing.engine.pace import Pace
from apps.routing.engine.profile import with_profile
from apps.routing.models import ModelProfile, ProfileCell, ProfileDay
from apps.routing.values import DayView, Estimate, Figures, ModelView, TaskView

__all__ = ["history", "is_measured", "model_views", "profiles", "with_profile"]

FEW: Final = 5
"""A day's figures are shown from so many observations up."""


def profiles(tenant: TenantId) -> Mapping[str, Profile]:
    """The measured profile of each model that has one in this tenant, as of now. Two queries."""
    now = clock.now()
    found: dict[str, list[ProfileCell]] = defaultdict(list)
    rated = ProfileCell.objects.for_tenant(tenant).filter(total__gt=0.0)
    for row in rated.only("model", "task", "domain", *rows.CELL_FIELDS).order_by("model", "task", "domain"):
        found[row.model].append(row)
    return {
        row.model: profile.measured(
            (cells.aged(rows.cell_of(cell), now) for cell in found[row.model]), pace.aged(rows.pace_of(row), now)
        )
        for row in ModelProfile.objects.for_tenant(tenant).order_by("model")
    }


def model_views(tenant: TenantId, candidates: Iterable[Candidate], *, now: datetime) -> list[ModelView]:
    """Each candidate with what this tenant measured of it; candidates carry their profiles already. Two queries."""
    known = {row.model: row for row in ModelProfile.objects.for_tenant(tenant)}
    went: dict[tuple[str, str], Pace] = {}
    paced = ProfileCell.objects.for_tenant(tenant).filter(paced_at__isnull=False)
    for row in paced.order_by("model", "task", "domain"):
        key = row.model, row.task
        went[key] = pace.merged(went.get(key, Pace()), pace.aged(rows.pace_of(row), now))
    return [_model(candidate, known.get(candidate.model), went, now) for candidate in candidates]


def history(tenant: TenantId, model: str, *, since: date) -> list[DayView]:
    """The days with observations of a model, oldest first."""
    found = ProfileDay.objects.for_tenant(tenant).filter(model=model, day__gte=since).order_by("day")
    return [_day(row) for row in found]


def is_measured(tenant: TenantId, model: str) -> bool:
    """Whether this tenant ever observed the model, in the catalogue or not."""
    return ModelProfile.objects.for_tenant(tenant).filter(model=model).exists()


def _model(
    candidate: Candidate, row: ModelProfile | None, by_task: Mapping[tuple[str, str], Pace], now: datetime
) -> ModelView:
    went = Pace() if row is None else pace.aged(rows.pace_of(row), now)
    return ModelView(
        model=candidate.model,
        overall=_estimate(candidate, None),
        figures=_figures(went),
        tasks=tuple(
            TaskView(task, _estimate(candidate, task), _figures(by_task.get((candidate.model, task), Pace())))
            for task in TASKS
        ),
        changed_at=None if row is None else row.changed_at,
    )


def _estimate(candidate: Candidate, task: str | None) -> Estimate:
    found = profile.summary(candidate, task)
    low, high = beta.interval(found.belief.quality, found.belief.certainty)
    return Estimate(found.belief.quality, low, high, found.samples, found.prior)


def _figures(went: Pace) -> Figures:
    return Figures(
        first_token_ms=sketch.quantile(went.first_token, 0.5),
        first_token_p95_ms=sketch.quantile(went.first_token, 0.95),
        tokens_per_s=sketch.quantile(went.speed, 0.5),
        cost_micro_usd=went.cost_per_answer(),
        error_rate=went.share(went.errors),
        refusal_rate=went.share(went.refused),
        truncation_rate=went.share(went.truncated),
        attempts=went.attempts,
    )


def _day(row: ProfileDay) -> DayView:
    went, judged = rows.pace_of(row), row.total >= FEW
    return DayView(
        day=row.day,
        quality=max(0.0, min(1.0, 1.0 - row.short / row.total)) if judged else None,
        samples=row.total if judged else None,
        figures=_figures(went) if went.attempts >= FEW else None,
    )
