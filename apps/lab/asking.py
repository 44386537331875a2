"""Questions of a run as turns: through the one pipeline, with the model pinned, so that nobody else answers for it.

What would happen is looked at first (`turns.check`): a question that the model may not see is not asked, and one whose
worst case does not fit into what is left of the run's budget stops the run before anything is reserved.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import uuid5

from apps.core import clock
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId, TurnId, UserId
from apps.domain.messages import PromptMessage, Role, Sampling
from apps.domain.privacy import Sensitivity
from apps.domain.sentences import say
from apps.domain.turn import Channel, Failed, Principal, TurnRequest
from apps.lab import judging
from apps.lab.models import Run, RunAnswer
from apps.lab.recorder import RECORDER
from apps.routing.evaluation import Judged, Question
from apps.turns import services as turns


class NoJudge(OpenRouteError):
    """No model but the judged one may judge this answer."""

    code, status = "no_judge", 403


@dataclass(frozen=True, slots=True)
class Unit:
    """One call to be made: a row, its question, and of a judge's call the answer that is judged."""

    row: RunAnswer
    question: Question
    judged: RunAnswer | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A call that may be made. `worst_case` is in micro-dollars."""

    unit: Unit
    request: TurnRequest
    worst_case: int


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended, where it did not end well. `on_record`: as a turn, so the recorder has stored it."""

    unit: Unit
    code: str
    detail: str
    error: OpenRouteError | None = None
    on_record: bool = False


async def look(run: Run, units: Sequence[Unit]) -> list[Ready | Ended]:
    """What each call would cost at most, or why it cannot be made; in the order of `units`."""
    return [await _looked(run, unit) for unit in units]


async def ask(calls: Sequence[Ready]) -> list[Ended]:
    """Make the calls at once and wait until each is settled. Returns those that did not end well."""
    ends = await asyncio.gather(*(_asked(call) for call in calls))
    return [end for end in ends if end is not None]


async def _looked(run: Run, unit: Unit) -> Ready | Ended:
    try:
        request = _request(run, unit) if unit.judged is None else await _judge_request(run, unit)
        choice = (await turns.check(request)).choice
    except OpenRouteError as error:
        return Ended(unit, error.code, error.detail, error)
    if choice.refusal is not None:
        return Ended(unit, choice.refusal.code, choice.refusal.detail)
    worst_case = choice.ranked[0].worst_case_micro_usd
    return Ready(unit, replace(request, max_cost_micro_usd=worst_case), worst_case)


async def _asked(call: Ready) -> Ended | None:
    try:
        async for event in turns.answer(call.request):
            if isinstance(event, Failed):
                return Ended(call.unit, event.code, event.detail, on_record=True)
    except OpenRouteError as error:
        return Ended(call.unit, error.code, error.detail, error)
    return None


def _request(run: Run, unit: Unit) -> TurnRequest:
    message = PromptMessage(Role.USER, unit.question.prompt)
    return _turn(run, unit.row, (message,), unit.row.model, run.max_output_tokens)


async def _judge_request(run: Run, unit: Unit) -> TurnRequest:
    """The question to the judge; it carries the label of what it quotes."""
    judged, check = unit.judged, unit.question.check
    assert judged is not None
    assert isinstance(check, Judged)
    asked = judging.messages(
        prompt=unit.question.prompt,
        rubric=check.rubric,
        answer=judged.text,
        reference=check.reference,
        answer_first=unit.row.role == RunAnswer.Role.FIRST,
    )
    request = _turn(run, unit.row, asked, run.judge, judging.MAX_TOKENS)
    request = replace(request, label_floor=Sensitivity(judged.label))
    if run.judge and run.judge != judged.model:
        return request
    return replace(request, model=await _best_but(judged.model, request))


async def _best_but(judged: str, request: TurnRequest) -> str:
    """The best permitted model other than the judged one. Raises `NoJudge`."""
    anybody = replace(request, model="auto", strategy="best", pinned=False)
    choice = (await turns.check(anybody)).choice
    found = next((entry.candidate.model for entry in choice.ranked if entry.candidate.model != judged), None)
    if found is None:
        raise NoJudge(say("lab_no_judge", "No other model may judge the answers of {model}.", model=judged))
    return found


def _turn(
    run: Run, row: RunAnswer, messages: tuple[PromptMessage, ...], model: str, max_output_tokens: int
) -> TurnRequest:
    """The turn of a row: its id follows from the row and the try, so that the same try is the same turn."""
    assert run.user_id is not None
    return TurnRequest(
        turn=TurnId(uuid5(row.id, str(row.tries))),
        principal=Principal(TenantId(run.tenant_id), UserId(run.user_id)),
        team=None,
        channel=Channel.LAB,
        messages=messages,
        received_at=clock.now(),
        model=model,
        sampling=Sampling(temperature=0.0, seed=run.seed, max_output_tokens=max_output_tokens),
        recorder=RECORDER.name,
        pinned=True,
        kept_in=row.id,
    )
