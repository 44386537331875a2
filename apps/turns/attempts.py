"""Step 5 of the path: stream from the granted model, and fall back along the permitted ranking.

Before the first token the next model takes over; after it, in the chat, it goes on with what is there (`continuing`).
Each further attempt is on record, with its own reservation, before it is sent.
"""

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace

from apps.core.clock import now
from apps.core.snapshot import UNREACHABLE
from apps.core.store import Outcome
from apps.domain.catalogue import Hosting
from apps.domain.decision import Ranked
from apps.domain.egress import Clearance, EgressRefused
from apps.domain.errors import OpenRouteError, Overloaded
from apps.domain.ids import ProviderId
from apps.domain.privacy import PrivacyAction, highest
from apps.domain.sentences import say
from apps.domain.turn import Switched, TurnEvent
from apps.providers import services as providers
from apps.providers.values import Chunk, ModelCall, ProviderError, ProviderRecord
from apps.turns import answer_label, continuing, runtime
from apps.turns.choosing import Asked, bound, still_permitted
from apps.turns.context import TenantContext
from apps.turns.flow import Flow, candidates_after
from apps.turns.masking import Restoring, mask, shown_to
from apps.turns.opening import actor_of
from apps.turns.operations import ExtendTurn, Grant
from apps.turns.preparing import inspect


class NoLongerPermitted(EgressRefused):
    """The rules have changed since the decision and keep the text from this model; another one may be permitted."""


class RightsUnknown(EgressRefused):
    """The database has been away for so long that nobody can tell whether this may still be sent."""

    code, status = Overloaded.code, Overloaded.status


async def stream(flow: Flow) -> AsyncGenerator[TurnEvent, None]:
    """Events of the answer. Afterwards `flow` knows how the turn ended; provider errors do not escape."""
    while True:
        try:
            async with aclosing(_ask(flow)) as chunks:
                async for chunk in chunks:
                    event = flow.take(chunk)
                    if event is not None:
                        yield event
                        if flow.text.length >= flow.watch.due_at and (label := answer_label.look(flow)) is not None:
                            yield label
            for held in flow.flush():
                yield held
            flow.end_attempt()
            return
        except (ProviderError, EgressRefused) as error:
            flow.end_attempt(error)
            for held in flow.flush():
                yield held
            switched = await _next(flow, error)
            if switched is None:
                return
            yield switched


def _ask(flow: Flow) -> AsyncGenerator[Chunk, None]:
    """One attempt: what the granted model says."""
    request, current = flow.request, flow.current
    current.shown = shown_to(flow.candidate.hosting, flow.masked)
    current.restoring = None if current.shown is None else Restoring(current.shown)
    call = ModelCall(
        turn=request.turn,
        attempt=current.number,
        candidate=flow.candidate,
        messages=flow.asked.messages if current.shown is None else current.shown.messages,
        tools=request.tools,
        sampling=request.sampling,
        max_output_tokens=current.grant.max_output_tokens,
        idempotency=f"{request.turn}-{current.number}",
        goes_on=flow.asks_on,
    )
    return providers.stream(
        call,
        clear=lambda: _clearance_now(flow),
        current_action=lambda: _action_now(flow),
        lookup=lambda provider: _provider_now(flow, provider),
    )


async def _clearance_now(flow: Flow) -> Clearance:
    """The label of what is about to be sent, under the policy of this moment.

    Raises:
        NoLongerPermitted: that policy keeps it from the model that was to answer.
    """
    shown = flow.current.shown
    is_masked = shown is not None
    if await _up_to_date(flow):
        is_masked = is_masked and shown == flow.masked  # else it is not what would be sent under these rules
        left = _permitted(flow, (flow.current.ranked,), masked=is_masked)
        if not left and not _refuses_all(flow):
            raise NoLongerPermitted(
                say("no_longer_permitted", "The rules were changed meanwhile and do not permit this model any more.")
            )
    flow.current.cleared = True
    return Clearance(flow.inspection.sensitivity, masked=is_masked)


def _permitted(flow: Flow, left: Iterable[Ranked], *, masked: bool) -> tuple[Ranked, ...]:
    return still_permitted(flow.asked, left, flow.choice, flow.inspection.sensitivity, masked=masked)


async def _up_to_date(flow: Flow) -> bool:
    """Take the newest snapshot over; True when it is another one than before.

    Under another policy the text is inspected once more, and when an exception has ended: what was harmless then may be
    private now (promise P18). The label never falls on the way. Without a fresh snapshot nothing changes here: then
    nothing is sent at all.
    """
    changed = False
    while (context := _context_now(flow)) is not None and _differs(flow, context):
        changed = True
        decided, flow.asked = flow.asked.context.policy, _asked_under(flow.asked, context)
        # inspecting may take long enough for the next change
        if context.policy.version != decided.version or _other_exceptions(flow):
            await _inspect(flow)
    return changed


def _differs(flow: Flow, context: TenantContext) -> bool:
    return context is not flow.asked.context or _other_exceptions(flow)


