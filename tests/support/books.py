"""Budget figures in memory: each batch is a list of acts on one `Book`, planned and applied as the writer does it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.budgets import planning
from apps.budgets.models import BudgetPeriod, LedgerEntry, Reservation
from apps.budgets.values import LedgerLine
from apps.core.store import Outcome
from apps.core.writes import Read, Row, Rows, WriteSet
from apps.domain.errors import OpenRouteError
from apps.domain.ids import PeriodId, TeamId, TenantId, TurnId, UserId
from apps.domain.money import Usage
from apps.domain.turn import Channel
from tests.support.memory_store import MemoryStore

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ACME = TenantId(1)
TURNS = [TurnId(UUID(int=number)) for number in range(1, 400)]

Act = Callable[[planning.Book], Any]


class Books:
    """A planner of acts, and the store that runs it. `read_periods` are those that each batch reads; None: all."""

    def __init__(self, limits: dict[PeriodId, int], scopes: dict[PeriodId, tuple[str, str]] | None = None) -> None:
        self.store = MemoryStore(self)
        self.read_periods: Sequence[PeriodId] = sorted(limits)
        for period, limit in limits.items():
            scope, kind = (scopes or {}).get(period, ("the company", "month"))
            self.store.put(
                BudgetPeriod, id=period, tenant_id=ACME, budget_id=period, kind=kind, scope=scope, limit=limit,
                starts=NOON, ends=NOON,
            )  # fmt: skip

    def batch(self, *acts: Act) -> list[Any]:
        """Commit some acts together; a refusal of one is its outcome."""
        return self.store.commit(acts, NOON)

    def figures(self, period: PeriodId) -> tuple[int, int]:
        """What is spent and what is reserved."""
        row = self.period(period)
        return row["spent"], row["reserved"]

    def period(self, period: PeriodId) -> Row:
        return self.store.tables[BudgetPeriod][period]

    @property
    def periods(self) -> list[Row]:
        return self.store.rows(BudgetPeriod)

    @property
    def reservations(self) -> list[Row]:
        return self.store.rows(Reservation)

    @property
    def ledger(self) -> list[Row]:
        return self.store.rows(LedgerEntry)

    # --- core.store.Planner

    def reads(self, batch: Sequence[Act]) -> Sequence[Read]:
        return [planning.reads(self.read_periods), planning.reservation_reads(TURNS)]

    def plan(self, batch: Sequence[Act], rows: Rows, at: datetime) -> tuple[WriteSet, list[Outcome]]:
        book, writes = planning.Book(rows), WriteSet()
        outcomes = [_outcome(act, book) for act in batch]
        book.write(writes)
        return writes, outcomes

    def traces(self, batch: Sequence[Act]) -> Sequence[Read]:
        return []

    def committed(self, batch: Sequence[Act], rows: Rows) -> dict[int, Outcome]:
        return {}


def reserve(turn: TurnId, attempt: int, periods: Sequence[PeriodId], amount: int) -> Act:
    return lambda book: book.reserve(turn, attempt, periods, amount, NOON, ACME)


def settle(turn: TurnId, *entries: LedgerLine) -> Act:
    return lambda book: book.settle(turn, entries, NOON)


def release(turn: TurnId, attempt: int) -> Act:
    return lambda book: book.release(turn, attempt)


def line(attempt: int = 1, amount: int = 70, *, estimated: bool = False, tenant: TenantId = ACME) -> LedgerLine:
    """The bill of one attempt."""
    usage = Usage(input_tokens=10, output_tokens=5, estimated=estimated)
    return LedgerLine(tenant, TeamId(7), UserId(8), None, attempt, "gpt-mini", "openai", Channel.CHAT, amount, usage)


def _outcome(act: Act, book: planning.Book) -> Outcome:
    try:
        return act(book)
    except OpenRouteError as error:
        return error
