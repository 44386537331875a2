"""What a committed batch leaves behind, for when the connection was lost in COMMIT and nobody knows whether it was.

Each step is recognised by its own rows: a turn, an attempt, the state of a turn, a piece of a journal. So an open that
had been committed gives its `Grant` back instead of failing on its key, and nothing is done twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from apps.budgets import planning as budgets
from apps.budgets.values import BudgetUndecided
from apps.core.store import Outcome
from apps.core.writes import Read, Row, Rows
from apps.domain.decision import Ranked
from apps.domain.errors import OpenRouteError, Overloaded
from apps.domain.ids import PeriodId
from apps.turns.attempt_rows import missing
from apps.turns.models import Attempt, Turn, TurnChunk
from apps.turns.opening import used_up
from apps.turns.operations import (
    AppendTexts,
    CloseTurn,
    ExtendTurn,
    Grant,
    NoteRefusals,
    OpenTurn,
    Operation,
    Refused,
    Settled,
)

TURN_FIELDS = ("id", "state", "code", "granted_tokens", "cost")
ATTEMPT_FIELDS = ("turn_id", "number", "model", "provider", "reserved")


def reads(batch: Sequence[Operation], periods: Sequence[PeriodId]) -> Sequence[Read]:
    """Where to look; `periods` are those of the batch, for the words of a refusal."""
    turns = tuple(op.turn for op in batch if isinstance(op, OpenTurn | ExtendTurn | CloseTurn))
    sent = tuple(op.turn for op in batch if isinstance(op, OpenTurn | ExtendTurn))
    written = tuple({piece.turn for op in batch if isinstance(op, AppendTexts) for piece in op.pieces})
    return [
        Read(Turn, "id", turns, TURN_FIELDS, lock=False),
        Read(Attempt, "turn_id", sent, ATTEMPT_FIELDS, lock=False),
        Read(TurnChunk, "turn_id", written, ("turn_id", "at"), lock=False),
        replace(budgets.reads(periods), lock=False),
    ]


def outcomes(batch: Sequence[Operation], rows: Rows) -> dict[int, Outcome]:
    """The outcomes, by position, of what had been committed. What left nothing behind is done again."""
    traces = _Traces(
        turns={row["id"]: row for row in rows.of(Turn)},
        attempts={(row["turn_id"], row["number"]): row for row in rows.of(Attempt)},
        pieces={(row["turn_id"], row["at"]) for row in rows.of(TurnChunk)},
        book=budgets.Book(rows),
    )
    found: dict[int, Outcome] = {}
    for place, operation in enumerate(batch):
        outcome = _outcome(traces, operation)
        if outcome is not _NOTHING:
            found[place] = outcome
    if found:  # notes leave no row of their own; a batch is committed as a whole
        found |= {place: None for place, operation in enumerate(batch) if isinstance(operation, NoteRefusals)}
    return found


_NOTHING = object()


@dataclass(frozen=True, slots=True)
class _Traces:
    turns: dict[UUID, Row]
    attempts: dict[tuple[UUID, int], Row]
    pieces: set[tuple[UUID, int]]
    book: budgets.Book


def _outcome(traces: _Traces, operation: Operation) -> Outcome:
    match operation:
        case OpenTurn():
            return _opened(traces, operation)
        case ExtendTurn():
            attempt = traces.attempts.get((operation.turn, operation.number))
            return _NOTHING if attempt is None else _granted(operation, attempt)
        case CloseTurn():
            return _closed(traces, operation)
        case AppendTexts():
            here = all((piece.turn, piece.at) in traces.pieces for piece in operation.pieces)
            return None if here and operation.pieces else _NOTHING
        case NoteRefusals():
            return _NOTHING


def _opened(traces: _Traces, operation: OpenTurn) -> Outcome:
    turn = traces.turns.get(operation.turn)
    if turn is None:
        return _NOTHING
    if turn["state"] == Turn.State.REFUSED:
        return Refused(operation.refusal or _used_up(traces, operation))
    attempt = traces.attempts.get((operation.turn, 1))
    if turn["state"] != Turn.State.OPEN or attempt is None:  # this process was taken for dead meanwhile
        return Overloaded("The question was interrupted before it was sent. Ask again.")
    grant = _granted(operation, attempt, turn["granted_tokens"])
    others = tuple(_granted(operation, row) for row in _beside(traces, operation))
    return replace(grant, others=others, missing=missing(operation, len(others)))


def _beside(traces: _Traces, operation: OpenTurn) -> Iterator[Row]:
    """The attempts that were recorded with the first one, in order."""
    for number in range(2, len(operation.voters) + 1):
        row = traces.attempts.get((operation.turn, number))
        if row is None:
            return
        yield row


def _used_up(traces: _Traces, operation: OpenTurn) -> OpenRouteError:
    """A refusal that the planner decided is one of budgets; their figures may have moved, the words are the same."""
    try:
        return used_up(traces.book, operation.ranked)
    except BudgetUndecided as error:  # a budget was renewed meanwhile
        return error


def _granted(operation: OpenTurn | ExtendTurn, attempt: Row, tokens: int | None = None) -> Grant:
    """What was granted, from the attempt's row. The tokens of an extension follow from the money that it holds."""
    choice = next(place for place, ranked in enumerate(operation.ranked) if _is_for(attempt, ranked))
    ranked, reserved = operation.ranked[choice], attempt["reserved"]
    if tokens is None:
        tokens, price = ranked.max_output_tokens, ranked.candidate.price
        if reserved < ranked.worst_case_micro_usd and price is not None:
            within = price.output_tokens_within(reserved, input_tokens=operation.input_tokens, images=operation.images)
            tokens = min(tokens, within)
    return Grant(choice, tokens, reserved, lowered=tokens < ranked.max_output_tokens)


def _is_for(attempt: Row, ranked: Ranked) -> bool:
    return (attempt["model"], attempt["provider"]) == (ranked.candidate.model, ranked.candidate.provider_name)


def _closed(traces: _Traces, operation: CloseTurn) -> Outcome:
    """Closed by this operation, or by somebody else (a sweeper), which its caller is told."""
    turn = traces.turns.get(operation.turn)
    if turn is None or turn["state"] == Turn.State.OPEN:
        return _NOTHING
    first = (turn["state"], turn["code"]) == (operation.state, operation.code)
    return Settled(cost_micro_usd=turn["cost"] or 0, first=first)
