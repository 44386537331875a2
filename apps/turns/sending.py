"""One call of one model, under the rules of the moment at which it is sent."""

from collections.abc import AsyncGenerator, Iterable
from dataclasses import replace

from apps.core.clock import now
from apps.core.snapshot import UNREACHABLE
from apps.domain.decision import Ranked
from apps.domain.egress import Clearance, EgressRefused
from apps.domain.errors import Overloaded
from apps.domain.ids import ProviderId
from apps.domain.privacy import PrivacyAction, highest
from apps.domain.sentences import say
from apps.providers import services as providers
from apps.providers.values import Chunk, ModelCall, ProviderRecord
from apps.turns import runtime
from apps.turns.choosing import Asked, bound, still_permitted
from apps.turns.context import TenantContext
from apps.turns.flow import Flow
from apps.turns.masking import Restoring, mask, shown_to
from apps.turns.preparing import inspect
from apps.turns.received import Received


class NoLongerPermitted(EgressRefused):
    """The rules have changed since the decision and keep the text from this model; another one may be permitted."""


class RightsUnknown(EgressRefused):
    """The database has been away for so long that nobody can tell whether this may still be sent."""

    code, status = Overloaded.code, Overloaded.status


def ask(flow: Flow, attempt: Received) -> AsyncGenerator[Chunk, None]:
    """What the model of this attempt says. Raises as `providers.stream` does."""
    request, candidate = flow.request, attempt.ranked.candidate
    # What a model inside is shown, at this moment or before, goes to no model outside, masked or not (promise P18).
    attempt.shown = shown_to(candidate.hosting, None if flow.was_inside else flow.masked)
    attempt.restoring = None if attempt.shown is None else Restoring(attempt.shown)
    call = ModelCall(
        turn=request.turn,
        attempt=attempt.number,
        candidate=candidate,
        messages=flow.asked.messages if attempt.shown is None else attempt.shown.messages,
        tools=request.tools,
        sampling=request.sampling,
        max_output_tokens=attempt.grant.max_output_tokens,
        idempotency=f"{request.turn}-{attempt.number}",
        goes_on=flow.asks_on,
    )
    return providers.stream(
        call,
        clear=lambda: _clearance_now(flow, attempt),
        current_action=lambda: _action_now(flow),
        lookup=lambda provider: _provider_now(flow, provider),
    )


async def _clearance_now(flow: Flow, attempt: Received) -> Clearance:
    """The label of what is about to be sent, under the policy of this moment.

    Raises:
        NoLongerPermitted: that policy keeps it from the model that was to answer.
    """
    shown = attempt.shown
    is_masked = shown is not None
    await up_to_date(flow)
    if flow.revision != attempt.revision:
        is_masked = is_masked and shown == flow.masked  # else it is not what would be sent under these rules
        left = permitted(flow, (attempt.ranked,), masked=is_masked)
        if not left and not refuses_all(flow):
            raise NoLongerPermitted(
                say("no_longer_permitted", "The rules were changed meanwhile and do not permit this model any more.")
            )
    attempt.cleared = True
    return Clearance(flow.inspection.sensitivity, masked=is_masked)


def permitted(flow: Flow, left: Iterable[Ranked], *, masked: bool) -> tuple[Ranked, ...]:
    """Those that may be asked under the rules that were taken over last."""
    return still_permitted(flow.asked, left, flow.choice, flow.inspection.sensitivity, masked=masked)


async def up_to_date(flow: Flow) -> None:
    """Take the newest snapshot over; `flow.revision` tells that it is another one than before.

    Under another policy the text is inspected once more, and when an exception has ended: what was harmless then may be
    private now (promise P18). The label never falls on the way. Without a fresh snapshot nothing changes here: then
    nothing is sent at all.
    """
    async with flow.looking:
        while (context := context_now(flow)) is not None and _differs(flow, context):
            flow.revision += 1
            decided, flow.asked = flow.asked.context.policy, _asked_under(flow.asked, context)
            # inspecting may take long enough for the next change
            if context.policy.version != decided.version or _other_exceptions(flow):
                await inspect_again(flow)


async def inspect_again(flow: Flow) -> None:
    """Look once more at what is about to be sent; the label never falls on the way."""
    found = await inspect(flow.asked)
    flow.inspection = replace(found, sensitivity=highest((found.sensitivity, flow.inspection.sensitivity)))
    flow.masked = await mask(flow.asked, flow.inspection)
    tokens = max(flow.choice.input_tokens, bound(flow.asked, flow.masked))
    flow.choice = replace(flow.choice, input_tokens=tokens)


def refuses_all(flow: Flow) -> bool:
    """Whether private text may go to no model at all: then no other one is tried."""
    return flow.inspection.sensitivity.must_stay_inside and _action_now(flow) is PrivacyAction.REFUSE


def context_now(flow: Flow) -> TenantContext | None:
    """The newest snapshot; None while nobody knows whether rights were revoked."""
    return runtime.current().contexts.peek(flow.request.principal.tenant)


def _differs(flow: Flow, context: TenantContext) -> bool:
    return context is not flow.asked.context or _other_exceptions(flow)


def _other_exceptions(flow: Flow) -> bool:
    """Whether one has ended since the text was inspected, or was granted."""
    return flow.asked.exempt(now()) != flow.inspection.exempt


def _asked_under(asked: Asked, context: TenantContext) -> Asked:
    """The same question under another snapshot; the team's list of models may be another one as well."""
    team = context.teams.get(asked.team.id, asked.team) if asked.team else None
    return replace(asked, context=context, team=team)


def _action_now(flow: Flow) -> PrivacyAction:
    """What the policy says at the moment of sending; without a fresh snapshot nothing private leaves at all."""
    context = context_now(flow)
    if context is None:
        return PrivacyAction.REFUSE
    channel = flow.request.channel.value
    return context.policy.sensitivity_for(channel=channel, team=flow.asked.team_slug).action


def _provider_now(flow: Flow, provider: ProviderId) -> ProviderRecord | None:
    """The provider as of this moment, None when the company has it no longer. Raises `RightsUnknown`."""
    context = context_now(flow)
    if context is None:
        raise RightsUnknown(say("rights_unknown", UNREACHABLE))
    return context.providers.get(provider)
