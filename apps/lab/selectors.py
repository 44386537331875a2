"""Reads of the lab, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from apps.domain.errors import NotFound
from apps.domain.ids import TenantId, UserId
from apps.lab import canaries, results, suites
from apps.lab.models import DriftAlarm, Run, RunAnswer, Schedule
from apps.lab.results import Outcome, Result
from apps.lab.values import (
    DEFAULT_RATE,
    GENERAL,
    AlarmRecord,
    AnswerRecord,
    Bounds,
    RunRecord,
    ScheduleRecord,
    Verdict,
)
from apps.routing import evaluation
from apps.routing.evaluation import Question

Role, State = RunAnswer.Role, RunAnswer.State
SCHEDULE_BUDGET = 1_000_000
RECENT_RUNS = 20
CHECKED = Q(role=Role.ANSWER, state=State.CHECKED)
KINDS: Mapping[type, str] = {kind: name for name, kind in evaluation.KINDS.items()}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which answers of a run are wanted. `only` is `failed`, `wrong` (checked, below a half), or all."""

    model: str = ""
    task: str = ""
    only: str = "all"


@dataclass(frozen=True, slots=True)
class UsualCost:
    """What an answer of a model has cost on average, with its judges, in micro-dollars; over so many answers."""

    model: str
    answers: int
    mean: int


def usual_costs(tenant: TenantId) -> tuple[UsualCost, ...]:
    """Of each model that the newest runs have asked, by name: prices and habits of models change."""
    newest = Run.objects.for_tenant(tenant).order_by("-created_at", "-id")[:RECENT_RUNS]
    rows = RunAnswer.objects.for_tenant(tenant).filter(run__in=[run.pk for run in newest.only("pk")])
    paid = rows.values("model").annotate(paid=Sum("cost"), answers=Count("id", filter=CHECKED)).order_by("model")
    return tuple(
        UsualCost(row["model"], row["answers"], round(row["paid"] / row["answers"])) for row in paid if row["answers"]
    )


def expected(question: Question) -> dict[str, Any]:
    """What its check compares an answer with, by the names that a suite uses: `answers`, `value`, `pattern`, ..."""
    return asdict(question.check)


def runs(tenant: TenantId) -> "QuerySet[Run]":
    """The runs of a company, newest first; each as `run_record` shows it."""
    return Run.objects.for_tenant(tenant).select_related("version__suite").order_by("-created_at", "-id")


def run(tenant: TenantId, run_id: UUID) -> RunRecord:
    """One run. Raises `NotFound`."""
    row = runs(tenant).defer("version__lines").filter(pk=run_id).first()
    if row is None:
        raise NotFound
    return run_record(row)


