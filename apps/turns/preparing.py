"""Steps 1 to 4 of the path: who asks, what the text holds, who may answer, and all of it durable."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.core.clock import now
from apps.core.store import Outcome
from apps.core.threads import in_db
from apps.domain.decision import ModelNotFound, Ranked
from apps.domain.errors import OpenRouteError, Overloaded, RateLimited
from apps.domain.ids import PeriodId
from apps.domain.limits import RateLimits
from apps.domain.privacy import Inspection
from apps.domain.sentences import say
from apps.domain.turn import Channel, Failed, TurnEvent, TurnRequest
from apps.privacy import services as privacy
from apps.privacy.values import Masked
from apps.tenants import roles
from apps.turns import outcome, replay, runtime, together
from apps.turns.choosing import Asked, BudgetUndecided, Choice, choose
from apps.turns.flow import Flow
from apps.turns.masking import mask
from apps.turns.models import Turn
from apps.turns.opening import actor_of
from apps.turns.operations import CloseTurn, Duplicate, Grant, Idempotency, OpenTurn, Refused, StaleSnapshot
from apps.turns.rates import Scope
from apps.turns.received import Held, Received
from apps.turns.recorders import recorder

TRIES = 3
_orphans: set["asyncio.Task[Any]"] = set()


async def prepare(request: TurnRequest, idempotency: Idempotency | None) -> "Flow | Replay | Failed":
    """Everything before the first byte leaves.

    Returns:
        the flow to stream; or the kept answer of an earlier request with the same id; or how the turn was refused.

    Raises:
        OpenRouteError: nothing is on record (but a counted refusal), nothing was reserved.
    """
    asked = await load_context(request)
    limits = _limits(asked)
    await _admit(asked, limits)
    for _ in range(TRIES):
        inspection = await inspect(asked)
        masked = await mask(asked, inspection)
        try:
            choice = choose(asked, inspection, now(), masked)
        except ModelNotFound as error:
            await _note(request, error)
            raise
        except BudgetUndecided:
            asked = await _reloaded(asked)
            continue
        opened = await _open(_operation(asked, inspection, choice, idempotency, masked))
        if isinstance(opened, StaleSnapshot):
            asked = await _reloaded(asked)
            continue
        return await _prepared(asked, inspection, choice, opened, limits, idempotency, masked)
    raise Overloaded(
        say("rights_changing", "Rights or budgets are changing at this moment. Try again in a few seconds.")
    )


class Replay(tuple[TurnEvent, ...]):
    """The events of an answer that was given before."""

    __slots__ = ()


async def load_context(request: TurnRequest) -> Asked:
    """Step 1: the asker's rights as of now, and the stored history in front of what they ask."""
    active = runtime.current()
    if not active.accepting:
        raise Overloaded(say("restarting", "OpenRoute is restarting. Try again in a moment."))
    context = await active.contexts.get(request.principal.tenant)
    person = context.person(request.principal.user)
    team = context.team_for(person, request.team)
    roles.require(person, "chat.ask")
    request = replace(request, team=team.id if team else None)  # whose budget pays is settled here, once
    history = await recorder(request.recorder).history(request)
    sticky = active.affinity.get(request)
    used = active.levels.tightest(context, team, now())
    return Asked(request, context, person, team, (*history, *request.messages), sticky, used)


async def inspect(asked: Asked) -> Inspection:
    """Step 2: everything that would be sent."""
    return await privacy.inspect(asked.sent, asked.profile, exempt=asked.exempt(now()))


def _limits(asked: Asked) -> tuple[tuple[Scope, RateLimits], ...]:
    """The limits that this request counts against. Background work has none: people must not be slowed by it."""
    if asked.request.channel is Channel.BACKGROUND:
        return ()
    principal = asked.request.principal
    found: list[tuple[Scope, RateLimits]] = [
        (("tenant", principal.tenant), asked.context.tenant.limits),
        (("person", principal.user), asked.person.limits),
    ]
    if asked.team:
        found.append((("team", asked.team.id), asked.team.limits))
    if principal.key is not None:
        found.append((("key", principal.key), runtime.current().keys.limits(principal.key)))
    return tuple(found)


async def _admit(asked: Asked, limits: tuple[tuple[Scope, RateLimits], ...]) -> None:
    try:
        runtime.current().rates.admit(limits)
    except RateLimited as error:
        await _note(asked.request, error)
        raise


