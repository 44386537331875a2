"""Reservations and bookings of one batch of the writer, as arithmetic over rows that are locked: pure, no database.

A call reserves its worst case at every level or at none; a turn is settled exactly once. Every amount is integer
micro-dollars. Overspending is impossible because a reservation is only given while
`spent + reserved + amount <= limit` holds in each of its periods, and a booking never exceeds what it held.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from apps.budgets.models import BudgetPeriod, LedgerEntry, Reservation
from apps.budgets.values import BudgetExceeded, BudgetUndecided, LedgerLine, share
from apps.core.writes import Read, Row, Rows, WriteSet
from apps.domain.ids import PeriodId, TenantId, TurnId, new_id

log = structlog.get_logger(__name__)

HELD, SETTLED, RELEASED = Reservation.State.HELD, Reservation.State.SETTLED, Reservation.State.RELEASED


class Shortfall(NamedTuple):
    """The level that covers least: words for people, the kind of period, and the micro-dollars that are missing."""

    scope: str
    period: str
    missing: int


class Held(NamedTuple):
    """One attempt's reservation: its worst case and when it was given."""

    attempt: int
    amount: int
    at: datetime


class UnreadPeriod(RuntimeError):
    """A reservation is to be booked in a period that the batch did not read: a defect in the caller."""


def reads(period_ids: Iterable[PeriodId]) -> Read:
    """The period rows of a batch, locked in the order of their ids."""
    fields = ("id", "kind", "scope", "limit", "spent", "reserved")
    return Read(BudgetPeriod, "id", tuple(sorted(set(period_ids))), fields)


def reservation_reads(turn_ids: Iterable[TurnId]) -> Read:
    """What these turns hold. Their turn rows are locked already, so these rows need no lock of their own."""
    fields = ("id", "tenant_id", "turn_id", "attempt", "period_id", "amount", "created_at")
    return Read(Reservation, "turn_id", tuple(set(turn_ids)), fields, lock=False, where=(("state", HELD.value),))


@dataclass(slots=True)
class _Hold:
    """A held reservation; `is_new` while it exists only in this batch."""

    row: Row
    is_new: bool = False
    state: str = HELD.value


