"""Whatever is reserved, released and settled, in whatever batches: no limit is passed and the sums are exact."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from apps.budgets.planning import Book
from apps.budgets.values import BudgetExceeded
from apps.domain.ids import PeriodId, TurnId
from tests.support.books import ACME, NOON, TURNS, Act, Books, line, release, reserve

LIMITS = {PeriodId(1): 500, PeriodId(2): 300, PeriodId(3): 120}

turns = st.sampled_from(TURNS[:5])
levels = st.sets(st.sampled_from(sorted(LIMITS)), max_size=3).map(tuple)


class Spending(RuleBasedStateMachine):
    """Acts gather into batches of generated length; after each commit the tables must be sound."""

    def __init__(self) -> None:
        super().__init__()
        self.books = Books(LIMITS)
        self.waiting: list[Act] = []
        self.attempts: dict[TurnId, int] = {}
        self.ended: set[TurnId] = set()
        self.billed = 0

    @rule(turn=turns, periods=levels, amount=st.integers(0, 200))
    def reserve(self, turn: TurnId, periods: Sequence[PeriodId], amount: int) -> None:
        def act(book: Book) -> None:
            if turn in self.ended:
                return
            room = book.room(periods)
            attempt = self.attempts.get(turn, 0) + 1
            try:
                book.reserve(turn, attempt, periods, amount, NOON, ACME)
            except BudgetExceeded:
                assert room is not None
                assert amount > room
            else:
                assert room is None or amount <= room
                self.attempts[turn] = attempt

        self.waiting.append(act)

    @rule(turn=turns, attempt=st.integers(1, 3))
    def release(self, turn: TurnId, attempt: int) -> None:
        self.waiting.append(release(turn, attempt))

    @rule(turn=turns, share=st.floats(0, 1), billed=st.integers(0, 3))
    def settle(self, turn: TurnId, share: float, billed: int) -> None:
        def act(book: Book) -> None:
            held = book.held(turn)
            lines = [line(hold.attempt, int(hold.amount * share)) for hold in held[:billed]]
            assert book.settle(turn, lines, NOON) == bool(held)
            assert not book.settle(turn, lines, NOON)
            self.billed += sum(entry.amount for entry in lines)
            if held:
                self.ended.add(turn)

        self.waiting.append(act)

    @rule()
    def commit(self) -> None:
        self.books.batch(*self.waiting)
        self.waiting.clear()

    @invariant()
    def no_limit_is_passed(self) -> None:
        for row in self.books.periods:
            assert row["spent"] >= 0
            assert row["reserved"] >= 0
            assert row["spent"] + row["reserved"] <= row["limit"]

    @invariant()
    def the_sums_are_those_of_the_entries(self) -> None:
        cost = {(entry["turn_id"], entry["attempt"]): entry["amount"] for entry in self.books.ledger}
        for row in self.books.periods:
            holds = [hold for hold in self.books.reservations if hold["period_id"] == row["id"]]
            assert row["reserved"] == sum(hold["amount"] for hold in holds if hold["state"] == "held")
            settled = [hold for hold in holds if hold["state"] == "settled"]
            assert row["spent"] == sum(cost[hold["turn_id"], hold["attempt"]] for hold in settled)

    def teardown(self) -> None:
        """In the end nothing is reserved, and the ledger holds every bill once."""
        self.commit()
        for turn in self.attempts:
            self.settle(turn, share=1.0, billed=99)
        self.commit()
        assert all(row["reserved"] == 0 for row in self.books.periods)
        assert sum(entry["amount"] for entry in self.books.ledger) == self.billed


Spending.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestSpending = Spending.TestCase


class TestConcurrentQuestions:
    @given(worst=st.integers(1, 40), limit=st.integers(0, 2_000), sizes=st.lists(st.integers(1, 20), max_size=19))
    @settings(max_examples=60, deadline=None)
    def test_leave_less_than_one_worst_case_unused(self, worst: int, limit: int, sizes: list[int]) -> None:
        cap = PeriodId(1)
        books = Books({cap: limit})
        asked = iter(TURNS)

        outcomes = [
            outcome
            for size in sizes
            for outcome in books.batch(*(reserve(next(asked), 1, (cap,), worst) for _ in range(size)))
        ]

        _, reserved = books.figures(cap)
        assert reserved == outcomes.count(None) * worst
        assert reserved <= limit
        assert len(outcomes) == outcomes.count(None) or limit - reserved < worst
