"""Checks of one turn against what the other stores hold of it. Pure: facts in, sentences out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apps.budgets.values import Entry, Money
from apps.chat.values import MessageFacts
from apps.turns.selectors import TurnFacts

BEGIN: Final = "turn.dispatched"
REFUSED: Final = "turn.refused"
FURTHER: Final = "turn.extended"
ENDS: Final = {
    "completed": ("turn.completed",),
    "stopped": ("turn.stopped",),
    "failed": ("turn.failed", "turn.swept"),
    "refused": (REFUSED,),
    "open": (),
}
"""The one audit entry with which a turn in this state has ended."""
NOT_SENT: Final = "not_sent"
"""The code of an attempt that was reserved and never left the house: it is not booked."""
CHAT: Final = "chat"
FINAL: Final = {
    "completed": ("ok",),
    "stopped": ("stopped",),
    "failed": ("partial", "failed"),
    "refused": ("refused",),
    "open": ("streaming",),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One turn, and what the other stores hold of it. `kinds` are its audit entries in order."""

    turn: TurnFacts
    money: Money
    kinds: Sequence[str]
    messages: Sequence[MessageFacts]
    conversation_exists: bool


def recorded(case: Case) -> Iterator[str]:
    """The audit trail tells the turn: dispatched once before anything else, ended once and as it was."""
    turn, kinds = case.turn, list(case.kinds)
    begins, ends = kinds.count(BEGIN), [kind for kind in kinds if kind not in (BEGIN, FURTHER)]
    if begins != (0 if turn.is_refused else 1):
        yield f"The audit trail has {begins} entries {BEGIN} of this turn, which is {turn.state}."
    elif begins and kinds[0] != BEGIN:
        yield f"Its first audit entry is {kinds[0]}, not {BEGIN}."
    if turn.is_open and ends:
        yield f"It is open, but the audit trail says that it has ended ({', '.join(ends)})."
    elif not turn.is_open and (len(ends) != 1 or ends[0] not in ENDS[turn.state]):
        yield f"It is {turn.state}; the audit trail says of its end: {', '.join(ends) or 'nothing'}."
    if kinds.count(FURTHER) != max(0, len(turn.attempts) - 1):
        yield f"It has {len(turn.attempts)} attempts, and {kinds.count(FURTHER)} audit entries {FURTHER}."


def attempted(case: Case) -> Iterator[str]:
    """Attempts are numbered without gaps, and in the state that the turn's own permits; sums are right."""
    turn = case.turn
    numbers = [attempt.number for attempt in turn.attempts]
    if turn.is_refused:
        if numbers:
            yield f"It was refused, and has {len(numbers)} attempts."
        return
    if numbers != list(range(1, len(numbers) + 1)) or not numbers:
        yield f"Its attempts are numbered {numbers}."
    if sum(attempt.reserved for attempt in turn.attempts) != turn.reserved:
        yield f"It says that {turn.reserved} was reserved; its attempts do not add up to that."
    if turn.is_open:
        return
    if turn.owner is not None or turn.closed_at is None or turn.cost is None:
        yield f"It is {turn.state}, and still has an owner, or no time or cost of its end."
    running = [attempt.number for attempt in turn.attempts if attempt.state == "sent" or attempt.cost is None]
    if running:
        yield f"It is {turn.state}, but its attempts {running} have not ended."


def settled(case: Case) -> Iterator[str]:
    """Each attempt has its reservation, which is held while the turn is open and was ended once when it closed."""
    turn, holds = case.turn, case.money.holds
    reserved = {attempt.number: attempt.reserved for attempt in turn.attempts}
    if {hold.attempt for hold in holds} != set(reserved):
        yield f"Attempts {sorted(reserved)} have reservations {sorted({hold.attempt for hold in holds})}."
    booked = {entry.attempt for entry in case.money.entries}
    for hold in holds:
        wanted = "held" if turn.is_open else "settled" if hold.attempt in booked else "released"
        if hold.state != wanted:
            yield f"It is {turn.state}, and the reservation of attempt {hold.attempt} is {hold.state}, not {wanted}."
        if hold.amount != reserved.get(hold.attempt, hold.amount):
            yield f"Attempt {hold.attempt} reserved {reserved[hold.attempt]}, its reservation says {hold.amount}."
        if hold.amount < 0:
            yield f"The reservation of attempt {hold.attempt} is negative: {hold.amount}."
    periods = [(hold.attempt, hold.period) for hold in holds]
    if len(set(periods)) != len(periods):
        yield "One of its attempts is reserved twice in the same period."


def booked(case: Case) -> Iterator[str]:
    """Each attempt that was sent has one entry, of what it did cost, within what was reserved; they make the cost."""
    turn, entries = case.turn, case.money.entries
    sent = [a.number for a in turn.attempts if a.code != NOT_SENT] if not turn.is_open else []
    numbers = [entry.attempt for entry in entries]
    if sorted(numbers) != sent:
        yield f"It is {turn.state}, its attempts {sent} are to be booked, and there are entries for {sorted(numbers)}."
        return
    attempts = {attempt.number: attempt for attempt in turn.attempts}
    for entry in entries:
        yield from _entry(entry, attempts[entry.attempt].cost, attempts[entry.attempt].reserved)
    total = sum(entry.amount for entry in entries)
    if not turn.is_open and (turn.cost, turn.attempts_settled, turn.estimated) != (
        total, len(entries), any(entry.estimated for entry in entries),
    ):  # fmt: skip
        yield f"It says that {turn.attempts_settled} attempts cost {turn.cost}; {len(entries)} entries hold {total}."


def _entry(entry: Entry, cost: int | None, reserved: int) -> Iterator[str]:
    if entry.amount != cost:
        yield f"Attempt {entry.attempt} cost {cost}, and {entry.amount} is booked."
    if not 0 <= entry.amount <= reserved:
        yield f"Attempt {entry.attempt} is booked with {entry.amount}, outside of what was reserved (0 to {reserved})."


def answered(case: Case) -> Iterator[str]:
    """A question of the chat has one answer in the state that its turn has; a conversation that was erased has none."""
    turn = case.turn
    if turn.recorder != CHAT or not case.conversation_exists:
        return
    answers = [message for message in case.messages if message.role == "assistant"]
    if len(answers) != 1 or answers[0].id != turn.answer:
        yield f"It is {turn.state} and has {len(answers)} answers, or another one than it says."
        return
    answer = answers[0]
    if answer.state not in FINAL[turn.state]:
        yield f"It is {turn.state}, and its answer {answer.id} is {answer.state}."
    if answer.conversation != turn.conversation:
        yield f"Its answer {answer.id} stands in another conversation than it says."
    if sum(message.role == "user" for message in case.messages) > 1:
        yield "It has more than one question."
