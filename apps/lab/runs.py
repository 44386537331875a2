"""Verbs of runs: begin, stop, go on. The work itself is done by a job (see `runner`)."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from apps.audit import services as audit
from apps.core import db, jobs
from apps.core.tenancy import all_tenants, use_tenant
from apps.domain.catalogue import is_offered
from apps.domain.errors import InvalidRequest, NotFound, OpenRouteError
from apps.domain.ids import TenantId, UserId, new_id
from apps.domain.sentences import say
from apps.lab import suites
from apps.lab.models import Run, RunAnswer, SuiteVersion
from apps.lab.values import MAX_ANSWERS, MAX_MODELS, Bounds, Wanted, reason
from apps.providers import selectors as providers
from apps.routing.evaluation import Question
from apps.tenants import selectors as tenants

JOB: Final = "lab.run"
STATE = Run.State
GOING: Final = (STATE.QUEUED, STATE.RUNNING)
BATCH: Final = 1_000


class NotNow(OpenRouteError):
    """The run is in a state in which this cannot be done."""

    code, status = "not_now", 409


def begin(*, tenant: TenantId, wanted: Wanted, user: UserId, actor: str, at: datetime) -> UUID:
    """Store a run with a row for each of its answers, and ask for the job that works through them.

    Raises:
        NotFound: there is no such suite.
        InvalidRequest: a model is unknown, or there would be too many answers.
    """
    version = suites.version_for(tenant=tenant, slug=wanted.suite, at=at)
    wanted = replace(wanted, models=_models(tenant, wanted))
    questions = _sampled(suites.questions_of(version), wanted)
    pairs = [(question, model) for question in questions for model in wanted.models]
    return store(tenant=tenant, version=version, wanted=wanted, pairs=pairs, user=user, actor=actor, at=at)


def store(
    *,
    tenant: TenantId,
    version: SuiteVersion,
    wanted: Wanted,
    pairs: Sequence[tuple[Question, str]],
    user: UserId,
    actor: str,
    at: datetime,
    schedule: int | None = None,
) -> UUID:
    """The run itself: these questions to these models, in this order."""
    if not 0 < len(pairs) <= MAX_ANSWERS:
        template = "A run has 1 to {limit} answers (questions times models); this one would have {count}."
        detail = say("lab_too_many", template, limit=MAX_ANSWERS, count=len(pairs))
        raise InvalidRequest(detail, fields={"models": detail})
    with db.atomic():
        run = Run.objects.create(
            id=new_id(), tenant_id=tenant, version=version, schedule_id=schedule, user_id=user,
            model_names=list(wanted.models), judge=wanted.judge, budget=wanted.bounds.budget, rate=wanted.bounds.rate,
            seed=wanted.seed, max_output_tokens=wanted.max_output_tokens, total=len(pairs), created_at=at,
        )  # fmt: skip
        RunAnswer.objects.for_tenant(tenant).bulk_create(_rows(run, pairs), batch_size=BATCH)
        _set_going(run, at)
        body = {"suite": version.suite_id, "version": version.number, "models": len(wanted.models)}
        body |= {"answers": len(pairs), "budget": wanted.bounds.budget}
        audit.append(tenant=tenant, kind="run.started", actor=actor, subject=f"run:{run.id}", body=body, at=at)
    return UUID(str(run.id))


def stop(*, tenant: TenantId, run: UUID, actor: str, at: datetime) -> None:
    """No further question is asked; calls that are under way are finished and paid for. Stopping twice is fine.

    Raises:
        NotFound, NotNow: there is no such run, or it is over.
    """
    with db.atomic():
        row = _locked(tenant, run)
        if row.state == STATE.STOPPED:
            return
        if row.state not in {*GOING, STATE.PAUSED}:
            raise NotNow("The run is over.")
        close(row, STATE.STOPPED, say("lab_stopped", "The run was stopped."), actor=actor, at=at)


def go_on(*, tenant: TenantId, run: UUID, bounds: Bounds | None, actor: str, at: datetime) -> None:
    """Go on with a run that was paused or stopped, or has failed; with other bounds, where they are given.

    Raises:
        NotFound, NotNow: there is no such run, or it is running, or completed.
    """
    with db.atomic():
        row = _locked(tenant, run)
        if row.state in {*GOING, STATE.COMPLETED}:
            raise NotNow("The run is running, or completed.")
        if bounds is not None:
            row.budget, row.rate = bounds.budget, bounds.rate
        row.state, row.reason, row.ended_at, row.starts = STATE.QUEUED, None, None, row.starts + 1
        row.save(update_fields=["budget", "rate", "state", "reason", "ended_at", "starts"])
        _set_going(row, at)
        body = {"starts": row.starts, "budget": row.budget}
        audit.append(tenant=tenant, kind="run.started", actor=actor, subject=f"run:{row.id}", body=body, at=at)


def close(row: Run, state: str, why: str, *, actor: str, at: datetime) -> None:
    """End a run, or pause it, for this reason; inside a transaction. Nothing changes when it has ended meanwhile."""
    told = reason(why) if why else None
    going = Run.objects.for_tenant(TenantId(row.tenant_id)).filter(pk=row.pk, state__in=(*GOING, STATE.PAUSED))
    if not going.update(state=state, reason=told, ended_at=at):
        return
    body: dict[str, Any] = {"state": str(state), "cost": row.cost}
    body |= {"checked": row.checked, "failed": row.failed, "skipped": row.skipped}
    tenant = TenantId(row.tenant_id)
    audit.append(tenant=tenant, kind="run.ended", actor=actor, subject=f"run:{row.id}", body=body, at=at)


def end_given_up(*, at: datetime) -> int:
    """End the runs whose job has failed for good: a defect of ours, or something that ends every worker."""
    template = "Something went wrong here, again and again. It is logged; the run can be set going again."
    why = say("lab_given_up", template)
    with all_tenants():
        going = list(Run.objects.filter(state__in=GOING).order_by("created_at"))
    ended = 0
    for row in going:
        failed = jobs.has_failed(tenant=TenantId(row.tenant_id), kind=JOB, subject=job_of(row.pk, row.starts))
        if failed:
            with use_tenant(TenantId(row.tenant_id)), db.atomic():
                close(row, STATE.FAILED, why, actor="system", at=at)
            ended += 1
    return ended


def job_of(run: UUID, starts: int) -> str:
    """The subject of the job that works on a run; each start is a job of its own."""
    return f"{run} {starts}"


def answer_id(run: UUID, question: str, model: str, role: str) -> UUID:
    """The id of a row: what it is about decides it, so that it cannot be made twice."""
    return uuid5(run, "\0".join((question, model, role)))


def offered(tenant: TenantId) -> tuple[str, ...]:
    """The models that the company has, by name."""
    named = tenants.tenant(tenant).models
    names = (entry.candidate.model for entry in providers.catalogue())
    return tuple(sorted(name for name in names if is_offered(name, named)))


def _models(tenant: TenantId, wanted: Wanted) -> tuple[str, ...]:
    known = offered(tenant)
    models = tuple(dict.fromkeys(wanted.models)) or known
    for field, names in (("models", models), ("judge", (wanted.judge,) if wanted.judge else ())):
        unknown = [name for name in names if name not in known]
        if unknown:
            detail = say("no_such_model", "There is no model {model!r} that your team may use.", model=unknown[0])
            raise InvalidRequest(detail, fields={field: detail})
    if not 0 < len(models) <= MAX_MODELS:
        limit = f"A run asks 1 to {MAX_MODELS} models."
        raise InvalidRequest(limit, fields={"models": limit})
    return models


def _sampled(questions: Sequence[Question], wanted: Wanted) -> Sequence[Question]:
    """A sample by the seed, in the order of the suite."""
    if wanted.sample is None or wanted.sample >= len(questions):
        return questions
    chosen = set(random.Random(wanted.seed).sample(range(len(questions)), wanted.sample))  # noqa: S311 - no secret
    return [question for place, question in enumerate(questions) if place in chosen]


def _rows(run: Run, pairs: Sequence[tuple[Question, str]]) -> Iterator[RunAnswer]:
    for place, (question, model) in enumerate(pairs):
        yield RunAnswer(
            id=answer_id(run.id, question.name, model, RunAnswer.Role.ANSWER), tenant_id=run.tenant_id, run=run,
            place=place, question=question.name, model=model, task=question.task, domain=question.domain,
        )  # fmt: skip


def _set_going(run: Run, at: datetime) -> None:
    jobs.enqueue(tenant=TenantId(run.tenant_id), kind=JOB, subject=job_of(run.id, run.starts), due_at=at)


def _locked(tenant: TenantId, run: UUID) -> Run:
    row = Run.objects.for_tenant(tenant).select_for_update().filter(pk=run).first()
    if row is None:
        raise NotFound
    return row
