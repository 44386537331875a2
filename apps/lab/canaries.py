"""Canaries: a few questions asked again on a schedule, to notice that a model has silently changed.

A model is learnt first: `drift.CHOOSING_RUNS` runs, one a day, over a fixed sample of the suite's questions that a rule
can check. Then only those are asked, at most `drift.WANTED`, that it answered right each time, every `every_days`. What
a judge would have to decide is no canary: it would change with the judge.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from apps.audit import services as audit
from apps.core import db
from apps.core.tenancy import all_tenants, use_tenant
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId, UserId, new_id
from apps.lab import runs, suites
from apps.lab.models import DriftAlarm, Run, RunAnswer, Schedule, SuiteVersion
from apps.lab.values import DEFAULT_OUTPUT_TOKENS, Bounds, Wanted
from apps.routing.evaluation import Executed, Judged, Question, drift
from apps.tenants import selectors as tenants

log = structlog.get_logger(__name__)

LEARNING: Final = timedelta(days=1)
History = Mapping[str, Sequence[float]]
"""Scores by question, oldest first."""


def start_due(*, now: datetime) -> int:
    """Begin the run of every schedule that is due; returns how many. Safe to run twice."""
    with all_tenants():
        due = Schedule.objects.filter(enabled=True, next_at__lte=now).order_by("next_at")
        found = list(due.values_list("pk", "tenant_id"))
    return sum(_start(TenantId(tenant), pk, now) for pk, tenant in found)


def history(schedule: Schedule, version: SuiteVersion, model: str, *, but: Run | None = None) -> History:
    """How a model did in the schedule's completed runs since it was last learnt anew, without those with an alarm.

    Args:
        but: a run that does not count.
    """
    tenant = TenantId(schedule.tenant_id)
    alarms = DriftAlarm.objects.for_tenant(tenant).filter(run__schedule=schedule, model=model)
    rows = RunAnswer.objects.for_tenant(tenant).filter(
        run__schedule=schedule, run__version=version, run__state=Run.State.COMPLETED,
        model=model, role=RunAnswer.Role.ANSWER, value__isnull=False,
    )  # fmt: skip
    learnt = alarms.filter(acknowledged_at__isnull=False).order_by("-acknowledged_at").first()
    if learnt is not None:
        rows = rows.filter(run__created_at__gt=learnt.acknowledged_at)
    found: dict[str, list[float]] = defaultdict(list)
    if but is not None:
        rows = rows.exclude(run=but)
    told = rows.exclude(run__in=alarms.values("run")).order_by("run__created_at", "place")
    for question, value in told.values_list("question", "value"):
        found[question].append(value or 0.0)
    return found


def is_learnt(scores: History) -> bool:
    """Whether a model has been asked often enough to choose its canaries."""
    return max(map(len, scores.values()), default=0) >= drift.CHOOSING_RUNS


def judge(run: Run, *, at: datetime) -> None:
    """Read what the canaries of a completed run say, model by model; an alarm is on record. Inside a transaction."""
    assert run.schedule is not None
    tenant = TenantId(run.tenant_id)
    for model in run.model_names:
        before = history(run.schedule, run.version, model, but=run)
        if not is_learnt(before):
            continue
        chosen = drift.choose(before)
        rows = RunAnswer.objects.for_tenant(tenant).filter(run=run, model=model, role=RunAnswer.Role.ANSWER)
        asked = rows.filter(question__in=chosen, value__isnull=False).values_list("question", "value")
        scores = {question: value or 0.0 for question, value in asked}
        reading = drift.read(scores, {name: before[name][drift.CHOOSING_RUNS :] for name in scores})
        if reading.alarms:
            _alarm(run, model, reading, at)


def _alarm(run: Run, model: str, reading: drift.Reading, at: datetime) -> None:
    assert reading.chance is not None
    alarm = DriftAlarm.objects.create(
        id=new_id(), tenant_id=run.tenant_id, run=run, model=model, asked=reading.asked, failed=reading.failed,
        expected=reading.expected, chance=reading.chance, raised_at=at,
    )  # fmt: skip
    body = {"model": model, "run": run.pk, "asked": reading.asked, "failed": reading.failed}
    tenant, subject = TenantId(run.tenant_id), f"alarm:{alarm.pk}"
    audit.append(tenant=tenant, kind="drift.found", actor="system", subject=subject, body=body, at=at)
    log.warning("lab.model_changed", tenant=run.tenant_id, model=model, asked=reading.asked, failed=reading.failed)


def _start(tenant: TenantId, schedule: int, now: datetime) -> bool:
    with use_tenant(tenant), db.atomic():
        rows = Schedule.objects.select_for_update().filter(pk=schedule, enabled=True, next_at__lte=now)
        row = rows.select_related("suite").first()
        if row is None or not tenants.tenant(tenant).active:
            return False
        learning = True
        try:
            begun, learning = _begin(row, now)
        except OpenRouteError as error:  # such as a model that is gone: said in the log, tried again a day later
            log.warning("lab.canaries_not_started", tenant=tenant, code=error.code)
            begun = None
        row.next_at = now + (LEARNING if learning or begun is None else timedelta(days=row.every_days))
        row.save(update_fields=["next_at"])
    return begun is not None


def _begin(schedule: Schedule, now: datetime) -> tuple[UUID | None, bool]:
    """The run, unless the one before still goes on; and whether a model is still being learnt."""
    tenant = TenantId(schedule.tenant_id)
    going = Run.objects.for_tenant(tenant).filter(schedule=schedule, state__in=runs.GOING)
    if schedule.user_id is None or going.exists():
        return None, True
    version = suites.version_for(tenant=tenant, slug=schedule.suite.slug, at=now)
    offered = runs.offered(tenant)
    models = [name for name in schedule.model_names or offered if name in offered]
    pairs, learning = _pairs(schedule, version, models)
    wanted = Wanted(
        suite=schedule.suite.slug,
        models=tuple(models),
        bounds=Bounds(schedule.budget, schedule.rate),
        seed=schedule.pk & 0x7FFF_FFFF,
        max_output_tokens=DEFAULT_OUTPUT_TOKENS,
    )
    run = runs.store(
        tenant=tenant, version=version, wanted=wanted, pairs=pairs, user=UserId(schedule.user_id),
        actor="system", at=now, schedule=schedule.pk,
    )  # fmt: skip
    return run, learning


def _pairs(schedule: Schedule, version: SuiteVersion, models: Sequence[str]) -> tuple[list[tuple[Question, str]], bool]:
    """What each model is asked: the sample while it is being learnt, its canaries from then on."""
    fit = [question for question in suites.questions_of(version) if not isinstance(question.check, Judged | Executed)]
    sample = sorted(fit, key=lambda question: _lot(schedule, question))[: schedule.learn_from]
    by_name = {question.name: question for question in fit}
    pairs, learning = list[tuple[Question, str]](), False
    for model in models:
        scores = history(schedule, version, model)
        if is_learnt(scores):
            pairs += [(by_name[name], model) for name in drift.choose(scores) if name in by_name]
        else:
            learning = True
            pairs += [(question, model) for question in sample]
    return pairs, learning


def _lot(schedule: Schedule, question: Question) -> str:
    """The same questions each time, whatever else is added to the suite."""
    return hashlib.sha256(f"{schedule.pk}\0{question.name}".encode()).hexdigest()


def phases(schedule: Schedule) -> dict[str, str]:
    """Per model: `learning`, `watching`, or `unsteady` where it answered no question right each time."""
    tenant = TenantId(schedule.tenant_id)
    version = SuiteVersion.objects.for_tenant(tenant).filter(suite=schedule.suite_id).order_by("-number").first()
    if version is None or not schedule.enabled:
        return {}
    found = {}
    for model in schedule.model_names or runs.offered(tenant):
        scores = history(schedule, version, model)
        found[model] = "learning" if not is_learnt(scores) else "watching" if drift.choose(scores) else "unsteady"
    return found
