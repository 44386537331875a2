"""Step 6 of the path: make the outcome durable, whatever happens to the reader meanwhile, then tell it."""

import asyncio
from functools import partial

from apps.domain.errors import OpenRouteError
from apps.domain.money import Usage
from apps.domain.turn import Completed, Failed, Finish, TurnEvent
from apps.turns import runtime
from apps.turns.flow import Broken, Flow
from apps.turns.models import Turn
from apps.turns.operations import CloseTurn, Settled


class Interrupted(OpenRouteError):
    """The turn was closed by somebody else while it was being answered."""

    code, status = "interrupted", 503


_closing: set["asyncio.Future[Settled]"] = set()


async def settle(flow: Flow) -> Settled:
    """Close the turn. Goes on when the caller is cancelled: a close is never given up."""
    closing = runtime.current().writer.enqueue(close_operation(flow), patient=True)
    _closing.add(closing)
    closing.add_done_callback(partial(_closed, flow))
    return await asyncio.shield(closing)


async def settle_broken(flow: Flow) -> None:
    """Close a turn that a defect of ours ended; the defect itself goes on to the log."""
    error = Broken("Something went wrong here. It is logged; ask again.")
    flow.fail(error)
    flow.end_attempt(error)
    await settle(flow)


async def all_settled() -> None:
    """Wait for every close that is under way, when the process ends."""
    while _closing:
        await asyncio.gather(*_closing, return_exceptions=True)


def _closed(flow: Flow, closing: "asyncio.Future[Settled]") -> None:
    """What the process remembers of a turn that is durably closed."""
    _closing.discard(closing)
    if closing.cancelled() or closing.exception() is not None:
        return
    tokens = sum(entry.usage.input_tokens + entry.usage.output_tokens for entry in flow.outcomes)
    runtime.current().rates.used(flow.limits, tokens)
    if flow.error is None:
        runtime.current().affinity.answered(flow.request, flow.candidate.model)


def close_operation(flow: Flow) -> CloseTurn:
    """What is to be recorded of how the turn ended."""
    finish = flow.current.finish if flow.state != Turn.State.FAILED else None
    return CloseTurn(
        turn=flow.request.turn,
        tenant=flow.request.principal.tenant,
        recorder=flow.request.recorder,
        state=flow.state,
        text="".join(flow.parts),
        attempts=tuple(flow.outcomes),
        model=flow.candidate.model,
        hosting=flow.candidate.hosting.value,
        finish=finish,
        code=flow.error.code if flow.error else "",
        detail=flow.error.detail if flow.error else "",
        partial=flow.state == Turn.State.FAILED and flow.has_output,
        first_token_ms=flow.first_token_ms,
        answer_label=flow.inspection.sensitivity.word,
        periods=tuple(sorted(flow.periods)),
        tool_calls=flow.tool_calls,
        idempotency=flow.idempotency,
    )


def told(flow: Flow, settled: Settled) -> TurnEvent:
    """The last event of the turn; sent after the outcome is durable."""
    if not settled.first and flow.error is None:
        flow.fail(Interrupted("Another process took this turn over, because this one did not respond in time."))
    if flow.error is not None:
        return Failed(
            turn=flow.request.turn,
            code=flow.error.code,
            detail=flow.error.detail,
            status=flow.error.status,
            partial=flow.has_output,
            keeps=flow.length,
            cost_micro_usd=settled.cost_micro_usd,
            attempts=len(flow.outcomes),
            retry_after_s=getattr(flow.error, "retry_after_s", None),
        )
    return Completed(
        turn=flow.request.turn,
        finish=flow.current.finish or Finish.STOP,
        usage=_usage(flow),
        cost_micro_usd=settled.cost_micro_usd,
        model=flow.candidate.model,
        attempts=len(flow.outcomes),
    )


def _usage(flow: Flow) -> Usage:
    """Of the attempt that answered: what the caller would have seen from the provider itself."""
    return flow.outcomes[-1].usage
