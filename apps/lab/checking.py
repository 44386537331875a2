"""From an answer to a quality in [0, 1], and from there into the profile of its model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.core import clock, db
from apps.domain.ids import TenantId
from apps.domain.messages import PromptMessage
from apps.domain.messages import Role as Speaker
from apps.domain.observation import Observation
from apps.domain.sentences import say
from apps.lab import judging, retrying, runs, sandbox
from apps.lab.models import Run, RunAnswer
from apps.lab.values import Reason, reason
from apps.routing import services as routing
from apps.routing.evaluation import Executed, Judged, Question

State, Role = RunAnswer.State, RunAnswer.Role
ORDERS: Final = (Role.FIRST, Role.SECOND)
ENDED: Final = frozenset({State.ANSWERED, State.FAILED, State.SKIPPED})


@dataclass(frozen=True, slots=True)
class Concluded:
    """An answer whose quality is known."""

    row: RunAnswer
    question: Question
    value: float


def check_answers(run: Run, questions: Mapping[str, Question]) -> None:
    """Check every answer that can be checked by now. What was checked is not checked again."""
    mine = RunAnswer.objects.for_tenant(TenantId(run.tenant_id)).filter(run=run)
    answered = mine.filter(role=Role.ANSWER, state=State.ANSWERED).order_by("place")
    found = [_checked(run, row, questions[row.question]) for row in answered]
    judged = list(mine.filter(role=Role.ANSWER, state=State.JUDGING).order_by("place"))
    verdicts = list(mine.filter(role__in=ORDERS, question__in={row.question for row in judged}))
    for row in judged:
        both = [verdict for verdict in verdicts if (verdict.question, verdict.model) == (row.question, row.model)]
        found.append(_judged(row, questions[row.question], both))
    _keep(TenantId(run.tenant_id), [concluded for concluded in found if concluded is not None])


def _checked(run: Run, row: RunAnswer, question: Question) -> Concluded | None:
    check = question.check
    if row.answered_by != row.model:  # a pinned turn has no other; should it ever, that is not this model's answer
        _skip(row, "other_model", say("lab_other_model", "{model} answered in its place.", model=row.answered_by))
        return None
    if isinstance(check, Judged):
        _ask_judge(run, row)
        return None
    if isinstance(check, Executed):
        return _executed(row, question, check)
    return Concluded(row, question, check.score(row.text))


def _executed(row: RunAnswer, question: Question, check: Executed) -> Concluded | None:
    if not sandbox.is_configured(check.language):
        template = "There is no sandbox that runs {language}, so the answer was not checked."
        _skip(row, "no_sandbox", say("lab_no_sandbox", template, language=check.language))
        return None
    program = check.program(row.text)
    return Concluded(row, question, float(program is not None and sandbox.passes(program)))


def _ask_judge(run: Run, row: RunAnswer) -> None:
    """Two calls of a judge, in both orders; they are asked like any other question of the run."""
    calls = [
        RunAnswer(
            id=runs.answer_id(run.pk, row.question, row.model, role), tenant_id=row.tenant_id, run=run,
            place=row.place, question=row.question, model=row.model, role=role, task=row.task, domain=row.domain,
        )
        for role in ORDERS
    ]  # fmt: skip
    with db.atomic():
        RunAnswer.objects.bulk_create(calls, ignore_conflicts=True)
        _change(row, state=State.JUDGING)


def _judged(row: RunAnswer, question: Question, verdicts: Iterable[RunAnswer]) -> Concluded | None:
    """What both verdicts say, once both calls have ended."""
    found = {verdict.role: verdict for verdict in verdicts}
    ended = [verdict for verdict in found.values() if verdict.state in ENDED and not retrying.is_in_vain(verdict)]
    if len(ended) < len(ORDERS):
        return None
    lost = next((verdict for verdict in ended if verdict.state != State.ANSWERED), None)
    if lost is not None:
        code = lost.code if lost.code == "no_judge" else "judge_failed"
        _change(row, state=State.SKIPPED, code=code, reason=lost.reason)
        return None
    first, second = (judging.read(found[role].text, answer_first=role == Role.FIRST) for role in ORDERS)
    value = judging.value(first, second)
    if value is None:
        _skip(row, "judge_unclear", say("lab_judge_unclear", "The judge did not say which answer is better."))
        return None
    return Concluded(row, question, value)


def _keep(tenant: TenantId, concluded: Sequence[Concluded]) -> None:
    """The qualities are kept and given to the profiles, together or not at all."""
    if not concluded:
        return
    observed = [_observation(one) for one in concluded]
    with db.atomic():
        for one in concluded:
            _change(one.row, state=State.CHECKED, value=one.value, code="")
        routing.observe(tenant, observed)


def _observation(concluded: Concluded) -> Observation:
    row, question = concluded.row, concluded.question
    asked = (PromptMessage(Speaker.USER, question.prompt),)
    return Observation(
        source=row.pk,
        model=row.model,
        task=question.task,
        domain=question.domain,
        complexity=routing.recognise(asked).complexity,
        signal="evaluated",
        value=concluded.value,
        at=row.ended_at or clock.now(),
    )


def _skip(row: RunAnswer, code: str, why: str) -> None:
    _change(row, state=State.SKIPPED, code=code, reason=reason(why))


def _change(row: RunAnswer, *, reason: Reason | None = None, **changes: object) -> None:
    with db.atomic():
        RunAnswer.objects.filter(pk=row.pk).update(reason=reason, **changes)