def _other_exceptions(flow: Flow) -> bool:
    """Whether one has ended since the text was inspected, or was granted."""
    return flow.asked.exempt(now()) != flow.inspection.exempt


async def _inspect(flow: Flow) -> None:
    """Look once more at what is about to be sent; the label never falls on the way."""
    found = await inspect(flow.asked)
    flow.inspection = replace(found, sensitivity=highest((found.sensitivity, flow.inspection.sensitivity)))
    flow.masked = await mask(flow.asked, flow.inspection)
    tokens = max(flow.choice.input_tokens, bound(flow.asked, flow.masked))
    flow.choice = replace(flow.choice, input_tokens=tokens)


def _asked_under(asked: Asked, context: TenantContext) -> Asked:
    """The same question under another snapshot; the team's list of models may be another one as well."""
    team = context.teams.get(asked.team.id, asked.team) if asked.team else None
    return replace(asked, context=context, team=team)


def _refuses_all(flow: Flow) -> bool:
    """Whether private text may go to no model at all: then no other one is tried."""
    return flow.inspection.sensitivity.must_stay_inside and _action_now(flow) is PrivacyAction.REFUSE


def _context_now(flow: Flow) -> TenantContext | None:
    return runtime.current().contexts.peek(flow.request.principal.tenant)


def _action_now(flow: Flow) -> PrivacyAction:
    """What the policy says at the moment of sending; without a fresh snapshot nothing private leaves at all."""
    context = _context_now(flow)
    if context is None:
        return PrivacyAction.REFUSE
    channel = flow.request.channel.value
    return context.policy.sensitivity_for(channel=channel, team=flow.asked.team_slug).action


def _provider_now(flow: Flow, provider: ProviderId) -> ProviderRecord | None:
    """The provider as of this moment, None when the company has it no longer. Raises `RightsUnknown`."""
    context = _context_now(flow)
    if context is None:
        raise RightsUnknown(say("rights_unknown", UNREACHABLE))
    return context.providers.get(provider)


async def _next(flow: Flow, error: OpenRouteError) -> Switched | None:
    """The switch to the next permitted model, or None when the turn has failed."""
    failed = flow.candidate
    left = await _permitted_now(flow, error)
    if not left:
        flow.fail(error)
        return None
    outcome = await _extend(flow, left, error)
    if not isinstance(outcome, Grant):
        flow.fail(error)  # the first fault is what people can act on; why nothing replaced it is in the record
        return None
    chosen = left[outcome.choice]
    flow.left = tuple(entry for entry in left if entry is not chosen)
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


def _why(source: str, target: str, error: OpenRouteError, *, goes_on: bool) -> str:
    if isinstance(error, NoLongerPermitted):
        template = "{source} may not answer under the rules of this moment, so {target} does."
        return say("switched_by_rule", template, source=source, target=target)
    if goes_on:
        template = f"{{source}} broke off ({error.code.replace('_', ' ')}), so {{target}} goes on from here."
        return say("switched_midway", template, source=source, target=target, code=error.code)
    template = f"{{source}} could not answer ({error.code.replace('_', ' ')}), so {{target}} does."
    return say("switched_by_fault", template, source=source, target=target, code=error.code)


async def _permitted_now(flow: Flow, error: OpenRouteError) -> tuple[Ranked, ...]:
    """Who is left under the policy of this moment, which may be newer than the decision's."""
    if isinstance(error, NoLongerPermitted):
        left = flow.left
    elif isinstance(error, ProviderError):
        left = candidates_after(error, flow)
    else:
        return ()
    goes_on = flow.text.length > 0
    if goes_on and left:
        continuing.take_up(flow)
        await _inspect(flow)
    await _up_to_date(flow)
    if _context_now(flow) is None or (goes_on and _refuses_all(flow)):
        return ()
    was_inside = flow.candidate.hosting is Hosting.SELF_HOSTED
    if was_inside:  # what a model inside was shown, or has written, goes to no model outside, masked or not
        flow.masked = None
    permitted = _permitted(flow, left, masked=flow.masked is not None)
    return continuing.who_can(flow, permitted) if goes_on else permitted


async def _extend(flow: Flow, left: tuple[Ranked, ...], error: OpenRouteError) -> Outcome:
    # Known before it is committed: a close that overtakes this must be able to give the reservation back.
    flow.periods.update(period for entry in left for period in entry.periods)
    operation = ExtendTurn(
        turn=flow.request.turn,
        tenant=flow.request.principal.tenant,
        actor=actor_of(flow.request),
        number=flow.current.number + 1,
        ranked=left,
        input_tokens=flow.choice.input_tokens,
        images=flow.choice.images,
        failed=error.code,
        sensitivity=flow.inspection.sensitivity.word,
        keeps=flow.text.length,
        is_from_outside=flow.is_from_outside,
        masked=flow.masked.types if flow.masked else (),
    )
    try:
        return await runtime.current().writer.submit(operation)
    except OpenRouteError as refused:
        return refused