async def _note(request: TurnRequest, error: OpenRouteError) -> None:
    await runtime.current().refusals.note(tenant=request.principal.tenant, actor=actor_of(request), code=error.code)


async def _reloaded(asked: Asked) -> Asked:
    await runtime.current().contexts.refresh(asked.request.principal.tenant)
    return await load_context(asked.request)


def _operation(
    asked: Asked, inspection: Inspection, choice: Choice, idempotency: Idempotency | None, masked: Masked | None
) -> OpenTurn:
    limit = asked.request.max_cost_micro_usd
    voters = together.voters(choice.decision, choice.ranked, masked=masked is not None, limit=limit)
    return OpenTurn(
        request=asked.request,
        inspection=inspection,
        ranked=choice.ranked,
        decision=choice.decision,
        record=choice.record,
        policy_version=asked.context.policy.version,
        config_version=asked.context.version,
        input_tokens=choice.input_tokens,
        images=choice.images,
        owner=runtime.current().boot_id,
        refusal=choice.refusal,
        idempotency=idempotency,
        voters=() if choice.refusal else voters,
    )


async def _open(operation: OpenTurn) -> Outcome:
    """Step 4. When the reader goes while it is being committed, the turn is closed again: nobody would stream it."""
    opening = runtime.current().writer.enqueue(operation)
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        orphan = asyncio.ensure_future(_close_orphan(opening, operation))
        _orphans.add(orphan)
        orphan.add_done_callback(_orphans.discard)
        raise


async def _close_orphan(opening: "asyncio.Future[Outcome]", operation: OpenTurn) -> None:
    (grant,) = await asyncio.gather(opening, return_exceptions=True)
    if isinstance(grant, Grant):
        chosen = operation.ranked[grant.choice]
        close = CloseTurn(
            turn=operation.turn,
            tenant=operation.tenant,
            recorder=operation.request.recorder,
            state=Turn.State.STOPPED,
            text="",
            attempts=(),
            model=chosen.candidate.model,
            hosting=chosen.candidate.hosting.value,
            answer_label=operation.inspection.sensitivity.word,
            periods=_periods(operation.ranked, grant),
            idempotency=operation.idempotency.digest if operation.idempotency else "",
        )
        await asyncio.shield(outcome.close(close))


async def _prepared(
    asked: Asked,
    inspection: Inspection,
    choice: Choice,
    opened: Outcome,
    limits: tuple[tuple[Scope, RateLimits], ...],
    idempotency: Idempotency | None,
    masked: Masked | None,
) -> "Flow | Replay | Failed":
    request = asked.request
    if isinstance(opened, Duplicate) and request.chat:
        if not opened.same_body:
            raise replay.AnotherBody(replay.ANOTHER_QUESTION)
        # The chat follows the turn that exists; events under a new id would lead nowhere.
        raise replay.TurnRunning("This question was asked already.", turn=opened.turn)
    if isinstance(opened, Duplicate):
        assert idempotency is not None
        return Replay(await in_db(replay.load, request.principal.tenant, idempotency.digest, opened))
    if isinstance(opened, Refused):
        error = opened.error
        wait = getattr(error, "retry_after_s", None)
        label = inspection.sensitivity
        return Failed(request.turn, error.code, error.detail, error.status, False, 0, 0, 0, wait, sensitivity=label)
    assert isinstance(opened, Grant)
    runtime.current().levels.heard(opened.used)
    granted = {given.choice for given in opened.all}
    current, *beside = (
        Received(number, choice.ranked[given.choice], given, held=Held() if opened.others else None)
        for number, given in enumerate(opened.all, start=1)
    )
    flow = Flow(
        asked=asked,
        inspection=inspection,
        choice=replace(choice, record={}),  # it is written; a thousand running answers need not hold it
        current=current,
        beside=tuple(beside),
        left=tuple(entry for place, entry in enumerate(choice.ranked) if place not in granted),
        periods=set(_periods(choice.ranked, opened)),
        limits=limits,
        idempotency=idempotency.digest if idempotency else "",
        masked=masked,
    )
    if flow.may_hold:
        current.held = Held()
    return flow


def _periods(ranked: Sequence[Ranked], grant: Grant) -> tuple[PeriodId, ...]:
    """The budget periods of everything that was granted at once."""
    return tuple({period for given in grant.all for period in ranked[given.choice].periods})
