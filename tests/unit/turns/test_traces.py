"""After a lost COMMIT each step is recognised by what it left behind, and has the outcome that was not heard."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from apps.audit.models import AuditHead
from apps.budgets.models import BudgetPeriod
from apps.domain.decision import Decision
from apps.domain.errors import InvalidRequest, OpenRouteError
from apps.turns.models import Turn, TurnChunk
from apps.turns.operations import AppendTexts, ExtendTurn, NoteRefusals, OpenTurn, Refused, Settled, TextPiece
from apps.turns.plan import TurnPlanner
from tests.support.memory_store import MemoryStore
from tests.support.turn_values import ACME, NOON, attempt, candidate, closing, opening, ranked

MONTH = 11


def database(limit: int = 1_000_000) -> MemoryStore:
    store = MemoryStore(TurnPlanner())
    store.put(AuditHead, tenant_id=ACME)
    store.put(
        BudgetPeriod, id=MONTH, tenant_id=ACME, budget_id=MONTH, kind="month", scope="the team research",
        starts=NOON, ends=NOON + timedelta(days=1), limit=limit,
    )  # fmt: skip
    return store


def extension(operation: OpenTurn, *, output: str = "1") -> ExtendTurn:
    other = ranked(candidate("other", output=output), periods=(MONTH,))
    return ExtendTurn(operation.turn, ACME, "user:5", 2, (operation.ranked[0], other), 100, 0, "timeout", "clean")


def piece(operation: OpenTurn, at: int) -> AppendTexts:
    return AppendTexts((TextPiece(operation.turn, ACME, at, 1, "Paris"),))


class TestWhatWasCommitted:
    @pytest.mark.parametrize("limit", [1_000_000, 2_000, 150])
    def test_gives_an_open_its_grant_or_its_refusal_again(self, limit: int) -> None:
        store = database(limit)
        operation = opening(ranked(candidate(), periods=(MONTH,)), ranked(candidate("next"), periods=(MONTH,)))
        (outcome,) = store.commit([operation], NOON)
        found = store.committed([operation])[0]

        if isinstance(outcome, Refused):
            assert isinstance(found, Refused)
            assert (found.error.code, found.error.detail) == (outcome.error.code, outcome.error.detail)
        else:
            assert found == outcome

    @pytest.mark.parametrize("limit", [1_000_000, 9_000, 5_000, 2_000])
    def test_gives_a_vote_all_of_its_grants_again(self, limit: int) -> None:
        store = database(limit)
        entries = tuple(ranked(candidate(name), periods=(MONTH,)) for name in ("a", "b", "c", "d"))
        decision = Decision(entries, (), "vote", (), together=3)
        operation = opening(*entries, decision=decision, voters=(0, 1, 2))
        (outcome,) = store.commit([operation], NOON)

        assert store.committed([operation])[0] == outcome

    def test_gives_a_refusal_of_policy_with_the_words_of_the_first_time(self) -> None:
        store, refusal = database(), InvalidRequest("Not this.")
        operation = opening(ranked(candidate()), refusal=refusal)
        store.commit([operation], NOON)

        found = store.committed([operation])[0]
        assert isinstance(found, Refused)
        assert found.error is refusal

    @pytest.mark.parametrize("limit", [1_000_000, 4_200, 4_197])
    def test_gives_an_extension_its_grant_again(self, limit: int) -> None:
        store = database(limit)
        operation = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([operation], NOON)
        further = extension(operation)
        outcomes = store.commit([further], NOON)

        assert [store.committed([further])[0]] == outcomes

    def test_gives_a_close_what_it_cost(self) -> None:
        store = database()
        operation = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([operation], NOON)
        close = closing(operation, attempt(cost=70))
        outcomes = store.commit([close], NOON)

        assert [store.committed([close])[0]] == outcomes == [Settled(70)]

    def test_tells_a_close_that_somebody_else_was_first(self) -> None:
        store = database()
        operation = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([operation], NOON)
        store.commit([closing(operation, state="failed", code="interrupted")], NOON)

        found = store.committed([closing(operation, attempt(cost=70))])[0]
        assert found == Settled(operation.ranked[0].worst_case_micro_usd, first=False)

    def test_knows_pieces_of_a_journal_and_notes_of_the_same_batch(self) -> None:
        store = database()
        operation = opening(ranked(candidate()))
        batch = [piece(operation, 0), NoteRefusals(ACME, "user:5", "rate_limited", 3)]
        store.commit(batch, NOON)

        assert store.committed(batch) == {0: None, 1: None}

    def test_tells_an_open_whose_turn_was_swept_that_nothing_may_be_sent(self) -> None:
        store = database()
        operation = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([operation], NOON)
        store.commit([closing(operation, state="failed", code="interrupted")], NOON)

        assert isinstance(store.committed([operation])[0], OpenRouteError)


class TestWhatWasNotCommitted:
    def steps(self, store: MemoryStore) -> Sequence[Any]:
        running = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([running, piece(running, 0)], NOON)
        return [
            opening(ranked(candidate(), periods=(MONTH,))),
            extension(running),
            closing(running, attempt()),
            piece(running, 5),
            NoteRefusals(ACME, "user:5", "rate_limited", 3),
        ]

    def test_is_done_again(self) -> None:
        store = database()
        steps = self.steps(store)

        assert store.committed(steps) == {}
        assert (len(store.rows(Turn)), len(store.rows(TurnChunk))) == (1, 1)
