"""Composes a batch of durable steps from the capabilities' own rows. Pure: locked rows in, a `WriteSet` out.

Closes come first, so that the money they free is there for the opens of the same batch.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from apps.audit import planning as audit
from apps.budgets import planning as budgets
from apps.core.store import Outcome
from apps.core.writes import Read, Rows, WriteSet
from apps.domain.ids import PeriodId
from apps.turns import closing, opening, traces
from apps.turns.models import Attempt, IdempotencyKey, Turn, TurnChunk
from apps.turns.operations import AppendTexts, CloseTurn, ExtendTurn, NoteRefusals, OpenTurn, Operation
from apps.turns.recorders import recorder
from apps.turns.working import Working

TURN_FIELDS = (
    "id", "tenant_id", "team_id", "user_id", "key_id", "channel", "recorder", "conversation_id", "answer_id", "state",
    "sensitivity", "opened_at", "attempts", "reserved",
)  # fmt: skip
ATTEMPT_FIELDS = ("turn_id", "number", "model", "provider", "hosting", "code", "keeps", "reserved")


class TurnPlanner:
    """The planner that the writer and the sweeper are given (see `core.store.Planner`)."""

    def reads(self, batch: Sequence[Operation]) -> Sequence[Read]:
        """In the lock order of the house: idempotency keys, turns, conversations, budget periods, audit heads."""
        opens = [op for op in batch if isinstance(op, OpenTurn)]
        closes = [op for op in batch if isinstance(op, CloseTurn)]
        turns = tuple(op.turn for op in batch if isinstance(op, CloseTurn | ExtendTurn))
        digests = tuple(op.idempotency.digest for op in opens if op.idempotency)
        digests += tuple(op.idempotency for op in closes if op.idempotency)
        closing_ids = tuple(op.turn for op in closes)
        swept = tuple(op.turn for op in closes if op.attempts is None)
        tenants = sorted({op.tenant for op in batch if not isinstance(op, AppendTexts)})  # they need no audit head
        return [
            Read(IdempotencyKey, "digest", digests, ("digest", "turn_id", "body_hash", "expires_at")),
            Read(Turn, "id", turns, TURN_FIELDS, where=(("state", Turn.State.OPEN),)),
            Read(Attempt, "turn_id", swept, ATTEMPT_FIELDS, lock=False),
            *_recorder_reads(opens, closes),
            budgets.reads(_periods(batch)),
            budgets.reservation_reads(closing_ids),
            audit.reads(tenants),
        ]

    def plan(self, batch: Sequence[Operation], rows: Rows, at: datetime) -> tuple[WriteSet, list[Outcome]]:
        work = Working(rows=rows, writes=WriteSet(), book=budgets.Book(rows), chain=audit.Chain(rows), at=at)
        outcomes: dict[int, Outcome] = {}
        for place, operation in sorted(enumerate(batch), key=lambda entry: _turn_order(entry[1])):
            outcomes[place] = _apply(work, operation)
        work.book.write(work.writes)
        work.chain.write(work.writes)
        return work.writes, [outcomes[place] for place in range(len(batch))]

    def traces(self, batch: Sequence[Operation]) -> Sequence[Read]:
        return traces.reads(batch, _periods(batch))

    def committed(self, batch: Sequence[Operation], rows: Rows) -> dict[int, Outcome]:
        return traces.outcomes(batch, rows)


def _turn_order(operation: Operation) -> int:
    return 0 if isinstance(operation, CloseTurn) else 1 if isinstance(operation, ExtendTurn) else 2


def _apply(work: Working, operation: Operation) -> Outcome:
    match operation:
        case CloseTurn():
            return closing.close(work, operation)
        case ExtendTurn():
            return opening.extend(work, operation)
        case OpenTurn():
            return opening.open_turn(work, operation)
        case AppendTexts():
            return _append(work, operation)
        case NoteRefusals():
            body = {"code": operation.code, "count": operation.count}
            work.record(operation.tenant, "request.refused", operation.actor, None, body)
            return None


def _append(work: Working, operation: AppendTexts) -> None:
    for piece in operation.pieces:
        work.writes.insert(
            TurnChunk,
            tenant_id=piece.tenant,
            turn_id=piece.turn,
            at=piece.at,
            seq=piece.seq,
            text=piece.text,
            written_at=work.at,
        )


def _recorder_reads(opens: Sequence[OpenTurn], closes: Sequence[CloseTurn]) -> list[Read]:
    opened: dict[str, list[Any]] = defaultdict(list)
    closed: dict[str, list[Any]] = defaultdict(list)
    for opening_op in opens:
        opened[opening_op.request.recorder].append(opening_op)
    for closing_op in closes:
        closed[closing_op.recorder].append(closing_op)
    reads: list[Read] = []
    for name in sorted(opened.keys() | closed.keys()):
        keeper = recorder(name)
        reads += keeper.open_reads(opened[name]) if opened[name] else ()
        reads += keeper.close_reads(closed[name]) if closed[name] else ()
    return reads


def _periods(batch: Iterable[Operation]) -> tuple[PeriodId, ...]:
    found: set[PeriodId] = set()
    for operation in batch:
        if isinstance(operation, OpenTurn | ExtendTurn):
            found.update(period for ranked in operation.ranked for period in ranked.periods)
        elif isinstance(operation, CloseTurn):
            found.update(operation.periods)
    return tuple(sorted(found))
