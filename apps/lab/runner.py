"""The job that works through a run: a slice at a time, so that a worker is never taken for long.

Each step looks at the rows anew, so it does not matter who was killed where: a row that a dead process was asking is
waited for until the sweeper has settled its turn, one that was answered is checked, and only one that was never asked
is asked. What was paid for is never asked for again; a failure that cost nothing may be (see `retrying`).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from apps.core import clock, db
from apps.core.jobs import Running
from apps.domain.errors import NotFound, Overloaded, PermissionRefused, RateLimited, Unauthenticated
from apps.domain.ids import TenantId, UserId
from apps.domain.money import MICRO
from apps.domain.sentences import say
from apps.lab import asking, canaries, checking, retrying, runs, suites
from apps.lab.asking import Ended, Ready, Unit
from apps.lab.models import Run, RunAnswer
from apps.lab.values import reason
from apps.routing.evaluation import Question
from apps.tenants import roles
from apps.tenants import selectors as tenants
from apps.turns import background

SLICE_S: Final = 20.0
AT_ONCE: Final = 4
MINUTE: Final = timedelta(minutes=1)
DEAD_WAIT: Final = timedelta(seconds=5)
"""How long to wait before looking again whether the turn of a killed process is settled."""
USED_UP: Final = "budget_exceeded"

State, Role = RunAnswer.State, RunAnswer.Role


@dataclass(frozen=True, slots=True)
class Pause:
    """The slice ends here; the next one may begin then."""

    until: datetime


class Over(Exception):
    """The run does not go on: its new state, and why."""

    def __init__(self, state: str, why: str = "") -> None:
        super().__init__(state)
        self.state, self.why = state, why


def work(running: Running) -> None:
    """Handler of `lab.run`: one slice, then the job is put off until the next one."""
    run_id = UUID(running.subject.partition(" ")[0])
    ends, pause = time.monotonic() + SLICE_S, None
    while pause is None:
        run = _begun(running, run_id)
        if run is None:
            return
        try:
            pause = _step(run, running)
        except Over as over:
            _end(run, over)
            return
        if pause is None and time.monotonic() >= ends:
            pause = Pause(clock.now())
    running.put_off(until=pause.until)


def _begun(running: Running, run_id: UUID) -> Run | None:
    """The run, if it is to go on by this job; its state is `running` from now on."""
    rows = Run.objects.for_tenant(running.tenant).filter(pk=run_id, state__in=runs.GOING)
    run = rows.select_related("version").first()
    if run is None or running.subject != runs.job_of(run_id, run.starts):
        return None
    if run.state == Run.State.QUEUED:
        at = clock.now()
        with db.atomic():
            rows.update(state=Run.State.RUNNING, started_at=run.started_at or at)
    return run


def _step(run: Run, running: Running) -> Pause | None:
    """Check what was answered, then make a few calls. Raises `Over`."""
    _require_rights(run)
    questions = {question.name: question for question in suites.questions_of(run.version)}
    checking.check_answers(run, questions)
    _count(run)
    now = clock.now()
    running.progress(_fraction(run), now=now)
    if _rows(run).filter(state=State.ASKING).exists():
        background.run(_nothing())  # this process sweeps as well, once it has started to serve
        return Pause(now + DEAD_WAIT)
    units, wait = _next(run, questions, now)
    if not units:
        if wait is None:
            raise Over(Run.State.COMPLETED)
        return wait
    calls, refused = _affordable(run, units)
    pause = _note_all(refused)
    if not calls:
        return pause
    _tried(calls)
    ended = background.run(asking.ask(calls), meanwhile=lambda: running.progress(_fraction(run), now=clock.now()))
    return _note_all(ended) or pause


async def _nothing() -> None:
    """The least that a process can start to serve for."""


def _require_rights(run: Run) -> None:
    """A run acts in the name of a person, for as long as that person may (promise P02)."""
    gone = say("lab_person_gone", "Whoever started this run may not run evaluations any more.")
    if run.user_id is None:
        raise Over(Run.State.FAILED, gone)
    try:
        person = tenants.person(TenantId(run.tenant_id), UserId(run.user_id))
    except NotFound as error:
        raise Over(Run.State.FAILED, gone) from error
    if not roles.allows(person, "lab.profile"):
        raise Over(Run.State.FAILED, gone)


def _next(run: Run, questions: dict[str, Question], now: datetime) -> tuple[list[Unit], Pause | None]:
    """The next calls, judges first; none of them when the rate or a wait after a failure says so."""
    recent = _rows(run).filter(asked_at__gt=now - MINUTE).aggregate(count=Count("id"), oldest=Min("asked_at"))
    room = min(AT_ONCE, run.rate - recent["count"])
    pending = _rows(run).filter(retrying.askable())
    if room <= 0:
        return [], Pause(recent["oldest"] + MINUTE) if pending.exists() else None
    ready = Q(state=State.WAITING, ended_at=None) | Q(ended_at__lte=now - retrying.WAIT)
    chosen = list(pending.filter(ready).order_by("tries", "-role", "place")[:room])
    if not chosen:
        first = pending.aggregate(first=Min("ended_at"))["first"]
        return [], Pause(first + retrying.WAIT) if first else None
    judged = {
        (row.question, row.model): row
        for row in _rows(run).filter(role=Role.ANSWER, question__in=[row.question for row in chosen])
    }
    return [
        Unit(row, questions[row.question], None if row.role == Role.ANSWER else judged[row.question, row.model])
        for row in chosen
    ], None


def _affordable(run: Run, units: Sequence[Unit]) -> tuple[list[Ready], list[Ended]]:
    """The calls whose worst cases fit together into what is left of the budget. Raises `Over` when none does."""
    left, calls, refused = run.budget - run.cost, list[Ready](), list[Ended]()
    for found in background.run(asking.look(run, units)):
        if isinstance(found, Ended):
            refused.append(found)
        elif found.worst_case <= left:
            left -= found.worst_case
            calls.append(found)
        elif not calls:
            _note_all(refused)
            raise Over(Run.State.PAUSED, _does_not_fit(found.worst_case, max(left, 0)))
        else:
            break
    return calls, refused


def _does_not_fit(worst: int, left: int) -> str:
    template = f"The next question could cost {_usd(worst)}; {_usd(left)} of the run's budget are left."
    return say("lab_budget_reached", template, worst=worst, left=left)


def _usd(micro_usd: int) -> str:
    return f"{micro_usd / MICRO:.6f} USD"


def _tried(calls: Sequence[Ready]) -> None:
    """Counted before the call: should this process die, the next try is another turn."""
    with db.atomic():
        ids = [call.unit.row.pk for call in calls]
        RunAnswer.objects.filter(pk__in=ids).update(tries=F("tries") + 1)


def _note_all(ended: Sequence[Ended]) -> Pause | None:
    """What follows from calls that were refused or failed. Raises `Over`, once all of them are noted."""
    found = [_noted(end) for end in ended]
    over = next((what for what in found if isinstance(what, Over)), None)
    if over is not None:
        raise over
    return max((what for what in found if isinstance(what, Pause)), key=lambda pause: pause.until, default=None)


def _noted(end: Ended) -> Pause | Over | None:
    now, error = clock.now(), end.error
    if isinstance(error, Unauthenticated | PermissionRefused):
        return Over(Run.State.FAILED, end.detail)
    if isinstance(error, RateLimited | Overloaded):
        return Pause(now + timedelta(seconds=max(1.0, error.retry_after_s)))
    if end.code == USED_UP:  # it was refused, and is asked when the run goes on
        _change(end, state=State.WAITING, code="", reason=None, asked_at=None, ended_at=None)
        return Over(Run.State.PAUSED, end.detail)
    if not end.on_record:
        _change(end, state=State.SKIPPED, code=end.code[:40], reason=reason(end.detail), ended_at=now)
    return None


def _change(end: Ended, **changes: object) -> None:
    with db.atomic():
        RunAnswer.objects.filter(pk=end.unit.row.pk).update(**changes)


def _rows(run: Run) -> QuerySet[RunAnswer]:
    return RunAnswer.objects.for_tenant(TenantId(run.tenant_id)).filter(run=run)


def _count(run: Run) -> None:
    """The figures of the run, as its rows say."""
    of_answers = {
        name: Count("id", filter=Q(role=Role.ANSWER, state=state) & more)
        for name, state, more in (
            ("checked", State.CHECKED, Q()),
            ("failed", State.FAILED, ~retrying.in_vain()),
            ("skipped", State.SKIPPED, Q()),
        )
    }
    counted = _rows(run).aggregate(paid=Sum("cost", default=0), **of_answers)
    counted["cost"] = counted.pop("paid")
    with db.atomic():
        Run.objects.filter(pk=run.pk).update(**counted)
    for name, figure in counted.items():
        setattr(run, name, figure)


def _fraction(run: Run) -> float:
    return (run.checked + run.failed + run.skipped) / run.total


def _end(run: Run, over: Over) -> None:
    """The run ends, with its audit entry; what canaries said is read when all of them were asked."""
    _count(run)
    at = clock.now()
    with db.atomic():
        runs.close(run, over.state, over.why, actor="system", at=at)
        if over.state == Run.State.COMPLETED and run.schedule_id is not None:
            canaries.judge(run, at=at)
