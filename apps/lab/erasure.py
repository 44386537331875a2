"""Removal of what the lab holds of a person: their name. Suites and runs are the company's."""

from apps.core import db
from apps.domain.ids import TenantId, UserId
from apps.lab.models import DriftAlarm, Run, Schedule, SuiteVersion


class LabEraser:
    """The eraser of the app (see `domain.registry.Eraser`)."""

    name = "lab"

    def erase_user(self, tenant: TenantId, user: UserId) -> int:
        """Runs of theirs do not go on, a schedule of theirs is off. Safe to run again."""
        with db.atomic():
            Schedule.objects.for_tenant(tenant).filter(user_id=user).update(enabled=False, user_id=None)
            return (
                Run.objects.for_tenant(tenant).filter(user_id=user).update(user_id=None)
                + SuiteVersion.objects.for_tenant(tenant).filter(created_by_id=user).update(created_by_id=None)
                + DriftAlarm.objects.for_tenant(tenant).filter(acknowledged_by_id=user).update(acknowledged_by_id=None)
            )


ERASER = LabEraser()