@dataclass(slots=True)
class Book:
    """The budget figures of one batch. Build it from the batch's rows, plan on it, then `write` it once."""

    rows: Rows
    new_id: Callable[[], UUID] = new_id
    _periods: dict[int, Row] = field(default_factory=dict)
    _holds: dict[UUID, list[_Hold]] = field(default_factory=lambda: defaultdict(list))
    _ended: list[_Hold] = field(default_factory=list)
    _touched: set[int] = field(default_factory=set)
    _entries: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._periods = {row["id"]: dict(row) for row in self.rows.of(BudgetPeriod)}
        for row in self.rows.of(Reservation):
            self._holds[row["turn_id"]].append(_Hold(row))

    def room(self, period_ids: Sequence[PeriodId]) -> int | None:
        """What a call that counts against all these periods may reserve at most; None when nothing limits it.

        Raises:
            BudgetUndecided: one of the periods is gone since the caller learned of it.
        """
        if not period_ids:
            return None
        return min(self._left(period) for period in period_ids)

    def used(self, period_ids: Sequence[PeriodId]) -> tuple[tuple[PeriodId, float], ...]:
        """Which share of each period's limit is spent or reserved."""
        rows = [(period, self._periods[period]) for period in period_ids]
        return tuple((period, share(row["spent"] + row["reserved"], row["limit"])) for period, row in rows)

    def shortest(self, period_ids: Sequence[PeriodId], amount: int = 0) -> Shortfall:
        """The period with least room, and how much `amount` exceeds it (at least one micro-dollar)."""
        tightest = min(period_ids, key=lambda period: (self._left(period), period))
        row = self._periods[tightest]
        return Shortfall(row["scope"], row["kind"], max(1, amount - self._left(tightest)))

    def reserve(
        self,
        turn: TurnId,
        attempt: int,
        period_ids: Sequence[PeriodId],
        amount: int,
        at: datetime,
        tenant: TenantId,
    ) -> None:
        """Hold the worst case of one attempt in every period, or nowhere.

        A call that costs nothing, or that no budget limits, is held without a period, so that it settles once as well.

        Raises:
            BudgetExceeded: says which level covers least; nothing is held.
            BudgetUndecided: a period is gone; nothing is held.
        """
        periods: Sequence[PeriodId | None] = sorted(set(period_ids)) if amount else ()
        room = self.room([period for period in periods if period is not None])
        if room is not None and amount > room:
            raise BudgetExceeded(**self.shortest(period_ids, amount)._asdict())
        for period in periods or (None,):
            if period is not None:
                self._change(period, reserved=amount)
            row = {
                "id": self.new_id(), "tenant_id": tenant, "turn_id": turn, "attempt": attempt,
                "period_id": period, "amount": amount, "created_at": at,
            }  # fmt: skip
            self._holds[turn].append(_Hold(row, is_new=True))

    def held(self, turn: TurnId) -> tuple[Held, ...]:
        """What the attempts of a turn hold, in order: the bill of a killed process, and proof that a turn is open."""
        found = {hold.row["attempt"]: hold.row for hold in self._holds[turn]}
        return tuple(Held(attempt, row["amount"], row["created_at"]) for attempt, row in sorted(found.items()))

    def release(self, turn: TurnId, attempt: int) -> None:
        """Give back what one attempt holds: it failed before anything could be billed. Twice is once."""
        for hold in [hold for hold in self._holds[turn] if hold.row["attempt"] == attempt]:
            self._holds[turn].remove(hold)
            self._end(hold, RELEASED.value)

    def settle(self, turn: TurnId, entries: Sequence[LedgerLine], at: datetime) -> bool:
        """Book what the attempts did cost and give everything back that the turn holds.

        Attempts without an entry were not billed. A turn that holds nothing is settled already: nothing is booked and
        the answer is False. A bill above its reservation (the provider ignored the length that it was given) is booked
        as billed, because the ledger equals the bills, and logged.
        """
        holds = self._holds.pop(turn, [])
        if not holds:
            return False
        billed = {entry.attempt: entry.amount for entry in entries}
        reserved_at = {hold.row["attempt"]: hold.row["created_at"] for hold in holds}
        for hold in holds:
            attempt = hold.row["attempt"]
            self._end(hold, SETTLED.value if attempt in billed else RELEASED.value, billed.get(attempt, 0))
        for entry in entries:
            self._entries.append(_ledger_row(turn, entry, reserved_at.get(entry.attempt, at), at))
        return True

    def write(self, writes: WriteSet) -> None:
        """Add the rows of everything that was planned."""
        for hold in [*self._ended, *(hold for holds in self._holds.values() for hold in holds if hold.is_new)]:
            if hold.is_new:
                writes.insert(Reservation, **hold.row, state=hold.state)
            else:
                writes.update(Reservation, hold.row["id"], state=hold.state)
        for period in sorted(self._touched):
            row = self._periods[period]
            writes.update(BudgetPeriod, period, spent=row["spent"], reserved=row["reserved"])
        for entry in self._entries:
            writes.insert(LedgerEntry, **entry)

    def _left(self, period: PeriodId) -> int:
        row = self._periods.get(period)
        if row is None:
            raise BudgetUndecided
        left: int = row["limit"] - row["spent"] - row["reserved"]
        return max(0, left)

    def _change(self, period: int, *, reserved: int, spent: int = 0) -> None:
        row = self._periods.get(period)
        if row is None:
            raise UnreadPeriod(f"budget period {period} was not read by this batch")
        row["reserved"] += reserved
        row["spent"] += spent
        self._touched.add(period)

    def _end(self, hold: _Hold, state: str, cost: int = 0) -> None:
        hold.state = state
        self._ended.append(hold)
        amount, period = hold.row["amount"], hold.row["period_id"]
        if cost > amount:
            log.error("budgets.bill_above_reservation", turn=str(hold.row["turn_id"]), amount=amount, billed=cost)
        if period is not None:
            self._change(period, reserved=-amount, spent=cost)


def _ledger_row(turn: TurnId, entry: LedgerLine, reserved_at: datetime, at: datetime) -> Row:
    usage = entry.usage
    return {
        "tenant_id": entry.tenant, "team_id": entry.team, "user_id": entry.user, "key_id": entry.key,
        "turn_id": turn, "attempt": entry.attempt, "channel": entry.channel.value,
        "model": entry.model, "provider": entry.provider, "amount": entry.amount,
        "input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens,
        "cached_input_tokens": usage.cached_input_tokens, "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens, "images": usage.images, "estimated": usage.estimated,
        "reserved_at": reserved_at, "at": at,
    }  # fmt: skip
