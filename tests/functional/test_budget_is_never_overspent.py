"""No call without a reservation, no overspending at any concurrency, a ledger that equals the bills (promise P09)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from tests.functional.companies import BILLED, CAPPED, PENNILESS, THRIFTY
from tests.support.journeys import Api, Socket, code, is_done, of_type, within
from tests.support.server import RealServer
from tests.support.upstream import Received, Script, Upstream
from tests.support.world import Company

pytestmark = pytest.mark.server

MICRO = Decimal(1_000_000)


def budget_of(server: RealServer, company: Company) -> dict[str, Any]:
    """The team's month: limit, spent, reserved in micro-dollars."""
    (row,) = server.rows(
        'select p."limit", p.spent, p.reserved from budgets_budgetperiod p join tenants_tenant t on t.id = p.tenant_id'
        " where t.slug = ? and p.starts <= current_timestamp and p.ends > current_timestamp",
        company.slug,
    )
    return dict(row)


def ledger_of(server: RealServer, company: Company) -> list[dict[str, Any]]:
    """What was booked, per attempt, with what had been set aside for it."""
    rows = server.rows(
        "select l.turn_id, l.attempt, l.amount, l.estimated, a.reserved, a.cost from budgets_ledgerentry l"
        " join tenants_tenant t on t.id = l.tenant_id"
        " join turns_attempt a on a.turn_id = l.turn_id and a.number = l.attempt where t.slug = ?",
        company.slug,
    )
    return [dict(row) for row in rows]


def attempts_of(server: RealServer, company: Company) -> list[dict[str, Any]]:
    """What was on record before it was sent."""
    rows = server.rows(
        "select a.turn_id, a.number from turns_attempt a join tenants_tenant t on t.id = a.tenant_id where t.slug = ?",
        company.slug,
    )
    return [dict(row) for row in rows]


def open_turns(server: RealServer, company: Company) -> int:
    (row,) = server.rows(
        "select count(*) as n from turns_turn x join tenants_tenant t on t.id = x.tenant_id"
        " where t.slug = ? and x.state = 'open'",
        company.slug,
    )
    return int(row["n"])


class TestAnEmptyBudget:
    async def test_refuses_over_the_api_with_402(self, server: RealServer, outside: Upstream) -> None:
        async with Api(server, PENNILESS.key()) as api:
            answers = [await api.ask("Hello?", stream=stream) for stream in (False, True)]

        assert [(a.status_code, code(a)) for a in answers] == [(402, "budget_exceeded")] * 2
        assert {a.json()["error"]["type"] for a in answers} == {"insufficient_quota"}
        assert outside.requests == []
        assert budget_of(server, PENNILESS) == {"limit": 100, "spent": 0, "reserved": 0}

    async def test_fails_in_the_chat_and_keeps_the_question(self, server: RealServer, outside: Upstream) -> None:
        async with Socket(server, key=PENNILESS.key()) as socket:
            accepted, frames = await socket.answer("Hello?")

        assert (frames[-1]["type"], frames[-1]["code"]) == ("failed", "budget_exceeded")
        assert "monthly budget of team research is used up" in frames[-1]["detail"]
        stored = server.rows(
            "select state, text from chat_message where turn_id = ?", accepted["turn"].replace("-", "")
        )
        assert sorted((row["state"], row["text"]) for row in stored) == [("refused", ""), ("refused", "Hello?")]
        assert outside.requests == []

    async def test_leaves_the_free_model_inside(self, server: RealServer, outside: Upstream, inside: Upstream) -> None:
        async with Api(server, THRIFTY.key()) as api:
            answer = await api.ask("Hello?", model="thrifty-cloud")

        assert (answer.status_code, answer.headers["x-openroute-model"]) == (200, "thrifty-inside")
        assert outside.requests == []
        assert len(inside.calls()) == 1


class TestTwoHundredQuestionsAtOnce:
    async def test_spend_one_cap_to_its_end_and_not_beyond(self, server: RealServer, outside: Upstream) -> None:
        outside.script("capped-cloud", Script(tokens=1000, first_delay_s=0.2))
        async with Api(server, CAPPED.key()) as api:
            answers = await asyncio.gather(*(api.ask(f"Question {n}?", stream=bool(n % 2)) for n in range(200)))

        answered = [answer for answer in answers if answer.status_code == 200]
        refused = {(a.status_code, code(a)) for a in answers if a.status_code != 200}
        budget = budget_of(server, CAPPED)
        print(f"200 at once on a cap of {budget['limit']}: {len(answered)} answered, spent {budget['spent']}")
        assert refused == {(402, "budget_exceeded")}
        assert (budget["spent"], budget["reserved"]) == (37_700, 0)
        assert outside.bill() * MICRO == 37_700
        assert len(answered) == 38
        assert all(is_done(a) for a in answered if a.headers["content-type"].startswith("text/event-stream"))
        assert open_turns(server, CAPPED) == 0

    async def test_were_told_when_an_answer_had_to_be_shorter(self, server: RealServer) -> None:
        rows = server.rows(
            "select granted_tokens, finish from turns_turn x join tenants_tenant t on t.id = x.tenant_id"
            " where t.slug = ? and x.state = 'completed' order by granted_tokens limit 2",
            CAPPED.slug,
        )

        assert [(row["granted_tokens"], row["finish"]) for row in rows] == [(70, "length"), (100, "length")]


