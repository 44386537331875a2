"""The one path of a message. Chat, developer API, titles and comparison all come through `answer`.

    1 load_context     who asks, under which policy, with which history and models
    2 inspect          everything that would be sent
    3 choose           ranked candidates, or a refusal with its reason
    4 open             question, reservation and "about to be sent" are durable
    5 stream           fall back along the ranking, never outside it; several at once may vote, or a checker decides
    6 close            answer, ledger and outcome are durable; then, and only then, the end is told

The outcome is settled exactly once however the turn ends: whole, failed, stopped, reader gone. A killed process is
settled by the sweeper.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from apps.domain.turn import Accepted, Routed, TextDelta, TurnEvent, TurnRequest
from apps.turns import attempts, granting, outcome, preparing
from apps.turns.flow import Flow
from apps.turns.growing import GrowingText
from apps.turns.operations import Idempotency
from apps.turns.preparing import Replay
from apps.turns.stopping import StopSignal


async def answer(
    request: TurnRequest,
    *,
    stop: StopSignal | None = None,
    idempotency: Idempotency | None = None,
    text: GrowingText | None = None,
) -> AsyncGenerator[TurnEvent, None]:
    """Answer one question: `Accepted`, `Routed`, text and switches, then exactly one `Completed` or `Failed`.

    A question that privacy, policy or budget refuses is `Accepted` (it is on record) and then `Failed`. Closing the
    iterator stops the turn: what was produced is charged.

    Args:
        text: where the answer grows, for a caller that reads it as a whole as well; it has what the events told.

    Raises:
        OpenRouteError: nothing is on record and nothing was sent (not signed in, rate limit, unknown model, busy).
    """
    stop = stop or StopSignal()
    prepared = await preparing.prepare(request, idempotency)
    if not isinstance(prepared, Flow):
        yield Accepted(request.turn)
        for event in prepared if isinstance(prepared, Replay) else (prepared,):
            if text is not None and isinstance(event, TextDelta):
                text.append(event.text)
            yield event
        return
    flow, ended = prepared, False
    flow.text = flow.text if text is None else text
    try:
        yield Accepted(request.turn)
        stop.arm()
        yield _routed(flow)
        async with aclosing(attempts.stream(flow)) as events:
            async for event in events:
                yield event
        ended = True
    except (asyncio.CancelledError, GeneratorExit):
        ended = True
        flow.end_by_reader()
        settled = await outcome.settle(flow)
        if not stop.disarm():
            raise
        yield outcome.told(flow, settled)
        return
    finally:
        stop.disarm()
        if not ended:  # a defect of ours is on its way to the log: nothing may stay reserved
            await outcome.settle_broken(flow)
    yield outcome.told(flow, await outcome.settle(flow))


def _routed(flow: Flow) -> Routed:
    decision = flow.choice.decision
    assert decision is not None
    masked = dict(flow.masked.types) if flow.masked else {}
    return Routed(
        turn=flow.request.turn,
        model=flow.candidate.model,
        hosting=flow.candidate.hosting,
        strategy=decision.strategy,
        sensitivity=flow.inspection.sensitivity,
        entities=flow.inspection.entities,
        together=tuple(entry.ranked.candidate.model for entry in flow.running) if flow.beside else (),
        reasons=(*decision.reasons, *granting.remarks(flow.current.grant, flow.choice.ranked, masked)),
    )
