"""The one path of a message, inline on the database of the test: what is on record, what it costs, how it ends."""

import asyncio
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEvent
from apps.budgets.models import LedgerEntry, Reservation
from apps.core import clock
from apps.core.snapshot import UNREACHABLE
from apps.domain.decision import ModelNotFound
from apps.domain.errors import PermissionRefused, RateLimited
from apps.domain.limits import RateLimits
from apps.domain.turn import (
    Accepted,
    Completed,
    Failed,
    Finish,
    Principal,
    Routed,
    Switched,
    TextDelta,
    TurnEvent,
)
from apps.providers.values import ModelCall, ProviderUnavailable
from apps.tenants import services as tenants
from apps.turns import pipeline, replay, runtime
from apps.turns.models import Attempt, Turn
from apps.turns.operations import Idempotency
from tests.integration.turns.conftest import House
from tests.support.factories.tenants import MembershipFactory, TeamFactory
from tests.support.scripted_provider import Behaviour, ScriptedAdapter

pytestmark = pytest.mark.django_db

AWAY = Behaviour((), ProviderUnavailable("It is away."))
BREAKS = Behaviour(("Half an ",), ProviderUnavailable("It broke off."))


def once(house: House, key: str = "mine", body: bytes = b"the same") -> Idempotency:
    principal = Principal(house.tenant, house.user, house.key)
    return replay.idempotency(principal=principal, surface="/v1/x", key=key, body=body, now=clock.now())


