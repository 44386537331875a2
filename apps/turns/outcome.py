"""Step 6 of the path: make the outcome durable, whatever happens to the reader meanwhile, then tell it.

Whatever its data, a turn reaches its end (promise P28). What the database refuses is closed once more, bare: failed,
without anything that came from outside, with the same money. Should that be refused as well, its readers are told, and
it is tried again until it is done or the process ends; then the sweeper of another process takes over.
"""

import asyncio
from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from apps.budgets import selectors as budgets
from apps.core.threads import in_db
from apps.core.writer import LOST, REFUSED
from apps.domain.errors import OpenRouteError
from apps.domain.money import Usage
from apps.domain.sentences import say
from apps.domain.turn import Completed, Failed, Finish, TurnEvent
from apps.turns import answer_label, runtime
from apps.turns.closing import bare
from apps.turns.flow import Flow
from apps.turns.models import Turn
from apps.turns.operations import CloseTurn, Settled
from apps.turns.received import Broken

log = structlog.get_logger(__name__)

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 15.0
TAKEN_OVER: Final = "Another process took this turn over, because this one did not respond in time."
NOT_STORED: Final = "The answer could not be stored, so nothing of it was kept. It is logged; ask again."


class Interrupted(OpenRouteError):
    """The turn was closed by somebody else while it was being answered."""

    code, status = "interrupted", 503


_closing: set["asyncio.Future[Settled]"] = set()
_rescues: set["asyncio.Task[None]"] = set()


async def settle(flow: Flow) -> Settled:
    """Close the turn. Goes on when the caller is cancelled: a close is never given up."""
    closing = _begun(flow)
    closing.add_done_callback(partial(_remember, flow))
    return await asyncio.shield(closing)


def _begun(flow: Flow) -> "asyncio.Future[Settled]":
    """The close, under way. What nobody has inspected of the answer is inspected first."""
    if answer_label.finish_now(flow):
        return close(close_operation(flow))
    closing = asyncio.create_task(_inspected_and_closed(flow), name=f"close-{flow.request.turn}")
    _closing.add(closing)
    closing.add_done_callback(_closing.discard)
    return closing


async def _inspected_and_closed(flow: Flow) -> Settled:
    await answer_label.finish(flow)
    return await close(close_operation(flow))


async def settle_broken(flow: Flow) -> None:
    """Close a turn that a defect of ours ended; the defect itself goes on to the log."""
    error = Broken(say("defect", "Something went wrong here. It is logged; ask again."))
    flow.fail(error)
    flow.end_all(error)
    await settle(flow)


def close(operation: CloseTurn) -> "asyncio.Future[Settled]":
    """Begin to close a turn. The future tells how that ended; it never fails, and nobody has to wait for it."""
    settled: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
    _closing.add(settled)
    settled.add_done_callback(_closing.discard)
    writing = runtime.current().writer.enqueue(operation, patient=True)
    writing.add_done_callback(partial(_written, operation, settled))
    return settled


async def all_settled() -> None:
    """Wait for every close that is under way, when the process ends. What cannot be closed is left to a sweeper."""
    while _closing:
        await asyncio.gather(*_closing, return_exceptions=True)
    for rescue in _rescues:
        rescue.cancel()
    await asyncio.gather(*_rescues, return_exceptions=True)


def _written(operation: CloseTurn, settled: "asyncio.Future[Settled]", writing: "asyncio.Future[Settled]") -> None:
    if writing.cancelled():
        settled.cancel()
        return
    error = writing.exception()
    if error is None:
        _tell(settled, writing.result())
        return
    log.error("turn.close_refused", turn=str(operation.turn), error=type(error).__name__)
    rescue = asyncio.create_task(_rescue(operation, settled), name=f"rescue-{operation.turn}")
    _rescues.add(rescue)
    rescue.add_done_callback(_rescues.discard)


async def _rescue(operation: CloseTurn, settled: "asyncio.Future[Settled]") -> None:
    """Close the turn without its answer; try again until that is durable."""
    cost = sum(attempt.cost_micro_usd for attempt in operation.attempts or ())
    pause_s, tries = FIRST_PAUSE_S, 1
    while not await _closed_bare(operation, settled, tries):
        _tell(settled, Settled(cost, whole=False))  # readers wait no longer: the answer will not come
        await asyncio.sleep(pause_s)
        pause_s, tries = min(2 * pause_s, LONGEST_PAUSE_S), tries + 1


