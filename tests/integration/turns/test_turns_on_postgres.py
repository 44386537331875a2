"""Real turns through the writer's PostgreSQL store, beside other sessions that want the same rows."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connections

from apps.core import clock
from apps.core.postgres.store import PostgresStore
from apps.core.tenancy import all_tenants
from apps.core.writer import Writer
from apps.turns.models import IdempotencyKey, Turn
from apps.turns.operations import Duplicate, Grant, Idempotency, Settled
from apps.turns.plan import TurnPlanner
from tests.support.line import another_session
from tests.support.turn_load import Payer, check, payers
from tests.support.turn_values import attempt, closing

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

HOLD_HEAD = "SELECT 1 FROM audit_audithead WHERE tenant_id = %s FOR UPDATE"
BAR_S = 0.3


@pytest.fixture
def tenants() -> list[Payer]:
    return payers(8)


@pytest.fixture
async def writer() -> AsyncIterator[Writer]:
    writer = Writer(PostgresStore(TurnPlanner()), now=clock.now)
    writer.start()
    yield writer
    await writer.drain()
    connections["default"].close()


async def take_turn(writer: Writer, payer: Payer) -> Settled:
    operation = payer.question()
    assert isinstance(await writer.submit(operation), Grant)
    settled: Settled = await writer.submit(closing(operation, attempt()), patient=True)
    return settled


class TestAHeldAuditHead:
    async def test_delays_no_other_tenant_beyond_the_bar(self, writer: Writer, tenants: list[Payer]) -> None:
        held, *others = tenants
        loop = asyncio.get_running_loop()
        waits: list[float] = []

        async def neighbour(payer: Payer, end: float) -> None:
            while loop.time() < end:
                began = loop.time()
                await take_turn(writer, payer)
                waits.append(loop.time() - began)

        async with another_session() as other:
            await other.execute(HOLD_HEAD, [held.tenant])
            waiting = [asyncio.ensure_future(take_turn(writer, held)) for _ in range(8)]
            await asyncio.gather(*(neighbour(payer, loop.time() + 2) for payer in others for _ in range(2)))
            assert not any(turn.done() for turn in waiting)
        await asyncio.wait_for(asyncio.gather(*waiting), 2)

        waits.sort()
        assert waits[int(len(waits) * 0.99)] < BAR_S
        booked, _ = check(tenants)
        assert booked == len(waits) + len(waiting)


class TestOneIdOfTwoProcesses:
    async def test_opens_one_turn(self, tenants: list[Payer]) -> None:
        """The question is asked again, of another process, while the first is still being committed."""
        stores = [PostgresStore(TurnPlanner()) for _ in range(2)]
        until = clock.now() + timedelta(hours=1)
        for number in range(15):
            key = Idempotency(f"{number:064x}", "b" * 64, until)
            asked = [replace(payer.question(), idempotency=key) for payer in tenants[:2]]  # two chains: nothing queues
            both = await asyncio.gather(
                *(store.commit([question], clock.now()) for store, question in zip(stores, asked, strict=True))
            )
            outcomes = [outcome for (outcome,) in both]
            granted = next(place for place, outcome in enumerate(outcomes) if isinstance(outcome, Grant))

            assert outcomes[1 - granted] == Duplicate(asked[granted].turn, same_body=True)
        for store in stores:
            await store.close()
        with all_tenants():
            assert Turn.objects.count() == IdempotencyKey.objects.count() == 15
        connections["default"].close()