class TestAnAnswer:
    async def test_is_on_record_reserved_and_settled(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        events = await house.ask("How do tides work?", model="out-good")

        assert [type(event) for event in events] == [Accepted, Routed, TextDelta, TextDelta, Completed]
        assert house.audited() == ["turn.dispatched", "turn.completed"]
        turn, end = house.turn(), events[-1]
        assert isinstance(end, Completed)
        assert (turn.state, turn.model, turn.cost, turn.owner) == ("completed", "out-good", 40, None)
        assert (end.cost_micro_usd, end.usage.output_tokens, end.finish) == (40, 5, Finish.STOP)
        assert house.budget() == (40, 0)
        assert not Reservation.objects.for_tenant(house.tenant).filter(state="held").exists()

    async def test_costs_few_queries_once_the_process_is_warm(self, house: House, wire: ScriptedAdapter) -> None:
        """Reading: versions (inline only). Opening and closing: the locked rows and one statement per table."""
        house.set_budget(1_000_000)
        await house.ask("How do tides work?", model="out-good")
        with CaptureQueriesContext(connection) as captured:
            await house.ask("How do tides work?", model="out-good")

        statements = [query["sql"].split()[0] for query in captured.captured_queries]
        print(f"{len(statements)} statements: {statements}")
        assert statements.count("SELECT") <= 7
        assert len(statements) <= 24

    async def test_is_never_sent_when_it_cannot_be_recorded(
        self, house: House, wire: ScriptedAdapter, settings: Any
    ) -> None:
        settings.OPENROUTE_FAULTS = {"audit": "fail"}
        with pytest.raises(Exception, match="audit trail cannot be written"):
            await house.ask("How do tides work?")

        assert wire.sent == []
        assert not Turn.objects.for_tenant(house.tenant).exists()
        assert not Reservation.objects.for_tenant(house.tenant).exists()


class TestAFallback:
    async def test_is_recorded_and_reserved_before_it_is_sent(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        seen: list[tuple[int, int]] = []

        async def look(call: ModelCall, _: object) -> None:
            rows = Attempt.objects.for_tenant(house.tenant).filter(turn_id=call.turn)
            held = Reservation.objects.for_tenant(house.tenant).filter(turn_id=call.turn, state="held")
            seen.append((rows.count(), held.count()))

        for name in ("out-best", "out-good"):
            wire.script(name, Behaviour((), ProviderUnavailable("It is away."), before=look))
        wire.script("in-good", Behaviour(before=look))
        events = await house.ask("How do tides work?", model="auto:best")

        assert seen == [(1, 1), (2, 2), (3, 3)]
        switches = [event for event in events if isinstance(event, Switched)]
        assert [(s.source, s.target, s.keeps) for s in switches] == [
            ("out-best", "out-good", 0),
            ("out-good", "in-good", 0),
        ]
        assert house.audited() == ["turn.dispatched", "turn.extended", "turn.extended", "turn.completed"]
        attempts = Attempt.objects.for_tenant(house.tenant).order_by("number")
        assert [(a.model, a.state) for a in attempts] == [
            ("out-best", "failed"),
            ("out-good", "failed"),
            ("in-good", "answered"),
        ]
        spent, reserved = house.budget()
        assert (spent, reserved) == (sum(a.cost or 0 for a in attempts), 0)

    async def test_ends_where_the_budget_ends_and_tells_the_first_fault(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        """The free models inside always fit, so they fail as well."""
        house.set_budget(2_100)
        for name in house.models:
            wire.script(name, AWAY)
        events = await house.ask("Tides?", model="out-good")

        end = events[-1]
        assert isinstance(end, Failed)
        assert (end.code, end.attempts) == ("provider_unavailable", len(wire.sent))
        assert [call.candidate.model for call, _ in wire.sent if call.candidate.model.startswith("out")] == ["out-good"]
        assert house.budget()[1] == 0

    async def test_is_none_where_rights_cannot_be_checked_any_more(
        self, house: House, wire: ScriptedAdapter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The database was there for the decision and left before the text was sent: nothing is, and it is said why."""
        house.set_budget(1_000_000)
        contexts, events = runtime.current().contexts, list[TurnEvent]()
        async for event in pipeline.answer(house.request("How do tides work?", model="auto:best")):
            events.append(event)
            if isinstance(event, Routed):
                monkeypatch.setattr(type(contexts), "peek", lambda *_: None)

        end = events[-1]
        assert isinstance(end, Failed)
        assert (end.code, end.status, end.detail) == ("overloaded", 503, UNREACHABLE)
        assert wire.sent == []
        assert house.budget() == (0, 0)

    async def test_is_not_tried_once_text_has_come(self, house: House, wire: ScriptedAdapter) -> None:
        wire.script("out-good", BREAKS)
        events = await house.ask("How do tides work?", model="out-good")

        end = events[-1]
        assert isinstance(end, Failed)
        assert (end.partial, end.keeps) == (True, len("Half an "))
        assert len(wire.sent) == 1
        assert LedgerEntry.objects.for_tenant(house.tenant).get().estimated


class TestACharge:
    async def test_is_nothing_for_who_left_before_the_text_was_sent(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(1_000_000)
        answering = pipeline.answer(house.request("How do tides work?", model="out-good"))
        async for event in answering:
            if isinstance(event, Routed):
                break
        await answering.aclose()

        assert not wire.sent
        assert house.budget() == (0, 0)

    async def test_is_an_estimate_for_who_left_while_the_model_was_thinking(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)
        thinking = asyncio.Event()

        async def think(_: ModelCall, __: object) -> None:
            thinking.set()
            await asyncio.sleep(60)

        wire.script("out-good", Behaviour(before=think))
        asked = asyncio.ensure_future(house.ask("How do tides work?", model="out-good"))
        await thinking.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

        entry = LedgerEntry.objects.for_tenant(house.tenant).get()
        assert entry.estimated
        assert house.budget() == (entry.amount, 0)
        assert entry.amount > 0

    @pytest.mark.parametrize("unsent", [True, False])
    async def test_is_nothing_for_a_provider_that_was_never_connected(
        self, house: House, wire: ScriptedAdapter, unsent: bool
    ) -> None:
        house.set_budget(1_000_000)
        fault = ProviderUnavailable("It is away.")
        fault.unsent = unsent
        for name in house.models:
            wire.script(name, Behaviour((), fault))
        await house.ask("How do tides work?", model="out-good")

        assert (house.budget()[0] == 0) is unsent


class TestARefusal:
    async def test_of_an_unknown_model_is_counted_not_stored(self, house: House, wire: ScriptedAdapter) -> None:
        for _ in range(5):
            with pytest.raises(ModelNotFound):
                await house.ask("How do tides work?", model="nobody")
        await runtime.current().refusals.flush(everything=True)

        bodies = AuditEvent.objects.for_tenant(house.tenant).filter(kind="request.refused").order_by("seq")
        assert list(bodies.values_list("body", flat=True)) == [
            '{"code":"model_not_found","count":1}',
            '{"code":"model_not_found","count":4}',
        ]
        assert not Turn.objects.for_tenant(house.tenant).exists()

    async def test_by_a_rate_limit_is_counted_not_stored(self, house: House, wire: ScriptedAdapter) -> None:
        tenants.update_team(
            tenant=house.tenant, team=house.team, name="Research", models=None,
            limits=RateLimits(requests_per_minute=1), actor="system", at=clock.now(),
        )  # fmt: skip
        await house.ask("How do tides work?")
        for _ in range(3):
            with pytest.raises(RateLimited):
                await house.ask("How do tides work?")

        assert house.audited() == ["turn.dispatched", "turn.completed", "request.refused"]

    async def test_by_an_empty_budget_is_stored_and_audited(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(10)
        tenants.update_team(
            tenant=house.tenant, team=house.team, name="Research", models=["out-good"],
            limits=RateLimits(), actor="system", at=clock.now(),
        )  # fmt: skip
        events = await house.ask("How do tides work?")

        assert isinstance(events[-1], Failed)
        assert (events[-1].code, events[-1].status) == ("budget_exceeded", 402)
        assert (house.turn().state, house.turn().cost) == ("refused", 0)
        assert house.audited() == ["turn.refused"]
        assert wire.sent == []

    async def test_meets_who_has_only_suspended_teams(self, house: House, wire: ScriptedAdapter) -> None:
        """Else a suspension would lift the limits of the team."""
        tenants.suspend_team(tenant=house.tenant, team=house.team, actor="system", at=clock.now())
        with pytest.raises(PermissionRefused):
            await house.ask("How do tides work?", team=None)

        second = TeamFactory(tenant_id=house.tenant)
        MembershipFactory(user_id=house.user, tenant_id=house.tenant, team=second)
        runtime.install(runtime.build(inline=True))
        await house.ask("How do tides work?", team=None)
        assert house.turn().team_id == second.pk


class TestARetry:
    async def test_is_told_the_same_answer(self, house: House, wire: ScriptedAdapter) -> None:
        first = await house.ask("How do tides work?", idempotency=once(house))
        again = await house.ask("How do tides work?", idempotency=once(house))

        assert text_of(again) == text_of(first)
        assert isinstance(first[-1], Completed)
        assert again[-1] == first[-1]
        assert len(wire.sent) == 1
        assert house.audited() == ["turn.dispatched", "turn.completed"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT answer FROM turns_idempotencykey")
            (kept,) = cursor.fetchone()
        assert len(kept) > 100
        assert "moon" not in kept

    async def test_of_a_failure_asks_again_and_the_failure_stays_charged(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        house.set_budget(1_000_000)
        wire.script("out-good", BREAKS)
        first = await house.ask("How do tides work?", model="out-good", idempotency=once(house))
        wire.script("out-good", Behaviour())
        second = await house.ask("How do tides work?", model="out-good", idempotency=once(house))
        third = await house.ask("How do tides work?", model="out-good", idempotency=once(house))

        assert isinstance(first[-1], Failed)
        assert isinstance(second[-1], Completed)
        assert third[-1] == second[-1]
        assert len(wire.sent) == 2
        assert house.budget() == (first[-1].cost_micro_usd + second[-1].cost_micro_usd, 0)
        assert first[-1].cost_micro_usd > 0

    async def test_of_a_refusal_asks_again(self, house: House, wire: ScriptedAdapter) -> None:
        house.set_budget(10)
        tenants.update_team(
            tenant=house.tenant, team=house.team, name="Research", models=["out-good"],
            limits=RateLimits(), actor="system", at=clock.now(),
        )  # fmt: skip
        refused = await house.ask("How do tides work?", idempotency=once(house))
        house.set_budget(1_000_000)
        again = await house.ask("How do tides work?", idempotency=once(house))

        assert isinstance(refused[-1], Failed)
        assert isinstance(again[-1], Completed)

    async def test_of_what_is_still_being_answered_is_told_so(self, house: House, wire: ScriptedAdapter) -> None:
        answering = pipeline.answer(house.request("How do tides work?", model="out-good"), idempotency=once(house))
        async for event in answering:
            if isinstance(event, TextDelta):
                break
        with pytest.raises(replay.TurnRunning):
            await house.ask("How do tides work?", model="out-good", idempotency=once(house))
        await answering.aclose()

        assert len(wire.sent) == 1

    async def test_of_an_answer_that_was_given_up_asks_again(self, house: House, wire: ScriptedAdapter) -> None:
        asked = house.request("How do tides work?", model="out-good")
        answering = pipeline.answer(asked, idempotency=once(house))
        async for event in answering:
            if isinstance(event, TextDelta):
                break
        await answering.aclose()
        again = await house.ask("How do tides work?", model="out-good", idempotency=once(house))

        assert text_of(again) == "The moon pulls."
        assert len(wire.sent) == 2

    async def test_with_another_body_is_refused_and_with_another_key_is_another_question(
        self, house: House, wire: ScriptedAdapter
    ) -> None:
        await house.ask("How do tides work?", idempotency=once(house))
        with pytest.raises(replay.AnotherBody):
            await house.ask("What is rain?", idempotency=once(house, body=b"another"))
        await house.ask("How do tides work?", idempotency=once(house, key="yours"))

        assert len(wire.sent) == 2


def text_of(events: list[TurnEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))
