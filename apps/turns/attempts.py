"""Step 5 of the path: stream from the granted model, and fall back along the permitted ranking.

Before the first token the next model takes over; after it, in the chat, it goes on with what is there (`continuing`).
Each further attempt is on record, with its own reservation, before it is sent. An answer may be held back until it is
checked (`holding`), or several models answer at once and vote (`voters`); whoever is asked, the same holds for each.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from apps.core.store import Outcome
from apps.domain.decision import Ranked
from apps.domain.egress import EgressRefused
from apps.domain.errors import OpenRouteError
from apps.domain.sentences import Sentence, say
from apps.domain.turn import Switched, TurnEvent
from apps.providers.values import ProviderError
from apps.turns import continuing, holding, runtime, sending, voters
from apps.turns.dispatching import actor_of
from apps.turns.flow import Flow, candidates_after
from apps.turns.operations import ExtendTurn, Grant
from apps.turns.received import NotGoodEnough
from apps.turns.sending import NoLongerPermitted
from apps.turns.showing import as_it_comes

GIVES_WAY = (ProviderError, EgressRefused, NotGoodEnough)
"""After these another model may answer; everything else is a defect of ours."""


async def stream(flow: Flow) -> AsyncGenerator[TurnEvent, None]:
    """Events of the answer. Afterwards `flow` knows how the turn ended; provider errors do not escape."""
    while True:
        try:
            async with aclosing(_answer(flow)) as events:
                async for event in events:
                    yield event
            return
        except GIVES_WAY as error:
            flow.end_attempt(error)
            for held in flow.flush():
                yield held
            holding.set_aside(flow, error)
            switched = await _next(flow, error)
            if switched is None:
                for event in holding.last_resort(flow, error):
                    yield event
                return
            yield switched


def _answer(flow: Flow) -> AsyncGenerator[TurnEvent, None]:
    """What readers see of the current attempt, or of those that vote."""
    if flow.beside:
        return voters.vote(flow)
    return holding.checked(flow) if flow.current.held is not None else _shown(flow)


async def _shown(flow: Flow) -> AsyncGenerator[TurnEvent, None]:
    async with aclosing(sending.ask(flow, flow.current)) as chunks, aclosing(as_it_comes(flow, chunks)) as events:
        async for event in events:
            yield event


async def _next(flow: Flow, error: OpenRouteError) -> Switched | None:
    """The switch to the next permitted model, or None where nobody else can be asked."""
    failed = flow.candidate
    left = await _permitted_now(flow, error)
    if not left:
        return None
    outcome = await _extend(flow, left, error)
    if not isinstance(outcome, Grant):
        return None  # the first fault is what people can act on; why nothing replaced it is in the record
    chosen = left[outcome.choice]
    rest = flow.left if isinstance(error, NotGoodEnough) else left  # who is no step may still stand in for one
    flow.left = tuple(entry for entry in rest if entry.candidate.model != chosen.candidate.model)
    kept = flow.text.length
    flow.next_attempt(chosen, outcome)
    return Switched(
        turn=flow.request.turn,
        source=failed.model,
        target=chosen.candidate.model,
        hosting=chosen.candidate.hosting,
        reason=_why(failed.model, chosen.candidate.model, error, goes_on=kept > 0),
        keeps=kept,
        sensitivity=flow.inspection.sensitivity,
    )


def _why(source: str, target: str, error: OpenRouteError, *, goes_on: bool) -> Sentence:
    if isinstance(error, NoLongerPermitted):
        template = "{source} may not answer under the rules of this moment, so {target} does."
        return say("switched_by_rule", template, source=source, target=target)
    if isinstance(error, NotGoodEnough):
        template = f"The answer of {{source}} {holding.WORDS[error.fault]}, so {{target}} was asked."
        return say("switched_by_check", template, source=source, target=target, fault=error.fault)
    if goes_on:
        template = f"{{source}} broke off ({error.code.replace('_', ' ')}), so {{target}} goes on from here."
        return say("switched_midway", template, source=source, target=target, code=error.code)
    template = f"{{source}} could not answer ({error.code.replace('_', ' ')}), so {{target}} does."
    return say("switched_by_fault", template, source=source, target=target, code=error.code)


async def _permitted_now(flow: Flow, error: OpenRouteError) -> tuple[Ranked, ...]:
    """Who is left under the policy of this moment, which may be newer than the decision's."""
    if isinstance(error, NoLongerPermitted):
        left = flow.left
    elif isinstance(error, EgressRefused):
        return ()
    else:
        left = candidates_after(error, flow)
    goes_on = flow.text.length > 0
    if goes_on and left:
        continuing.take_up(flow)
        await sending.inspect_again(flow)
    await sending.up_to_date(flow)
    if sending.context_now(flow) is None or (goes_on and sending.refuses_all(flow)):
        return ()
    if flow.was_inside:  # what a model inside was shown, or has written, goes to no model outside, masked or not
        flow.masked = None
    permitted = sending.permitted(flow, left, masked=flow.masked is not None)
    if isinstance(error, NotGoodEnough):
        return holding.affordable(flow, permitted)
    return continuing.who_can(flow, permitted) if goes_on else permitted


async def _extend(flow: Flow, left: tuple[Ranked, ...], error: OpenRouteError) -> Outcome:
    # Known before it is committed: a close that overtakes this must be able to give the reservation back.
    flow.periods.update(period for entry in left for period in entry.periods)
    ended = flow.outcomes[flow.recorded :]
    flow.recorded = len(flow.outcomes)
    operation = ExtendTurn(
        turn=flow.request.turn,
        tenant=flow.request.principal.tenant,
        actor=actor_of(flow.request),
        number=len(flow.outcomes) + 1,
        ranked=left,
        input_tokens=flow.choice.input_tokens,
        images=flow.choice.images,
        failed=error.code,
        sensitivity=flow.inspection.sensitivity.word,
        keeps=flow.text.length,
        is_from_outside=flow.is_from_outside,
        masked=flow.masked.types if flow.masked else (),
        fault=error.fault if isinstance(error, NotGoodEnough) else "",
        gave_way=tuple((entry.number, entry.code) for entry in ended),
    )
    try:
        return await runtime.current().writer.submit(operation)
    except OpenRouteError as refused:
        return refused
