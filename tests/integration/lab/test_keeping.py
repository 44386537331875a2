"""How long runs are kept, and what is left of a person who is erased."""

from datetime import timedelta
from typing import Any

import pytest

from apps.lab import schedules
from apps.lab.erasure import ERASER
from apps.lab.models import Run, RunAnswer, Schedule, SuiteVersion
from apps.lab.tasks import forget_old
from apps.lab.values import Bounds
from apps.turns.models import Turn
from tests.support.lab import NOON, Answering, Lab, work

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


class TestOldRuns:
    def test_go_with_their_answers_when_the_company_keeps_nothing_longer(
        self, lab: Lab, models: Answering, settings: Any
    ) -> None:
        lab.begin()
        work()
        settings.OPENROUTE_CLOCK = (NOON + YEAR - timedelta(hours=1)).isoformat()
        assert forget_old() == 0

        settings.OPENROUTE_CLOCK = (NOON + YEAR + timedelta(hours=1)).isoformat()
        assert (forget_old(), forget_old()) == (1, 0)
        assert not Run.objects.for_tenant(lab.tenant).exists()
        assert not RunAnswer.objects.for_tenant(lab.tenant).exists()
        assert Turn.objects.for_tenant(lab.tenant).count() == 4

    def test_stay_while_they_are_going_on(self, lab: Lab, settings: Any) -> None:
        lab.begin()
        settings.OPENROUTE_CLOCK = (NOON + YEAR + timedelta(hours=1)).isoformat()

        assert forget_old() == 0


class TestAPersonWhoIsErased:
    def test_leaves_suites_and_runs_without_their_name(self, lab: Lab, models: Answering) -> None:
        run = lab.begin()
        schedules.put(
            tenant=lab.tenant, suite="ours", enabled=True, models=(), every_days=7, learn_from=60,
            bounds=Bounds(), user=lab.user, actor="system", at=NOON,
        )  # fmt: skip
        assert ERASER.erase_user(lab.tenant, lab.user) > 0
        assert ERASER.erase_user(lab.tenant, lab.user) == 0

        assert SuiteVersion.objects.for_tenant(lab.tenant).get().created_by_id is None
        schedule = Schedule.objects.for_tenant(lab.tenant).get()
        assert (schedule.enabled, schedule.user_id) == (False, None)
        work()
        assert (lab.state(run), models.asked) == (("failed", "lab_person_gone"), [])