FLAKY = (
    Script(tokens=20),
    Script(tokens=30, delay_s=0.01, cut_after=9),
    Script(tokens=12, usage=False),
    Script(status=500),
    Script(tokens=40, delay_s=0.01, error_after=4),
    Script(tokens=40, delay_s=0.01, error_after=0),
    Script(status=429, retry_after=1),
    Script(tokens=25, cached_tokens=5, reasoning_tokens=7),
    Script(tokens=40, delay_s=0.01, cut_after=0),
)


class TestTheLedger:
    async def test_equals_the_bills_whatever_becomes_of_the_answers(
        self, server: RealServer, outside: Upstream
    ) -> None:
        """Whole, stopped, abandoned, cut, faulty answers, with and without usage, over both surfaces."""
        outside.script("billed-flaky", *(script for _ in range(6) for script in FLAKY))
        outside.script("billed-steady", Script(tokens=60, delay_s=0.01))
        async with Api(server, BILLED.key()) as api:
            asked = [api.ask(f"Question {n}?", model="billed-flaky", stream=bool(n % 3)) for n in range(40)]
            await asyncio.gather(*asked, *(self._abandoned(api) for _ in range(4)), self._stopped(server))
        await within(10, lambda: open_turns(server, BILLED) == 0)

        by_call = {call.headers["idempotency-key"]: call for call in outside.calls()}
        ledger = ledger_of(server, BILLED)
        booked = {f"{dashed(entry['turn_id'])}-{entry['attempt']}": entry for entry in ledger}
        budget = budget_of(server, BILLED)
        estimates = sum(entry["estimated"] for entry in ledger)
        print(f"{len(ledger)} entries, {estimates} estimated; bills {outside.bill() * MICRO}, booked {budget['spent']}")
        assert set(by_call) <= {f"{dashed(a['turn_id'])}-{a['number']}" for a in attempts_of(server, BILLED)}
        assert {key for key, call in by_call.items() if bill_of(outside, call)} <= booked.keys()
        for key, entry in booked.items():
            if key not in by_call:  # stopped before it was sent, or the provider rests after failures in a row
                assert entry["estimated"] or entry["amount"] == 0, (key, entry)
                continue
            bill = bill_of(outside, by_call[key])
            assert bill <= entry["amount"] <= entry["reserved"], (key, bill, entry)
            assert entry["estimated"] or entry["amount"] < bill + 1, (key, bill, entry)
        assert budget["spent"] == sum(entry["amount"] for entry in ledger)
        assert budget["reserved"] == 0
        assert 0 < estimates < len(ledger)

    async def test_has_no_reservation_left_over(self, server: RealServer) -> None:
        held = server.rows(
            "select count(*) as n from budgets_reservation r join tenants_tenant t on t.id = r.tenant_id"
            " where t.slug = ? and r.state = 'held'",
            BILLED.slug,
        )

        assert held[0]["n"] == 0

    async def _abandoned(self, api: Api) -> None:
        """Ask for a stream and go away after the first bytes."""
        body = {"model": "billed-steady", "messages": [{"role": "user", "content": "Tell me more."}], "stream": True}
        async with api.client.stream("POST", "/v1/chat/completions", json=body) as answer:
            async for _ in answer.aiter_bytes():
                return

    async def _stopped(self, server: RealServer) -> None:
        async with Socket(server, key=BILLED.key()) as socket:
            accepted = await socket.ask("Tell me more.", model="billed-steady")
            await socket.until("delta")
            await socket.send("stop", turn=accepted["turn"])
            frames = await socket.until("completed", "failed")
        assert of_type(frames, "completed")[0]["finish"] == "stopped"


def bill_of(upstream: Upstream, call: Received) -> Decimal:
    """Exact micro-dollars."""
    return upstream.bill_of(call) * MICRO


def dashed(turn: str) -> str:
    """SQLite keeps a UUID as 32 hexadecimal digits."""
    return f"{turn[:8]}-{turn[8:12]}-{turn[12:16]}-{turn[16:20]}-{turn[20:]}"
