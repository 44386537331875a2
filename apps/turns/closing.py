"""Plans the durable end of a turn: answer, ledger, audit outcome. The turn's state under lock makes it happen once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from apps.budgets.values import LedgerLine
from apps.core.store import Outcome
from apps.core.writes import Row
from apps.domain.money import Usage
from apps.domain.turn import Channel
from apps.turns import replay
from apps.turns.attempt_rows import attempt_id
from apps.turns.models import Attempt, IdempotencyKey, Turn
from apps.turns.operations import AttemptOutcome, CloseTurn, Settled
from apps.turns.recorders import recorder
from apps.turns.working import Working


def close(work: Working, operation: CloseTurn) -> Outcome:
    """One close: `Settled`, with `first` False when the turn was not open any more."""
    turn = work.open_turns.get(operation.turn)
    if turn is None or operation.turn in work.closed:
        return Settled(cost_micro_usd=0, first=False)
    work.closed.add(operation.turn)
    attempts = operation.attempts
    if attempts is None:
        attempts = _whole_reservation(work.attempts.get(operation.turn, ()))
    cost = sum(attempt.cost_micro_usd for attempt in attempts)
    recorded = [held.attempt for held in work.book.held(operation.turn)]
    _settle(work, turn, attempts)
    _attempts(work, operation, recorded, attempts)
    label = operation.answer_label or turn["sensitivity"]  # a policy that changed meanwhile may have raised it
    _turn(work, operation, attempts, cost, label)
    _answer_to_a_retry(work, operation, turn, attempts, cost)
    recorder(turn["recorder"]).close_rows(
        turn, replace(operation, attempts=tuple(attempts)), work.rows, work.writes, work.at
    )
    _audit(work, operation, turn, attempts, cost)
    return Settled(cost_micro_usd=cost)


def bare(operation: CloseTurn) -> CloseTurn:
    """The same end without anything that came from outside, for what the database refuses. Money stays as it is."""
    return replace(
        operation,
        state=Turn.State.FAILED,
        text="",
        tool_calls=(),
        finish=None,
        code="internal_error",
        detail="The answer could not be stored.",
        partial=False,
    )


def _whole_reservation(recorded: Sequence[Row]) -> tuple[AttemptOutcome, ...]:
    """Nobody knows what a dead process received: charge what was set aside, marked as an estimate (promise P09)."""
    return tuple(
        AttemptOutcome(
            number=row["number"],
            model=row["model"],
            provider=row["provider"],
            usage=Usage(0, 0, estimated=True),
            cost_micro_usd=row["reserved"],
            answered=False,
            code=row["code"] or "owner_died",
            keeps=row["keeps"],
            hosting=row["hosting"],
        )
        for row in recorded
    )


def _settle(work: Working, turn: Row, attempts: Sequence[AttemptOutcome]) -> None:
    lines = [
        LedgerLine(
            tenant=turn["tenant_id"],
            team=turn["team_id"],
            user=turn["user_id"],
            key=turn["key_id"],
            channel=Channel(turn["channel"]),
            attempt=attempt.number,
            model=attempt.model,
            provider=attempt.provider,
            usage=attempt.usage,
            amount=attempt.cost_micro_usd,
        )
        for attempt in attempts
    ]
    work.book.settle(turn=turn["id"], entries=lines, at=work.at)


def _attempts(work: Working, operation: CloseTurn, recorded: Sequence[int], attempts: Sequence[AttemptOutcome]) -> None:
    """Each attempt holds a reservation, so those that are recorded are known without being read."""
    settled = {attempt.number for attempt in attempts}
    for number in recorded:
        if number not in settled:  # the turn ended before it was sent
            changes = {"state": Attempt.State.FAILED, "code": "not_sent", "cost": 0, "ended_at": work.at}
            work.writes.update(Attempt, attempt_id(operation.turn, number), **changes)
    for attempt in attempts:
        work.writes.update(
            Attempt,
            attempt_id(operation.turn, attempt.number),
            state=Attempt.State.ANSWERED if attempt.answered else Attempt.State.FAILED,
            code=attempt.code,
            cost=attempt.cost_micro_usd,
            ended_at=work.at,
        )


def _turn(work: Working, operation: CloseTurn, attempts: Sequence[AttemptOutcome], cost: int, label: str) -> None:
    work.writes.update(
        Turn,
        operation.turn,
        state=operation.state,
        owner=None,
        sensitivity=label,
        model=operation.model,
        hosting=operation.hosting,
        attempts=len(attempts),
        finish=operation.finish.value if operation.finish else "",
        code=operation.code,
        input_tokens=sum(attempt.usage.input_tokens for attempt in attempts),
        output_tokens=sum(attempt.usage.output_tokens for attempt in attempts),
        estimated=any(attempt.usage.estimated for attempt in attempts),
        cost=cost,
        first_token_ms=operation.first_token_ms,
        closed_at=work.at,
        **({"answer_entities": dict(operation.answer_entities)} if operation.answer_entities else {}),
        **({"vote": dict(operation.vote)} if operation.vote else {}),
    )


def _answer_to_a_retry(
    work: Working, operation: CloseTurn, turn: Row, attempts: Sequence[AttemptOutcome], cost: int
) -> None:
    """Keep a whole answer under the caller's own id; a turn that failed or was given up frees it: a retry asks again.

    A question of the chat is on record itself, with what became of it, and keeps its id: a retry is shown that.
    """
    key = work.used_keys.get(operation.idempotency)
    if key is None or key["turn_id"] != operation.turn or turn["conversation_id"] is not None:
        return
    if operation.state == Turn.State.COMPLETED:
        work.writes.update(IdempotencyKey, operation.idempotency, answer=replay.pack(operation, attempts, cost))
    else:
        del work.used_keys[operation.idempotency]
        work.writes.update(IdempotencyKey, operation.idempotency, expires_at=work.at)


def _audit(work: Working, operation: CloseTurn, turn: Row, attempts: Sequence[AttemptOutcome], cost: int) -> None:
    actor = f"key:{turn['key_id']}" if turn["key_id"] is not None else f"user:{turn['user_id']}"
    body: dict[str, Any] = {
        "attempts": len(attempts),
        "cost": cost,
        "model": operation.model,
        "tokens": [sum(a.usage.input_tokens for a in attempts), sum(a.usage.output_tokens for a in attempts)],
    }
    if any(attempt.usage.estimated for attempt in attempts):
        body["estimated"] = True
    if operation.answer_label not in {"", turn["sensitivity"]}:
        body["sensitivity"] = operation.answer_label
    if operation.answer_entities:
        body["answer_entities"] = dict(operation.answer_entities)
    if operation.vote:
        body["vote"] = {name: operation.vote[name] for name in ("asked", "answered", "agreed")}
    if operation.code:
        body["code"] = operation.code
    if operation.partial:
        body["partial"] = True
    kind = "turn.swept" if operation.attempts is None else f"turn.{operation.state}"
    work.record(operation.tenant, kind, actor, operation.turn, body)