def run_record(row: Run) -> RunRecord:
    return RunRecord(
        id=row.pk,
        tenant=TenantId(row.tenant_id),
        suite=row.version.suite.slug,
        version=row.version.number,
        models=tuple(row.model_names),
        judge=row.judge,
        state=row.state,
        reason=row.reason,
        bounds=Bounds(row.budget, row.rate),
        seed=row.seed,
        max_output_tokens=row.max_output_tokens,
        total=row.total,
        checked=row.checked,
        failed=row.failed,
        skipped=row.skipped,
        cost=row.cost,
        user=UserId(row.user_id) if row.user_id else None,
        scheduled=row.schedule_id is not None,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def table(tenant: TenantId, run_id: UUID) -> tuple[Result, ...]:
    """What the run says of each model so far. Raises `NotFound`."""
    run(tenant, run_id)
    rows = RunAnswer.objects.for_tenant(tenant).filter(run_id=run_id)
    judged = rows.exclude(role=Role.ANSWER).values_list("question", "model").annotate(paid=Sum("cost"))
    judges = {(question, model): paid for question, model, paid in judged}
    fields = ("question", "model", "task", "state", "value", "cost", "first_token_ms", "duration_ms")
    return results.table(
        Outcome(model, task, state, value, cost + judges.get((question, model), 0), first, duration)
        for question, model, task, state, value, cost, first, duration in rows.filter(role=Role.ANSWER).values_list(
            *fields
        )
    )


def answers(tenant: TenantId, run_id: UUID, filters: Filters) -> "QuerySet[RunAnswer]":
    """The answers of a run in the order of the suite, as `answer_records` shows them."""
    rows = RunAnswer.objects.for_tenant(tenant).filter(run_id=run_id, role=Role.ANSWER)
    if filters.model:
        rows = rows.filter(model=filters.model)
    if filters.task:
        rows = rows.filter(task=filters.task)
    if filters.only == "failed":
        rows = rows.filter(state__in=(State.FAILED, State.SKIPPED))
    elif filters.only == "wrong":
        rows = rows.filter(state=State.CHECKED, value__lt=0.5)
    return rows.order_by("place", "id")


def answer_records(tenant: TenantId, run_id: UUID, rows: Sequence[RunAnswer]) -> list[AnswerRecord]:
    """A page of answers with their questions and what judges said."""
    version = Run.objects.for_tenant(tenant).select_related("version").get(pk=run_id).version
    questions = {question.name: question for question in suites.questions_of(version)}
    names = {row.question for row in rows}
    judged = RunAnswer.objects.for_tenant(tenant).filter(run_id=run_id, question__in=names).exclude(role=Role.ANSWER)
    verdicts: dict[tuple[str, str], list[Verdict]] = {}
    for one in judged.order_by("role"):
        verdict = Verdict(one.role, one.answered_by, one.text, one.state, one.cost)
        verdicts.setdefault((one.question, one.model), []).append(verdict)
    return [_answer(row, questions[row.question], tuple(verdicts.get((row.question, row.model), ()))) for row in rows]


def alarms(tenant: TenantId) -> tuple[AlarmRecord, ...]:
    """The newest two hundred, newest first."""
    rows = DriftAlarm.objects.for_tenant(tenant).order_by("-raised_at", "-id")[:200]
    return tuple(_alarm(row) for row in rows)


def schedule(tenant: TenantId) -> ScheduleRecord:
    """The company's schedule of canaries; what holds by default where nobody has set one: off."""
    row = Schedule.objects.for_tenant(tenant).select_related("suite").first()
    if row is None:
        return ScheduleRecord(GENERAL, False, (), 7, 120, Bounds(SCHEDULE_BUDGET, DEFAULT_RATE), None)
    return ScheduleRecord(
        suite=row.suite.slug,
        enabled=row.enabled,
        models=tuple(row.model_names),
        every_days=row.every_days,
        learn_from=row.learn_from,
        bounds=Bounds(row.budget, row.rate),
        next_at=row.next_at if row.enabled else None,
        phase=canaries.phases(row),
    )


def _answer(row: RunAnswer, question: Question, verdicts: tuple[Verdict, ...]) -> AnswerRecord:
    return AnswerRecord(
        id=row.pk,
        question=row.question,
        prompt=question.prompt,
        task=row.task,
        domain=row.domain,
        check=KINDS[type(question.check)],
        expected=expected(question),
        model=row.model,
        state=row.state,
        code=row.code,
        reason=row.reason,
        text=row.text,
        value=row.value,
        label=row.label,
        finish=row.finish,
        cost=row.cost + sum(verdict.cost for verdict in verdicts),
        first_token_ms=row.first_token_ms,
        duration_ms=row.duration_ms,
        tries=row.tries,
        turn=row.turn_id,
        asked_at=row.asked_at,
        verdicts=verdicts,
    )


def _alarm(row: DriftAlarm) -> AlarmRecord:
    return AlarmRecord(
        id=row.pk,
        run=row.run_id,
        model=row.model,
        asked=row.asked,
        failed=row.failed,
        expected=row.expected,
        chance=row.chance,
        raised_at=row.raised_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=UserId(row.acknowledged_by_id) if row.acknowledged_by_id else None,
    )
