import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from apps.core import jobs
from apps.core.models import Job
from apps.core.tenancy import current_tenant
from apps.core.waking import Waker
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ACME = TenantId(7)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(clock: Clock) -> Callable[..., int]:
    def run_with(handler: jobs.Handler, **options: int) -> int:
        return jobs.run_due({"export": handler}, worker="w1", now=clock, **options)

    return run_with


def ask(subject: str = "2026-11", **options: object) -> Job:
    values = {"tenant": ACME, "kind": "export", "subject": subject, "due_at": NOON, **options}
    job = Job.objects.filter(id=jobs.enqueue(**values))  # type: ignore[arg-type]
    job.update(created_at=NOON)
    return job.get()


def fail(running: jobs.Running) -> None:
    raise OpenRouteError("The disk is full.")


def succeed(running: jobs.Running) -> None:
    return None


class TestEnqueue:
    def test_twice_is_one_job(self) -> None:
        assert ask().id == ask().id

    def test_of_another_tenant_is_another_job(self) -> None:
        assert ask().id != ask(tenant=TenantId(8)).id

    def test_again_leaves_a_finished_job_alone(self, run: Callable[..., int]) -> None:
        ask()
        run(succeed)

        assert ask().state == Job.State.DONE
        assert run(succeed) == 0

    def test_again_gives_a_failed_job_new_tries(self, run: Callable[..., int]) -> None:
        job = ask()
        Job.objects.filter(id=job.id).update(state=Job.State.FAILED, tries=jobs.MAX_TRIES)

        assert ask().tries == 0
        assert run(succeed) == 1


class TestRunDue:
    def test_runs_a_job_once_inside_its_tenant(self, run: Callable[..., int]) -> None:
        seen: list[object] = []
        ask(payload={"month": "2026-11"})

        assert run(lambda running: seen.append((current_tenant(), running.payload))) == 1
        assert run(fail) == 0
        assert seen == [(ACME, {"month": "2026-11"})]

    def test_leaves_what_is_due_later(self, run: Callable[..., int], clock: Clock) -> None:
        ask(due_at=NOON + timedelta(minutes=1))

        assert run(succeed) == 0
        clock.forward(minutes=1)
        assert run(succeed) == 1

    def test_takes_the_oldest_first(self, run: Callable[..., int]) -> None:
        order: list[str] = []
        ask("second", due_at=NOON)
        ask("first", due_at=NOON - timedelta(minutes=1))

        run(lambda running: order.append(running.subject))

        assert order == ["first", "second"]

    def test_runs_one_job_alone_for_whoever_names_it(self, run: Callable[..., int]) -> None:
        ask("another", due_at=NOON - timedelta(minutes=1))
        wanted = ask()

        assert run(succeed, only=wanted.id) == 1
        assert [job.subject for job in Job.objects.filter(state=Job.State.DONE)] == [wanted.subject]

    def test_goes_on_later_when_the_handler_says_so(self, run: Callable[..., int], clock: Clock) -> None:
        def slowly(running: jobs.Running) -> None:
            running.progress(0.5, now=clock.now, done=running.payload.get("done", 0) + 1)
            running.put_off(until=clock.now + timedelta(minutes=1))

        job = ask()
        for done in range(1, jobs.MAX_TRIES + 3):
            assert run(slowly) == 1
            assert run(slowly) == 0
            row = Job.objects.get(id=job.id)
            assert (row.state, row.tries, row.error, row.payload) == (Job.State.WAITING, 0, "", {"done": done})
            clock.forward(minutes=1)

    def test_tells_a_job_that_was_given_up(self, run: Callable[..., int], clock: Clock) -> None:
        job = ask()
        assert not jobs.has_failed(tenant=ACME, kind="export", subject=job.subject)
        for _ in range(jobs.MAX_TRIES):
            run(fail)
            clock.forward(hours=2)

        assert jobs.has_failed(tenant=ACME, kind="export", subject=job.subject)
        assert not jobs.has_failed(tenant=TenantId(8), kind="export", subject=job.subject)

    def test_leaves_kinds_that_this_worker_does_not_know(self, run: Callable[..., int]) -> None:
        ask(kind="from-the-future")

        assert run(succeed) == 0

    def test_puts_a_failed_job_off_and_goes_on_with_the_next(self, run: Callable[..., int], clock: Clock) -> None:
        first, second = ask("first", due_at=NOON - timedelta(minutes=1)), ask("second")

        def handler(running: jobs.Running) -> None:
            if running.subject == "first":
                fail(running)

        run(handler)
        first.refresh_from_db()
        second.refresh_from_db()

        assert (first.state, first.error, first.due_at) == ("waiting", "The disk is full.", NOON + jobs.FIRST_WAIT)
        assert second.state == Job.State.DONE

    def test_lets_a_defect_rise_but_puts_its_job_off(self, run: Callable[..., int]) -> None:
        job = ask()

        def broken(running: jobs.Running) -> None:
            raise ZeroDivisionError("a prompt's text")

        with pytest.raises(ZeroDivisionError):
            run(broken)
        job.refresh_from_db()

        assert (job.state, job.error) == ("waiting", "ZeroDivisionError")

    def test_gives_up_after_the_last_try(self, run: Callable[..., int], clock: Clock) -> None:
        job = ask()
        for _ in range(jobs.MAX_TRIES):
            run(fail)
            clock.forward(hours=1)
        job.refresh_from_db()

        assert (job.state, job.tries) == (Job.State.FAILED, jobs.MAX_TRIES)
        assert run(succeed) == 0

    def test_stops_after_as_many_as_it_was_told(self, run: Callable[..., int]) -> None:
        for number in range(3):
            ask(str(number))

        assert run(succeed, stop_after=2) == 2


