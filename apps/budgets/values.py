"""What leaves this app: frozen values, micro-dollars, aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from apps.domain.errors import OpenRouteError
from apps.domain.ids import BudgetId, KeyId, PeriodId, TeamId, TenantId, UserId
from apps.domain.money import Usage
from apps.domain.sentences import say
from apps.domain.turn import Channel

PERIOD_WORDS = {"day": "daily", "week": "weekly", "month": "monthly", "total": "total"}


class BudgetExceeded(OpenRouteError):
    """What is left at one level does not cover the call. `missing` is in micro-dollars."""

    code, status = "budget_exceeded", 402

    def __init__(self, *, scope: str, period: str, missing: int) -> None:
        ask = "Ask" if period == "total" else "Wait for the next period, or ask"
        super().__init__(
            say(
                "budget_used_up",
                f"The {PERIOD_WORDS[period]} budget of {{scope}} is used up. {ask} an administrator for more.",
                scope=scope,
                period=period,
            )
        )
        self.scope, self.period, self.missing = scope, period, missing


class BudgetUndecided(OpenRouteError):
    """Whether a budget covers the call cannot be told at this moment, so the call is refused (promise P09)."""

    code, status = "overloaded", 503

    def __init__(self) -> None:
        super().__init__(
            say("budgets_renewed", "Budgets are being renewed at this moment. Try again in a few seconds.")
        )
        self.retry_after_s = 2.0


@dataclass(frozen=True, slots=True)
class BudgetRecord:
    """One limit. `team` None: the whole tenant; `models` None: all models."""

    id: BudgetId
    team: TeamId | None
    period: str
    limit: int
    models: frozenset[str] | None


def share(amount: int, limit: int) -> float:
    """How much of a limit an amount is; a limit of nothing is used up."""
    return amount / limit if limit else 1.0


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """One period of a budget, for the snapshot: what decides whether a call counts against it.

    `used` is the share of its limit that was spent or reserved when the snapshot was read (above 1 after a limit fell).
    """

    id: PeriodId
    budget: BudgetId
    team: TeamId | None
    models: frozenset[str] | None
    starts: datetime
    ends: datetime
    used: float = 0.0


@dataclass(frozen=True, slots=True)
class Meter:
    """How a running period stands. `left` is what new calls may still reserve, never negative."""

    budget: BudgetRecord
    starts: datetime
    ends: datetime
    spent: int
    reserved: int

    @property
    def left(self) -> int:
        return max(0, self.budget.limit - self.spent - self.reserved)

    @property
    def state(self) -> str:
        """`used_up` when nothing is left, `low` when less than a tenth is, else `open`."""
        if self.left == 0:
            return "used_up"
        return "low" if self.left * 10 < self.budget.limit else "open"


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """What one attempt did cost, as the caller of `Book.settle` knows it. `amount` is already rounded up."""

    tenant: TenantId
    team: TeamId | None
    user: UserId
    key: KeyId | None
    attempt: int
    model: str
    provider: str
    channel: Channel
    amount: int
    usage: Usage


@dataclass(frozen=True, slots=True)
class UsageFigure:
    """What one person or one team used of one model, or of all of them (`model` empty)."""

    model: str
    turns: int
    input_tokens: int
    output_tokens: int
    amount: int
    estimated: int
    """The part of `amount` that rests on upper bounds."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A period whose sums do not equal its entries: a defect, or a changed database."""

    period: PeriodId
    spent: int
    booked: int
    reserved: int
    held: int


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """A period's own figures, and what its reservations and their entries in the ledger add up to."""

    period: PeriodId
    budget: BudgetId
    limit: int
    carried: int
    spent: int
    reserved: int
    booked: int
    held: int


@dataclass(frozen=True, slots=True)
class Hold:
    """One reservation of an attempt: `held`, `settled` or `released`."""

    attempt: int
    amount: int
    period: PeriodId | None
    state: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What one attempt was booked with."""

    attempt: int
    model: str
    amount: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class Money:
    """Everything that reservations and ledger hold of one turn, attempt by attempt."""

    holds: tuple[Hold, ...] = ()
    entries: tuple[Entry, ...] = ()
