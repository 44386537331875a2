"""The planner of a batch: closes free money for opens, refusals are on record, everything happens once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.audit.models import AuditEvent, AuditHead
from apps.budgets.models import BudgetPeriod, LedgerEntry, Reservation
from apps.domain.decision import Decision
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TurnId
from apps.turns.models import Attempt, IdempotencyKey, Turn
from apps.turns.operations import (
    AttemptOutcome,
    Duplicate,
    ExtendTurn,
    Grant,
    Idempotency,
    NoteRefusals,
    Refused,
    Settled,
    StaleSnapshot,
)
from apps.turns.plan import TurnPlanner
from tests.support.memory_store import MemoryStore
from tests.support.turn_values import ACME, NOON, attempt, candidate, closing, opening, ranked

MONTH, DAY = 11, 12


def database(*, month: int = 1_000_000, day: int = 1_000_000) -> MemoryStore:
    """One tenant with a chain and two budget periods, limits in micro-dollars."""
    store = MemoryStore(TurnPlanner())
    store.put(AuditHead, tenant_id=ACME)
    for period, kind, limit in ((MONTH, "month", month), (DAY, "day", day)):
        store.put(
            BudgetPeriod, id=period, tenant_id=ACME, budget_id=period, kind=kind, scope="the team research",
            starts=NOON, ends=NOON + timedelta(days=1), limit=limit,
        )  # fmt: skip
    return store


def kinds(store: MemoryStore) -> list[str]:
    return [row["kind"] for row in store.rows(AuditEvent)]


def figures(store: MemoryStore, period: int = MONTH) -> tuple[int, int]:
    row = store.tables[BudgetPeriod][period]
    return row["spent"], row["reserved"]


class TestOpen:
    def test_reserves_the_worst_case_at_every_level_and_records_the_dispatch(self) -> None:
        store = database()
        entry = ranked(candidate(), periods=(MONTH, DAY))
        operation = opening(entry)
        (grant,) = store.commit([operation], NOON)

        assert grant == Grant(0, 400, entry.worst_case_micro_usd, lowered=False)
        assert figures(store, MONTH) == figures(store, DAY) == (0, entry.worst_case_micro_usd)
        assert [row["state"] for row in store.rows(Turn)] == ["open"]
        assert [row["state"] for row in store.rows(Attempt)] == ["sent"]
        assert kinds(store) == ["turn.dispatched"]

    def test_tells_how_much_of_each_budget_others_had_used(self) -> None:
        store = database(month=10_000)
        first, second = (opening(ranked(candidate(), periods=(MONTH, DAY))) for _ in range(2))
        worst = first.ranked[0].worst_case_micro_usd
        _, grant = store.commit([first, second], NOON)

        assert isinstance(grant, Grant)
        assert grant.used == ((MONTH, worst / 10_000), (DAY, worst / 1_000_000))

    def test_takes_the_next_candidate_that_fits_before_it_lowers_the_length(self) -> None:
        store = database(month=2_000)
        dear, cheap = (
            ranked(candidate("dear"), periods=(MONTH,)),
            ranked(candidate("cheap", output="1"), periods=(MONTH,)),
        )
        (grant,) = store.commit([opening(dear, cheap)], NOON)

        assert (grant.choice, grant.lowered) == (1, False)
        record = store.rows(Turn)[0]["decision"]
        told = "dear came first, but the budget does not cover its longest answer, so cheap was asked."
        assert record["reasons"][-1] == told
        assert record["said"][-1] == {"code": "passed_over", "params": {"first": "dear", "model": "cheap"}}

    def test_lowers_the_length_to_what_the_budget_covers(self) -> None:
        store = database(month=2_000)
        (grant,) = store.commit([opening(ranked(candidate(), periods=(MONTH,)))], NOON)

        assert grant.lowered
        assert grant.max_output_tokens == 190  # 2,000 less 100 of input, at 10 micro-dollars a token
        assert figures(store) == (0, 2_000)

    def test_refuses_with_a_record_when_nothing_fits(self) -> None:
        store = database(month=150)
        (outcome,) = store.commit([opening(ranked(candidate(), periods=(MONTH,)))], NOON)

        assert isinstance(outcome, Refused)
        assert outcome.error.code == "budget_exceeded"
        assert [(row["state"], row["code"]) for row in store.rows(Turn)] == [("refused", "budget_exceeded")]
        assert kinds(store) == ["turn.refused"]
        assert figures(store) == (0, 0)

    def test_a_free_model_answers_when_the_money_is_gone(self) -> None:
        store = database(month=0)
        free = ranked(candidate("inside", output="0"), periods=(MONTH,))
        (grant,) = store.commit([opening(ranked(candidate(), periods=(MONTH,)), free)], NOON)

        assert (grant.choice, grant.reserved_micro_usd) == (1, 0)

    def test_sends_nothing_on_the_strength_of_an_old_snapshot(self) -> None:
        store = database()
        store.tables[AuditHead][ACME]["version"] = 4
        (outcome,) = store.commit([opening(ranked(candidate()), config_version=3)], NOON)

        assert outcome == StaleSnapshot()
        assert store.rows(Turn) == []

    def test_stores_a_refusal_of_privacy_or_policy(self) -> None:
        store = database()
        refusal = OpenRouteError("Not allowed.")
        (outcome,) = store.commit([opening(refusal=refusal, decision=None)], NOON)

        assert outcome == Refused(refusal)
        assert [row["state"] for row in store.rows(Turn)] == ["refused"]


class TestIdempotency:
    KEY = Idempotency("d" * 64, "b" * 64, NOON + timedelta(hours=24))

    def test_a_second_question_with_the_same_id_is_the_first_one(self) -> None:
        store = database()
        first = opening(ranked(candidate()), idempotency=self.KEY)
        store.commit([first], NOON)
        again, other = (
            opening(ranked(candidate()), idempotency=replace(self.KEY, body_hash=body)) for body in ("b" * 64, "c" * 64)
        )

        assert store.commit([again, other], NOON) == [Duplicate(first.turn, True), Duplicate(first.turn, False)]
        assert len(store.rows(Turn)) == 1

    def test_holds_within_one_batch(self) -> None:
        store = database()
        first, second = (opening(ranked(candidate()), idempotency=self.KEY) for _ in range(2))
        outcomes = store.commit([first, second], NOON)

        assert isinstance(outcomes[0], Grant)
        assert outcomes[1] == Duplicate(first.turn, True)

    def test_an_expired_id_may_be_used_again(self) -> None:
        store = database()
        store.commit([opening(ranked(candidate()), idempotency=replace(self.KEY, expires_at=NOON))], NOON)
        (grant,) = store.commit([opening(ranked(candidate()), idempotency=self.KEY)], NOON)

        assert isinstance(grant, Grant)
        assert len(store.rows(IdempotencyKey)) == 1


class TestAnIdAfterTheEnd:
    KEY = TestIdempotency.KEY

    def ended(self, store: MemoryStore, **changes: Any) -> None:
        """A question under the id, and how it ended."""
        operation = opening(ranked(candidate()), idempotency=self.KEY, request=changes.pop("request", None))
        store.commit([operation], NOON)
        store.commit([closing(operation, *changes.pop("attempts", ()), idempotency=self.KEY.digest, **changes)], NOON)

    def again(self, store: MemoryStore) -> object:
        (outcome,) = store.commit([opening(ranked(candidate()), idempotency=self.KEY)], NOON)
        return outcome

    def test_belongs_to_a_whole_answer(self) -> None:
        store = database()
        self.ended(store, attempts=[attempt()])

        assert isinstance(self.again(store), Duplicate)

    @pytest.mark.parametrize("state", ["failed", "stopped"])
    @pytest.mark.parametrize("attempts", [[attempt(answered=False)], []])
    def test_is_free_when_there_is_no_answer(self, state: str, attempts: list[AttemptOutcome]) -> None:
        """Without attempts it is the sweeper that closes, for a dead owner."""
        store = database()
        self.ended(store, state=state, attempts=attempts)

        assert isinstance(self.again(store), Grant)
        assert len(store.rows(IdempotencyKey)) == 1

    def test_is_free_for_an_open_of_the_same_batch(self) -> None:
        store = database()
        operation, second = (opening(ranked(candidate()), idempotency=self.KEY) for _ in range(2))
        store.commit([operation], NOON)
        failed = closing(operation, attempt(), state="failed", idempotency=self.KEY.digest)
        granted, _ = store.commit([second, failed], NOON)

        assert isinstance(granted, Grant)
        (key,) = store.rows(IdempotencyKey)
        assert (key["turn_id"], key["expires_at"]) == (second.turn, self.KEY.expires_at)

    def test_is_not_taken_from_another_question_by_a_late_close(self) -> None:
        store = database()
        late = opening(ranked(candidate()), idempotency=replace(self.KEY, expires_at=NOON))
        store.commit([late], NOON)
        store.commit([opening(ranked(candidate()), idempotency=self.KEY)], NOON)
        store.commit([closing(late, attempt(), state="failed", idempotency=self.KEY.digest)], NOON)

        assert isinstance(self.again(store), Duplicate)

    def test_is_free_after_a_refusal(self) -> None:
        store = database()
        store.commit([opening(refusal=OpenRouteError("Not allowed."), decision=None, idempotency=self.KEY)], NOON)

        assert isinstance(self.again(store), Grant)


class TestClose:
    def test_books_the_cost_and_gives_the_rest_back(self) -> None:
        store = database()
        operation = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([operation], NOON)
        (settled,) = store.commit([closing(operation, attempt(cost=123))], NOON)

        assert settled == Settled(123)
        assert figures(store) == (123, 0)
        assert [row["amount"] for row in store.rows(LedgerEntry)] == [123]
        assert [row["state"] for row in store.rows(Turn)] == ["completed"]
        assert kinds(store) == ["turn.dispatched", "turn.completed"]

    @pytest.mark.parametrize("together", [True, False])
    def test_takes_effect_once(self, together: bool) -> None:
        store = database()
        operation = opening(ranked(candidate(), periods=(MONTH,)))
        store.commit([operation], NOON)
        closes = [closing(operation, attempt(cost=10)), closing(operation, attempt(cost=99), state="failed")]
        outcomes = store.commit(closes, NOON) if together else [store.commit([close], NOON)[0] for close in closes]

        assert outcomes == [Settled(10), Settled(0, first=False)]
        assert figures(store) == (10, 0)
        assert len(store.rows(LedgerEntry)) == 1

    def test_charges_the_whole_reservation_of_a_dead_owner_as_an_estimate(self) -> None:
        store = database()
        entry = ranked(candidate(), periods=(MONTH,))
        operation = opening(entry)
        store.commit([operation], NOON)
        store.commit([closing(operation, state="failed", code="interrupted")], NOON)

        assert figures(store) == (entry.worst_case_micro_usd, 0)
        assert [row["estimated"] for row in store.rows(LedgerEntry)] == [True]
        assert kinds(store)[-1] == "turn.swept"

    def test_notes_a_label_that_was_raised_meanwhile(self) -> None:
        store = database()
        operation = opening(ranked(candidate()))
        store.commit([operation], NOON)
        store.commit([closing(operation, attempt(), answer_label="sensitive")], NOON)

        assert [row["sensitivity"] for row in store.rows(Turn)] == ["sensitive"]
        assert '"sensitivity":"sensitive"' in store.rows(AuditEvent)[-1]["body"]

    def test_frees_money_for_an_open_of_the_same_batch(self) -> None:
        entry = ranked(candidate(), periods=(MONTH,))
        store = database(month=entry.worst_case_micro_usd)
        first, second = opening(entry), opening(entry)
        store.commit([first], NOON)
        outcomes = store.commit([second, closing(first, attempt(cost=0))], NOON)

        assert isinstance(outcomes[0], Grant)
        assert not outcomes[0].lowered

    def test_keeps_the_answer_for_a_retry(self) -> None:
        store = database()
        key = TestIdempotency.KEY
        operation = opening(ranked(candidate()), idempotency=key)
        store.commit([operation], NOON)
        store.commit([closing(operation, attempt(), idempotency=key.digest)], NOON)

        assert store.tables[IdempotencyKey][key.digest]["answer"]


class TestAVote:
    def panel(self, *, output: str = "10") -> tuple[Any, ...]:
        return tuple(ranked(candidate(name, output=output), periods=(MONTH,)) for name in ("a", "b", "c", "d"))

    def vote(self, entries: tuple[Any, ...], **changes: Any) -> Any:
        decision = Decision(entries, (), "vote", (), together=3)
        return opening(*entries, decision=decision, voters=(0, 1, 2), **changes)

    def test_reserves_and_records_every_voter_at_once(self) -> None:
        store = database()
        entries = self.panel()
        worst = entries[0].worst_case_micro_usd
        (grant,) = store.commit([self.vote(entries)], NOON)

        assert isinstance(grant, Grant)
        assert [given.choice for given in grant.all] == [0, 1, 2]
        assert (grant.missing, figures(store)) == (0, (0, 3 * worst))
        rows = sorted(store.rows(Attempt), key=lambda row: row["number"])
        assert [(row["number"], row["model"], row["state"], row["reserved"]) for row in rows] == [
            (1, "a", "sent", worst), (2, "b", "sent", worst), (3, "c", "sent", worst),
        ]  # fmt: skip
        assert kinds(store) == ["turn.dispatched", "turn.extended", "turn.extended"]
        (turn,) = store.rows(Turn)
        assert (turn["attempts"], turn["reserved"], turn["model"]) == (3, 3 * worst, "a")

    @pytest.mark.parametrize("fitting", [1, 2])
    def test_is_smaller_where_the_budget_covers_fewer_in_full(self, fitting: int) -> None:
        entries = self.panel()
        worst = entries[0].worst_case_micro_usd
        store = database(month=fitting * worst + worst - 1)
        (grant,) = store.commit([self.vote(entries)], NOON)

        assert isinstance(grant, Grant)
        assert (len(grant.all), grant.missing, grant.lowered) == (fitting, 3 - fitting, False)
        assert figures(store) == (0, fitting * worst)
        assert store.rows(Turn)[0]["decision"]["said"][-1]["code"] == "vote_smaller"

    def test_is_none_where_the_first_one_is_shortened_already(self) -> None:
        entries = self.panel()
        store = database(month=entries[0].worst_case_micro_usd - 1)
        (grant,) = store.commit([self.vote(entries)], NOON)

        assert isinstance(grant, Grant)
        assert (grant.lowered, grant.others, grant.missing) == (True, (), 2)

    def test_takes_a_free_voter_when_the_money_is_gone(self) -> None:
        free = ranked(candidate("free", output="0"), periods=(MONTH,))
        entries = (*self.panel()[:2], free)
        store = database(month=entries[0].worst_case_micro_usd)
        (grant,) = store.commit([self.vote(entries)], NOON)

        assert isinstance(grant, Grant)
        assert [given.choice for given in grant.all] == [0, 2]

    @given(
        budget=st.integers(0, 20_000), prices=st.lists(st.sampled_from(["0", "1", "5", "10"]), min_size=3, max_size=5)
    )
    def test_never_reserves_more_than_there_is(self, budget: int, prices: list[str]) -> None:
        store = database(month=budget)
        entries = tuple(
            ranked(candidate(f"m{place}", output=price), periods=(MONTH,)) for place, price in enumerate(prices)
        )
        store.commit([self.vote(entries), self.vote(entries), self.vote(entries)], NOON)

        assert figures(store)[1] <= budget
        assert figures(store)[1] == sum(row["reserved"] for row in store.rows(Attempt))

    def test_that_its_owner_leaves_by_dying_is_charged_as_a_whole(self) -> None:
        store = database()
        entries = self.panel()
        operation = self.vote(entries)
        store.commit([operation], NOON)
        store.commit([closing(operation, state="failed", code="interrupted")], NOON)

        assert figures(store) == (3 * entries[0].worst_case_micro_usd, 0)
        assert len(store.rows(LedgerEntry)) == 3

    def test_is_released_as_a_whole_when_nothing_was_sent(self) -> None:
        store = database()
        operation = self.vote(self.panel())
        store.commit([operation], NOON)
        store.commit([replace(closing(operation, state="stopped"), attempts=())], NOON)

        assert figures(store) == (0, 0)
        assert {row["code"] for row in store.rows(Attempt)} == {"not_sent"}

    def test_leaves_the_codes_of_all_voters_when_another_model_is_asked(self) -> None:
        store = database()
        entries = self.panel()
        operation = self.vote(entries)
        store.commit([operation], NOON)
        extension = ExtendTurn(
            operation.turn, ACME, "user:5", 4, entries[3:], 100, 0, "provider_unavailable", "clean",
            gave_way=((1, "provider_unavailable"), (2, "late"), (3, "rate_limited")),
        )  # fmt: skip
        store.commit([extension], NOON)

        rows = sorted(store.rows(Attempt), key=lambda row: row["number"])
        assert [row["code"] for row in rows] == ["provider_unavailable", "late", "rate_limited", ""]

    def test_is_on_record_with_the_end(self) -> None:
        store = database()
        operation = self.vote(self.panel())
        store.commit([operation], NOON)
        vote = {"asked": 3, "answered": 3, "agreed": 2, "winner": 1}
        store.commit([closing(operation, attempt(1), attempt(2), attempt(3), vote=vote)], NOON)

        assert store.rows(Turn)[0]["vote"] == vote
        assert '"vote":{"agreed":2,"answered":3,"asked":3}' in store.rows(AuditEvent)[-1]["body"]


class TestExtend:
    def extension(self, turn: TurnId, entry: object, number: int = 2) -> ExtendTurn:
        return ExtendTurn(turn, ACME, "user:5", number, (entry,), 100, 0, "provider_unavailable", "clean")  # type: ignore[arg-type]

    def test_records_and_reserves_the_next_attempt_beside_the_first(self) -> None:
        store = database()
        entry = ranked(candidate(), periods=(MONTH,))
        operation = opening(entry)
        store.commit([operation], NOON)
        (grant,) = store.commit([self.extension(operation.turn, entry)], NOON)

        assert isinstance(grant, Grant)
        assert figures(store) == (0, 2 * entry.worst_case_micro_usd)
        assert kinds(store)[-1] == "turn.extended"

    def test_notes_why_the_first_model_gave_way_before_anybody_could_die(self) -> None:
        store = database()
        operation = opening(ranked(candidate("first")))
        inside = ranked(candidate("inside", output="0"))
        store.commit([operation], NOON)
        store.commit([replace(self.extension(operation.turn, inside), keeps=4)], NOON)
        one, two = sorted(store.rows(Attempt), key=lambda row: row["number"])

        assert [(row["state"], row["code"]) for row in (one, two)] == [("failed", "provider_unavailable"), ("sent", "")]
        store.commit([closing(operation, state="failed", code="interrupted")], NOON)
        rows = sorted(store.rows(Attempt), key=lambda row: row["number"])
        assert [(row["code"], row["hosting"], row["keeps"]) for row in rows] == [
            ("provider_unavailable", "commercial", 0),
            ("owner_died", "self_hosted", 4),
        ]

    def test_leaves_the_first_attempt_alone_when_no_other_can_be_paid(self) -> None:
        entry = ranked(candidate(), periods=(MONTH,))
        store = database(month=entry.worst_case_micro_usd)
        operation = opening(entry)
        store.commit([operation], NOON)
        (error,) = store.commit([self.extension(operation.turn, entry)], NOON)

        assert isinstance(error, OpenRouteError)
        assert [(row["state"], row["code"]) for row in store.rows(Attempt)] == [("sent", "")]

    @pytest.mark.parametrize(("is_from_outside", "hosting"), [(True, "commercial"), (False, "self_hosted")])
    def test_leaves_on_the_turn_what_a_sweeper_needs_to_close_it(self, is_from_outside: bool, hosting: str) -> None:
        """The text so far is sent along: its label, where it was written, and who was asked last."""
        store = database()
        operation = opening(ranked(candidate()))
        store.commit([operation], NOON)
        inside = ranked(candidate("inside", output="0"))
        extension = replace(
            self.extension(operation.turn, inside), sensitivity="sensitive", keeps=9, is_from_outside=is_from_outside
        )
        store.commit([extension], NOON)

        (turn,) = store.rows(Turn)
        assert (turn["model"], turn["hosting"], turn["sensitivity"]) == ("inside", hosting, "sensitive")
        store.commit([closing(operation, state="failed", model="inside", hosting=hosting)], NOON)
        assert store.rows(Turn)[0]["sensitivity"] == "sensitive"

    def test_a_close_gives_back_an_extension_that_was_never_sent(self) -> None:
        store = database()
        entry = ranked(candidate(), periods=(MONTH,))
        operation = opening(entry)
        store.commit([operation], NOON)
        store.commit([self.extension(operation.turn, entry)], NOON)
        store.commit([closing(operation, attempt(cost=0), state="stopped")], NOON)

        assert figures(store) == (0, 0)
        assert {row["number"]: row["code"] for row in store.rows(Attempt)}[2] == "not_sent"
        assert {row["state"] for row in store.rows(Reservation)} <= {"settled", "released"}

    def test_comes_too_late_after_the_close(self) -> None:
        store = database()
        entry = ranked(candidate(), periods=(MONTH,))
        operation = opening(entry)
        store.commit([operation], NOON)
        late, _ = store.commit([self.extension(operation.turn, entry), closing(operation, attempt())], NOON)

        assert isinstance(late, OpenRouteError)
        assert figures(store)[1] == 0


class TestNote:
    def test_is_one_audit_entry_with_its_count(self) -> None:
        store = database()
        store.commit([NoteRefusals(ACME, "user:5", "rate_limited", 45_000)], NOON)

        assert kinds(store) == ["request.refused"]
        assert '"count":45000' in store.rows(AuditEvent)[0]["body"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "close", "close again", "die", "extend"]),
        st.integers(0, 30),
        st.integers(0, 84),  # the smallest grant: 100 tokens in and 32 out of the cheap model
        st.booleans(),
    ),
    max_size=60,
)


class TestAnyInterleaving:
    @settings(max_examples=60, deadline=None)
    @given(steps=STEPS, limit=st.integers(0, 30_000))
    def test_never_overspends_and_settles_everything_once(self, steps: list[tuple], limit: int) -> None:
        """Whatever is opened, extended and closed in whatever batches, both budgets hold and nothing stays reserved."""
        store = database(month=limit, day=limit * 2)
        entries = [ranked(candidate(m, output=p), periods=(MONTH, DAY)) for m, p in (("dear", "20"), ("cheap", "2"))]
        opened: list[object] = []
        batch: list[object] = []
        for step, which, cost, ends_batch in steps:
            if step == "open" or not opened:
                batch.append(opening(*entries))
                opened.append(batch[-1])
            else:
                if step == "extend":  # only what is on record can give way to another attempt
                    batch = _commit(store, batch, limit)
                batch.append(_step(step, opened[which % len(opened)], entries, cost, store))
            if ends_batch:
                batch = _commit(store, batch, limit)
        _commit(store, batch, limit)
        _commit(store, [closing(operation) for operation in opened], limit)

        booked = sum(row["amount"] for row in store.rows(LedgerEntry))
        assert figures(store, MONTH) == figures(store, DAY) == (booked, 0)
        assert all(row["state"] != "open" for row in store.rows(Turn))
        assert [row["seq"] for row in store.rows(AuditEvent)] == list(range(1, len(store.rows(AuditEvent)) + 1))


def _step(step: str, operation: object, entries: list, cost: int, store: MemoryStore) -> object:
    if step == "extend":
        number = 1 + sum(row["turn_id"] == operation.turn for row in store.rows(Attempt))
        return ExtendTurn(operation.turn, ACME, "user:5", number, tuple(entries), 100, 0, "x", "clean")
    if step == "die":
        return closing(operation)
    return closing(operation, attempt(cost=cost))


def _commit(store: MemoryStore, batch: list, limit: int) -> list:
    """Commit, and begin a new batch."""
    if batch:
        store.commit(batch, NOON)
    spent, reserved = figures(store)
    assert reserved >= 0
    assert spent + reserved <= limit
    return []
