"""An answer that is held back until a checker is content with it (strategy `cascade`; adr 0013).

What the checker rejects is shown to nobody and sent to nobody: not to the next model, not to the journal, and it is
stored nowhere. Only where no other model can answer is it shown after all.
"""

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final

from apps.core.threads import in_cpu
from apps.domain.decision import Ranked
from apps.domain.egress import EgressRefused
from apps.domain.errors import OpenRouteError
from apps.domain.sentences import say
from apps.domain.turn import Channel, Switched, TurnEvent
from apps.routing import services as routing
from apps.turns import sending
from apps.turns.flow import Flow
from apps.turns.received import NotGoodEnough, Received
from apps.turns.sending import NoLongerPermitted
from apps.turns.showing import as_it_comes

LONGEST_HOLD_S: Final = 20.0
"""In the chat an answer that takes longer is shown from then on, unchecked: nobody looks at an empty page for ever."""
INLINE: Final = 8_000
"""Code points of an answer that is checked on the event loop, in about a millisecond."""
WORDS: Final[Mapping[str, str]] = {
    "empty": "was empty",
    "bad_call": "called a tool in a way that nobody can follow",
    "refusal": "was a refusal",
    "truncated": "was cut off",
    "no_json": "was not the JSON that was asked for",
    "open_code": "ended inside a block of code",
    "repeats": "went round in circles",
    "too_short": "was too short",
    "wrong_language": "was in another language",
}
"""What was wrong, in a sentence for people."""


async def checked(flow: Flow) -> AsyncGenerator[TurnEvent, None]:
    """The answer of the current attempt, once the checker is content with it.

    Raises:
        NotGoodEnough: it is not; readers have seen nothing.
    """
    attempt = flow.current
    async with aclosing(sending.ask(flow, attempt)) as chunks:
        async for chunk in chunks:
            attempt.hold(chunk)
            if attempt.finish is None and _takes_too_long(flow):
                for event in flow.reveal():
                    yield event
                async with aclosing(as_it_comes(flow, chunks)) as events:
                    async for event in events:
                        yield event
                return
    attempt.held_to_end()
    if (found := await fault(flow, attempt)) is not None:
        raise NotGoodEnough(found)
    flow.end_attempt()
    for event in flow.reveal():
        yield event


def _takes_too_long(flow: Flow) -> bool:
    is_read = flow.request.channel is Channel.CHAT
    return is_read and time.monotonic() - flow.current.asked_at > LONGEST_HOLD_S


async def fault(flow: Flow, attempt: Received) -> str | None:
    """What the checker finds wrong with a whole answer; None if nothing."""
    assert attempt.held is not None
    request, messages = flow.request, flow.asked.messages
    is_limited = attempt.grant.lowered or request.sampling.max_output_tokens is not None
    wanted = routing.wanted(request, messages, routing.recognise(messages), limited=is_limited)
    answer = routing.Answer(attempt.held.text, attempt.held.tool_calls, attempt.finish)
    if len(answer.text) <= INLINE:
        return routing.fault(answer, wanted)
    return await in_cpu(routing.fault, answer, wanted)


def set_aside(flow: Flow, error: OpenRouteError) -> None:
    """Keep an answer that was not good enough, for the case that nobody has a better one."""
    held = flow.current.held
    if isinstance(error, NotGoodEnough) and held is not None and (held.text or held.calls or flow.spare is None):
        flow.spare = flow.current


def affordable(flow: Flow, left: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Those that a better answer may cost: the caller's limit holds for the whole of it."""
    limit = flow.request.max_cost_micro_usd
    if limit is None:
        return tuple(left)
    rest = limit - sum(outcome.cost_micro_usd for outcome in flow.outcomes)
    return tuple(entry for entry in left if entry.worst_case_micro_usd <= rest)


def last_resort(flow: Flow, error: OpenRouteError) -> list[TurnEvent]:
    """Nobody else can answer: show the answer that was not good enough, if there is one; else the turn has failed."""
    is_refusal = isinstance(error, EgressRefused) and not isinstance(error, NoLongerPermitted)
    if flow.spare is None or flow.has_output or is_refusal:
        flow.fail(error)
        return []
    failed = flow.candidate.model
    flow.win(flow.spare)
    if failed == flow.candidate.model:
        return flow.reveal()
    template = "No other model could answer, so the first answer of {target} is shown after all."
    switched = Switched(
        turn=flow.request.turn,
        source=failed,
        target=flow.candidate.model,
        hosting=flow.candidate.hosting,
        reason=say("shown_after_all", template, target=flow.candidate.model),
        keeps=0,
        sensitivity=flow.inspection.sensitivity,
    )
    return [switched, *flow.reveal()]