async def _closed_bare(operation: CloseTurn, settled: "asyncio.Future[Settled]", tries: int) -> bool:
    try:
        held = await in_db(budgets.held_periods, [operation.turn])
        rest = replace(bare(operation), periods=held[operation.turn])
        outcome: Settled = await runtime.current().writer.submit(rest, patient=True)
    except (*LOST, *REFUSED) as error:
        log.critical("turn.cannot_be_closed", turn=str(operation.turn), tries=tries, error=type(error).__name__)
        return False
    _tell(settled, replace(outcome, whole=False))
    return True


def _tell(settled: "asyncio.Future[Settled]", outcome: Settled) -> None:
    if not settled.done():  # told already, or whoever waited for it was cancelled
        settled.set_result(outcome)


def _remember(flow: Flow, closing: "asyncio.Future[Settled]") -> None:
    """What the process remembers of a turn that has ended."""
    if closing.cancelled():
        return
    tokens = sum(entry.usage.input_tokens + entry.usage.output_tokens for entry in flow.outcomes)
    runtime.current().rates.used(flow.limits, tokens)
    if flow.error is None and closing.result().whole:
        runtime.current().affinity.answered(flow.request, flow.candidate.model)


def close_operation(flow: Flow) -> CloseTurn:
    """What is to be recorded of how the turn ended."""
    finish = flow.current.finish if flow.state != Turn.State.FAILED else None
    return CloseTurn(
        turn=flow.request.turn,
        tenant=flow.request.principal.tenant,
        recorder=flow.request.recorder,
        state=flow.state,
        text=str(flow.text),
        attempts=tuple(flow.outcomes),
        model=flow.candidate.model,
        hosting=flow.hosting.value,
        finish=finish,
        code=flow.error.code if flow.error else "",
        detail=flow.error.detail if flow.error else "",
        partial=flow.state == Turn.State.FAILED and flow.has_output,
        first_token_ms=flow.first_token_ms,
        answer_label=flow.inspection.sensitivity.word,
        answer_entities=flow.found_in_answer,
        periods=tuple(sorted(flow.periods)),
        tool_calls=flow.tool_calls,
        vote=flow.vote,
        idempotency=flow.idempotency,
    )


def told(flow: Flow, settled: Settled) -> TurnEvent:
    """The last event of the turn; sent after the outcome is durable."""
    if not settled.whole:
        _forget_answer(flow)
    elif not settled.first and flow.error is None:
        flow.fail(Interrupted(say("taken_over", TAKEN_OVER)))
    if flow.error is not None:
        return Failed(
            turn=flow.request.turn,
            code=flow.error.code,
            detail=flow.error.detail,
            status=flow.error.status,
            partial=flow.has_output,
            keeps=flow.text.length,
            cost_micro_usd=settled.cost_micro_usd,
            attempts=len(flow.outcomes),
            retry_after_s=getattr(flow.error, "retry_after_s", None),
            hosting=flow.hosting,
            sensitivity=flow.inspection.sensitivity,
        )
    return Completed(
        turn=flow.request.turn,
        finish=flow.current.finish or Finish.STOP,
        usage=_usage(flow),
        cost_micro_usd=settled.cost_micro_usd,
        model=flow.candidate.model,
        attempts=len(flow.outcomes),
        hosting=flow.hosting,
        sensitivity=flow.inspection.sensitivity,
    )


def _forget_answer(flow: Flow) -> None:
    """The answer could not be stored: nothing of it stays, and whoever saw it is told so."""
    flow.text.clear()
    flow.calls.clear()
    flow.fail(Broken(say("not_stored", NOT_STORED)))


def _usage(flow: Flow) -> Usage:
    """Of the attempt that answered: what the caller would have seen from the provider itself. Where several models
    wrote one answer, of all attempts together."""
    if not flow.asks_on:
        return flow.answering.usage
    usages = [outcome.usage for outcome in flow.outcomes]
    return Usage(
        input_tokens=sum(usage.input_tokens for usage in usages),
        output_tokens=sum(usage.output_tokens for usage in usages),
        cached_input_tokens=sum(usage.cached_input_tokens for usage in usages),
        cache_write_tokens=sum(usage.cache_write_tokens for usage in usages),
        reasoning_tokens=sum(usage.reasoning_tokens for usage in usages),
        images=sum(usage.images for usage in usages),
        estimated=any(usage.estimated for usage in usages),
    )
