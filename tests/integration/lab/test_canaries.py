"""Canaries: learnt, asked again on a schedule, and an alarm when a model has silently changed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from apps.audit.models import AuditEvent
from apps.core import clock
from apps.lab import canaries, schedules, selectors
from apps.lab.models import Run, RunAnswer, Schedule
from apps.lab.tasks import start_canaries
from apps.lab.values import Bounds
from apps.routing.evaluation import drift
from tests.support.lab import JUDGED, NOON, Answering, Lab, line, work

pytestmark = pytest.mark.django_db

COUNT = 70
Score = Callable[[int], float | None]
NextRun = Callable[[Score], UUID]


def numbers() -> str:
    """Questions that a rule can check, and one that it cannot."""
    checks = [{"kind": "numeric", "value": number + 1} for number in range(COUNT)]
    sums = (line(f"sum-{n:02}", f"What is {n} + 1?", check, "math", "math") for n, check in enumerate(checks))
    return "\n".join([*sums, JUDGED])


def always(number: int) -> float | None:
    return 1.0


def often(number: int) -> float | None:
    """Right but for every fifth question."""
    return float(number % 5 > 0)


def never(number: int) -> float | None:
    """Nothing came back at all."""
    return None


@pytest.fixture
def watched(lab: Lab) -> Lab:
    """A company that watches one model."""
    put(lab, lab.upload(numbers()))
    return lab


def put(lab: Lab, suite: str = "ours", *, enabled: bool = True, models: tuple[str, ...] = ("out-good",)) -> None:
    schedules.put(
        tenant=lab.tenant, suite=suite, enabled=enabled, models=models, every_days=7, learn_from=COUNT,
        bounds=Bounds(10_000_000, 6_000), user=lab.user, actor="system", at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def next_run(watched: Lab, settings: Any) -> NextRun:
    """Go to the time of the next run, and end it with these scores of its answers."""

    def _next(score: Score) -> UUID:
        due = Schedule.objects.for_tenant(watched.tenant).get().next_at
        settings.OPENROUTE_CLOCK = max(due, clock.now()).isoformat()
        assert start_canaries() == 1
        run = newest(watched)
        for answer in watched.answers(run):
            value = score(int(answer.question.removeprefix("sum-")))
            state = RunAnswer.State.FAILED if value is None else RunAnswer.State.CHECKED
            rows = RunAnswer.objects.for_tenant(watched.tenant).filter(pk=answer.pk)
            rows.update(state=state, value=value, code="" if value is not None else "refused_by_policy")
        work()
        assert watched.state(run)[0] == "completed"
        return run

    return _next


def newest(lab: Lab) -> UUID:
    row = Run.objects.for_tenant(lab.tenant).order_by("-created_at", "-id").first()
    assert row is not None
    return UUID(str(row.pk))


class TestTheSchedule:
    def test_is_off_where_nobody_has_set_it(self, lab: Lab) -> None:
        found = selectors.schedule(lab.tenant)

        assert (found.enabled, found.suite, found.every_days, found.next_at) == (False, "general", 7, None)
        assert start_canaries() == 0

    def test_that_is_off_starts_nothing(self, lab: Lab) -> None:
        put(lab, lab.upload(numbers()), enabled=False)

        assert start_canaries() == 0

    def test_asks_through_the_same_path_as_any_run(self, watched: Lab, models: Answering) -> None:
        models.reply = lambda call: str(int(call.messages[-1].text.removeprefix("What is ").partition(" ")[0]) + 1)
        assert start_canaries() == 1
        work()

        run = newest(watched)
        assert (watched.state(run)[0], watched.row(run).checked, len(models.asked)) == ("completed", COUNT, COUNT)

    def test_asks_a_sample_that_a_rule_can_check_daily_while_it_learns(self, watched: Lab, next_run: NextRun) -> None:
        first, second = next_run(always), next_run(always)

        assert watched.row(first).total == COUNT
        assert {a.question for a in watched.answers(first)} == {a.question for a in watched.answers(second)}
        assert watched.row(second).created_at - watched.row(first).created_at == timedelta(days=1)
        assert selectors.schedule(watched.tenant).phase == {"out-good": "learning"}

    def test_asks_only_steady_questions_then_and_weekly(self, watched: Lab, next_run: NextRun) -> None:
        *_, last = [next_run(lambda number: float(number % 7 > 0)) for _ in range(drift.CHOOSING_RUNS)]
        ninth, tenth = next_run(always), next_run(always)

        asked = {a.question for a in watched.answers(ninth)}
        assert len(asked) == drift.WANTED == 60
        assert not asked & {f"sum-{n:02}" for n in range(0, COUNT, 7)}
        assert watched.row(ninth).created_at - watched.row(last).created_at == timedelta(days=1)
        assert watched.row(tenth).created_at - watched.row(ninth).created_at == timedelta(days=7)
        assert selectors.schedule(watched.tenant).phase == {"out-good": "watching"}

    def test_does_not_watch_a_model_that_is_never_steady(self, watched: Lab, next_run: NextRun) -> None:
        for run in range(drift.CHOOSING_RUNS):
            next_run(lambda number, run=run: float(number % 2 == run % 2))  # type: ignore[misc]

        assert selectors.schedule(watched.tenant).phase == {"out-good": "unsteady"}
        assert start_canaries() == 0

    def test_that_changes_is_on_record(self, watched: Lab) -> None:
        put(watched, enabled=False)

        assert AuditEvent.objects.for_tenant(watched.tenant).filter(kind="schedule.changed").count() == 2

    def test_does_not_begin_while_the_run_before_goes_on(self, watched: Lab, settings: Any) -> None:
        assert start_canaries() == 1
        settings.OPENROUTE_CLOCK = (NOON + timedelta(days=2)).isoformat()

        assert start_canaries() == 0

    def test_begins_one_run_when_it_is_looked_at_twice(self, watched: Lab) -> None:
        now = clock.now()

        assert (canaries.start_due(now=now), canaries.start_due(now=now)) == (1, 0)


class TestAModel:
    def test_that_stays_as_it_was_raises_no_alarm(self, watched: Lab, next_run: NextRun) -> None:
        for _ in range(drift.CHOOSING_RUNS + 6):
            next_run(always)

        assert selectors.alarms(watched.tenant) == ()

    def test_that_has_changed_raises_one_that_is_on_record(self, watched: Lab, next_run: NextRun) -> None:
        for _ in range(drift.CHOOSING_RUNS + 3):
            next_run(always)
        run = next_run(often)

        (alarm,) = selectors.alarms(watched.tenant)
        assert (alarm.run, alarm.model, alarm.asked, alarm.failed) == (run, "out-good", 60, 12)
        assert alarm.chance < drift.CHANCE
        assert AuditEvent.objects.for_tenant(watched.tenant).filter(kind="drift.found").count() == 1

    def test_is_learnt_anew_once_the_alarm_is_acknowledged(self, watched: Lab, next_run: NextRun) -> None:
        for _ in range(drift.CHOOSING_RUNS + 3):
            next_run(always)
        next_run(often)
        (alarm,) = selectors.alarms(watched.tenant)
        for _ in range(2):
            schedules.acknowledge(
                tenant=watched.tenant, alarm=alarm.id, user=watched.user, actor="system", at=clock.now()
            )

        assert selectors.alarms(watched.tenant)[0].acknowledged_by == watched.user
        assert selectors.schedule(watched.tenant).phase == {"out-good": "learning"}
        assert watched.row(next_run(often)).total == COUNT
        for _ in range(drift.CHOOSING_RUNS + 2):
            next_run(often)
        assert len(selectors.alarms(watched.tenant)) == 1

    def test_that_is_away_is_not_taken_for_changed(self, watched: Lab, next_run: NextRun) -> None:
        for _ in range(drift.CHOOSING_RUNS + 3):
            next_run(always)
        next_run(never)

        assert selectors.alarms(watched.tenant) == ()
