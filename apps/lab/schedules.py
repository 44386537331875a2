"""Verbs of the schedule of canaries and of its alarms."""

from datetime import datetime
from typing import Any
from uuid import UUID

from apps.audit import services as audit
from apps.core import db
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import TenantId, UserId
from apps.domain.sentences import say
from apps.lab import runs, suites
from apps.lab.models import DriftAlarm, Schedule
from apps.lab.values import Bounds


def put(
    *,
    tenant: TenantId,
    suite: str,
    enabled: bool,
    models: tuple[str, ...],
    every_days: int,
    learn_from: int,
    bounds: Bounds,
    user: UserId,
    actor: str,
    at: datetime,
) -> None:
    """Set the company's schedule; whoever does is who asks from now on. Its next run is due at once when it is on.

    Raises:
        NotFound: there is no such suite.
        InvalidRequest: a model is not the company's.
    """
    version = suites.version_for(tenant=tenant, slug=suite, at=at)
    unknown = sorted(set(models) - set(runs.offered(tenant)))
    if unknown:
        detail = say("no_such_model", "There is no model {model!r} that your team may use.", model=unknown[0])
        raise InvalidRequest(detail, fields={"models": detail})
    values: dict[str, Any] = {
        "suite_id": version.suite_id, "enabled": enabled, "model_names": list(models), "every_days": every_days,
        "learn_from": learn_from, "budget": bounds.budget, "rate": bounds.rate, "user_id": user, "next_at": at,
    }  # fmt: skip
    with db.atomic():
        before = Schedule.objects.for_tenant(tenant).select_for_update().first()
        if before is None:
            Schedule(tenant_id=tenant, **values).save(force_insert=True)
        else:
            if before.enabled and enabled:
                values["next_at"] = min(before.next_at, at) if before.next_at <= at else before.next_at
            Schedule.objects.for_tenant(tenant).filter(pk=before.pk).update(**values)
        body = {"enabled": enabled, "suite": version.suite_id, "every_days": every_days, "budget": bounds.budget}
        audit.append(tenant=tenant, kind="schedule.changed", actor=actor, subject="canaries", body=body, at=at)


def acknowledge(*, tenant: TenantId, alarm: UUID, user: UserId, actor: str, at: datetime) -> None:
    """The change is known: the model is learnt anew. A second time changes nothing. Raises `NotFound`."""
    with db.atomic():
        row = DriftAlarm.objects.for_tenant(tenant).select_for_update().filter(pk=alarm).first()
        if row is None:
            raise NotFound
        if row.acknowledged_at is not None:
            return
        row.acknowledged_at, row.acknowledged_by_id = at, user
        row.save(update_fields=["acknowledged_at", "acknowledged_by"])
        body = {"model": row.model, "run": row.run_id}
        audit.append(tenant=tenant, kind="drift.acknowledged", actor=actor, subject=f"alarm:{row.pk}", body=body, at=at)
