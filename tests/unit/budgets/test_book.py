"""Reservations and bookings of batches, without a database."""

import pytest

from apps.budgets import planning
from apps.budgets.values import BudgetExceeded, BudgetUndecided
from apps.domain.ids import PeriodId
from tests.support.books import TURNS, Act, Books, line, release, reserve, settle

TENANT, TEAM = PeriodId(1), PeriodId(2)
BOTH = (TENANT, TEAM)
TURN, OTHER = TURNS[:2]


@pytest.fixture
def books() -> Books:
    return Books({TENANT: 1_000, TEAM: 300}, {TEAM: ("team research", "day")})


def room(*periods: PeriodId) -> Act:
    return lambda book: book.room(periods)


class TestRoom:
    def test_is_what_the_tightest_period_leaves(self, books: Books) -> None:
        assert books.batch(room(*BOTH)) == [300]

    def test_is_unlimited_without_budgets(self, books: Books) -> None:
        assert books.batch(room()) == [None]

    def test_is_never_negative_after_a_limit_was_lowered(self, books: Books) -> None:
        books.period(TEAM).update(spent=500)

        assert books.batch(room(*BOTH)) == [0]

    def test_cannot_be_told_for_a_period_that_is_gone(self, books: Books) -> None:
        (outcome,) = books.batch(room(TENANT, PeriodId(99)))

        assert isinstance(outcome, BudgetUndecided)


class TestReserve:
    def test_holds_the_amount_at_every_level(self, books: Books) -> None:
        books.batch(reserve(TURN, 1, BOTH, 100))

        assert books.figures(TENANT) == books.figures(TEAM) == (0, 100)

    def test_holds_nothing_at_all_when_one_level_refuses(self, books: Books) -> None:
        (refusal,) = books.batch(reserve(TURN, 1, BOTH, 301))

        assert isinstance(refusal, BudgetExceeded)
        assert (refusal.scope, refusal.period, refusal.missing) == ("team research", "day", 1)
        assert "daily budget of team research" in refusal.detail
        assert books.figures(TENANT) == books.figures(TEAM) == (0, 0)
        assert not books.reservations

    def test_sees_what_the_same_batch_reserved_before(self, books: Books) -> None:
        first, second = books.batch(reserve(TURN, 1, BOTH, 200), reserve(OTHER, 1, BOTH, 101))

        assert first is None
        assert isinstance(second, BudgetExceeded)

    def test_gives_the_last_micro_dollar(self, books: Books) -> None:
        assert books.batch(reserve(TURN, 1, BOTH, 300), room(*BOTH)) == [None, 0]

    def test_takes_nothing_from_a_budget_for_a_free_model(self, books: Books) -> None:
        books.period(TEAM).update(spent=300)
        books.batch(reserve(TURN, 1, BOTH, 0))

        assert books.figures(TEAM) == (300, 0)
        assert [row["period_id"] for row in books.reservations] == [None]

    def test_counts_each_period_once(self, books: Books) -> None:
        books.batch(reserve(TURN, 1, (TEAM, TEAM), 100))

        assert books.figures(TEAM) == (0, 100)


class TestSettle:
    @pytest.fixture
    def open_turn(self, books: Books) -> Books:
        books.batch(reserve(TURN, 1, BOTH, 100))
        return books

    def test_books_the_cost_and_gives_the_rest_back(self, open_turn: Books) -> None:
        assert open_turn.batch(settle(TURN, line(amount=70))) == [True]
        assert open_turn.figures(TENANT) == open_turn.figures(TEAM) == (70, 0)
        assert [entry["amount"] for entry in open_turn.ledger] == [70]

    def test_takes_effect_once_in_a_later_batch(self, open_turn: Books) -> None:
        open_turn.batch(settle(TURN, line(amount=70)))

        assert open_turn.batch(settle(TURN, line(amount=70))) == [False]
        assert open_turn.figures(TEAM) == (70, 0)
        assert len(open_turn.ledger) == 1

    def test_takes_effect_once_in_one_batch(self, open_turn: Books) -> None:
        assert open_turn.batch(settle(TURN, line()), settle(TURN, line())) == [True, False]
        assert len(open_turn.ledger) == 1

    def test_releases_attempts_that_were_not_billed(self, open_turn: Books) -> None:
        open_turn.batch(reserve(TURN, 2, (TENANT,), 50), settle(TURN, line(attempt=2, amount=40)))

        assert (open_turn.figures(TENANT), open_turn.figures(TEAM)) == ((40, 0), (0, 0))
        states = {(row["attempt"], row["period_id"]): row["state"] for row in open_turn.reservations}
        assert states == {(1, TENANT): "released", (1, TEAM): "released", (2, TENANT): "settled"}

    def test_books_the_usage_of_a_free_model_once(self, books: Books) -> None:
        books.batch(reserve(TURN, 1, BOTH, 0))

        assert books.batch(settle(TURN, line(amount=0))) == [True]
        assert books.batch(settle(TURN, line(amount=0))) == [False]
        assert [entry["input_tokens"] for entry in books.ledger] == [10]

    def test_marks_estimates_in_the_ledger(self, open_turn: Books) -> None:
        open_turn.batch(settle(TURN, line(estimated=True)))

        assert open_turn.ledger[0]["estimated"] is True

    def test_books_a_bill_above_its_reservation_as_billed(self, open_turn: Books) -> None:
        open_turn.batch(settle(TURN, line(amount=150)))

        assert open_turn.figures(TEAM) == (150, 0)

    def test_refuses_to_guess_when_the_batch_did_not_read_the_period(self, open_turn: Books) -> None:
        open_turn.read_periods = [TENANT]

        with pytest.raises(planning.UnreadPeriod):
            open_turn.batch(settle(TURN, line()))


class TestRelease:
    def test_gives_an_attempt_back_once(self, books: Books) -> None:
        books.batch(reserve(TURN, 1, BOTH, 100), release(TURN, 1), release(TURN, 1))

        assert books.figures(TENANT) == books.figures(TEAM) == (0, 0)

    def test_leaves_the_other_attempts_alone(self, books: Books) -> None:
        *_, held = books.batch(
            reserve(TURN, 1, BOTH, 100), reserve(TURN, 2, BOTH, 60), release(TURN, 1), lambda book: book.held(TURN)
        )

        assert [(hold.attempt, hold.amount) for hold in held] == [(2, 60)]


class TestShortest:
    def test_names_the_period_that_covers_least(self, books: Books) -> None:
        assert books.batch(lambda book: book.shortest(BOTH, 350)) == [("team research", "day", 50)]