class TestALostWorker:
    @pytest.fixture
    def abandoned(self, clock: Clock) -> jobs.Running:
        """A run whose process was killed after its checkpoint."""
        ask()
        running = jobs._claim({"export": succeed}, clock())
        assert running is not None
        running.progress(0.4, now=clock(), done=40)
        return running

    def test_keeps_its_job_until_the_lease_runs_out(
        self, abandoned: jobs.Running, run: Callable[..., int], clock: Clock
    ) -> None:
        clock.forward(seconds=59)

        assert run(succeed) == 0

    def test_loses_it_to_another_that_goes_on_from_the_checkpoint(
        self, abandoned: jobs.Running, run: Callable[..., int], clock: Clock
    ) -> None:
        seen: list[object] = []
        clock.forward(seconds=61)

        assert run(lambda running: seen.append((running.payload, running.tries))) == 1
        assert seen == [({"done": 40}, 2)]

    def test_cannot_write_any_more_when_it_comes_back(
        self, abandoned: jobs.Running, run: Callable[..., int], clock: Clock
    ) -> None:
        clock.forward(seconds=61)

        def slow(running: jobs.Running) -> None:
            with pytest.raises(jobs.LeaseLost):
                abandoned.progress(0.9, now=clock())
            with pytest.raises(jobs.LeaseLost):
                abandoned.finish()

        run(slow)

        assert Job.objects.get().state == Job.State.DONE

    def test_keeps_the_lease_as_long_as_it_reports_progress(
        self, abandoned: jobs.Running, run: Callable[..., int], clock: Clock
    ) -> None:
        clock.forward(seconds=50)
        abandoned.progress(0.5, now=clock())
        clock.forward(seconds=50)

        assert run(succeed) == 0

    def test_cannot_end_what_was_asked_for_anew_meanwhile(
        self, abandoned: jobs.Running, run: Callable[..., int], clock: Clock
    ) -> None:
        """Asked for anew, a job counts its tries from 0: the second run has the number of the first."""
        Job.objects.update(state=Job.State.WAITING, tries=0, due_at=NOON, lease_until=None)
        clock.forward(seconds=1)

        def anew(running: jobs.Running) -> None:
            assert running.tries == abandoned.tries
            with pytest.raises(jobs.LeaseLost):
                abandoned.finish()

        assert run(anew) == 1

    def test_is_not_followed_by_others_for_ever(self, run: Callable[..., int], clock: Clock) -> None:
        job = ask()
        for _ in range(jobs.MAX_TRIES):
            assert jobs._claim({"export": succeed}, clock()) is not None
            clock.forward(seconds=61)

        assert run(succeed) == 0
        job.refresh_from_db()
        assert (job.state, job.error) == (Job.State.FAILED, "Its worker was lost each time.")


class TestAClockThatIsSetBack:
    def test_keeps_no_job_waiting_until_it_comes_by_again(self, run: Callable[..., int], clock: Clock) -> None:
        ask("asked")
        ask("failed")
        ask("lost")
        Job.objects.filter(subject="failed").update(tries=3, due_at=NOON + jobs.LONGEST_WAIT)
        lease = NOON + jobs.LEASE
        Job.objects.filter(subject="lost").update(tries=1, state=Job.State.RUNNING, lease_until=lease)
        Job.objects.update(created_at=NOON)
        clock.forward(days=-1)
        seen: list[str] = []

        assert run(lambda running: seen.append(running.subject)) == 3
        assert sorted(seen) == ["asked", "failed", "lost"]

    def test_by_the_difference_of_two_machines_takes_no_job_from_a_living_worker(
        self, run: Callable[..., int], clock: Clock
    ) -> None:
        ask(due_at=NOON)
        assert jobs._claim({"export": succeed}, clock()) is not None
        clock.forward(minutes=-4)

        assert run(succeed) == 0


class TestDaily:
    @override_settings(OPENROUTE_DAILY={"audit.verify": "tests.integration.core.test_jobs.note_day"})
    def test_happens_once_a_day_however_often_it_is_planned(self, clock: Clock) -> None:
        DAYS.clear()
        for hours in (0, 1, 23, 24):
            jobs.enqueue_daily(now=NOON + timedelta(hours=hours))
        clock.forward(days=2)

        jobs.run_due({jobs.DAILY: jobs.run_daily}, worker="w1", now=clock)

        assert len(DAYS) == 2


DAYS: list[int] = []


def note_day() -> None:
    DAYS.append(1)


class TestWaitBefore:
    def test_doubles_from_five_seconds_to_an_hour(self) -> None:
        waits = [jobs.wait_before(tries).total_seconds() for tries in (1, 2, 3, 8, 10, 100)]

        assert waits == [5, 10, 20, 640, 2560, 3600]


class TestWake:
    def test_tells_the_worker_once_it_is_committed(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        sent = threading.Event()
        monkeypatch.setattr(jobs, "_waker", Waker(sent.set))

        with django_capture_on_commit_callbacks() as committed:
            ask()
        assert not sent.is_set()
        for callback in committed:
            callback()

        assert sent.wait(5)

    def test_names_the_task_that_runs_jobs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sent: list[str] = []
        monkeypatch.setattr(jobs.current_app, "send_task", sent.append)

        jobs._send_wake_up()

        assert sent == ["apps.core.tasks.run_due_jobs"]
