"""Rows that another session holds are tried at growing intervals and forgotten when nobody wants them."""

import pytest

from apps.core.models import Process, Version
from apps.core.postgres.holds import FIRST_S, FORGET_S, LONGEST_S, Holds

ROW, OTHER = (Process, 1), (Version, 1)


class TestHolds:
    def test_know_nothing_of_rows_that_were_never_held(self) -> None:
        holds = Holds()
        holds.held([ROW], now=0.0)

        assert holds.wait_s([OTHER], now=0.0) is None

    def test_double_the_interval_of_a_row_up_to_the_longest(self) -> None:
        holds = Holds()
        waits = [holds.held([ROW], now=0.0) for _ in range(6)]

        assert waits == [FIRST_S, 2 * FIRST_S, 4 * FIRST_S, LONGEST_S, LONGEST_S, LONGEST_S]

    def test_tell_how_long_until_the_last_of_several_rows_may_be_tried(self) -> None:
        holds = Holds()
        holds.held([ROW], now=0.0)
        holds.held([OTHER], now=0.03)

        assert holds.wait_s([ROW, OTHER], now=0.04) == pytest.approx(0.03 + FIRST_S - 0.04)
        assert holds.wait_s([ROW], now=1.0) == 0.0

    def test_begin_anew_with_a_row_that_was_freed(self) -> None:
        holds = Holds()
        holds.held([ROW], now=0.0)
        holds.freed([ROW, OTHER])

        assert not holds
        assert holds.held([ROW], now=9.0) == FIRST_S

    def test_forget_what_nobody_asked_for_after_it_was_due(self) -> None:
        holds = Holds()
        holds.held([ROW], now=0.0)
        holds.forget_old(FIRST_S + FORGET_S)
        assert holds
        holds.forget_old(FIRST_S + FORGET_S + 0.1)

        assert not holds
