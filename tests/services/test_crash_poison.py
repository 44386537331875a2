"""One bad operation in a batch of 64 on PostgreSQL: 63 are committed, and it fails alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connections

from apps.core import clock
from apps.core.postgres.store import PostgresStore
from apps.core.store import Outcome
from apps.core.tenancy import all_tenants
from apps.core.writer import Writer
from apps.turns.models import Turn
from apps.turns.operations import Grant, OpenTurn, Settled
from apps.turns.plan import TurnPlanner
from tests.support.turn_load import COST, Payer, check, payers
from tests.support.turn_values import attempt, closing

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

BATCH = 64
NUL = "small\0"
"""PostgreSQL keeps no NUL in a text."""


class Counting(PostgresStore):
    """Remembers the sizes of the batches that it was given."""

    def __init__(self) -> None:
        super().__init__(TurnPlanner())
        self.sizes: list[int] = []

    async def commit(self, batch: Sequence[Any], at: datetime) -> list[Outcome]:
        self.sizes.append(len(batch))
        return await super().commit(batch, at)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
async def writer(store: Counting) -> AsyncIterator[Writer]:
    writer = Writer(store, now=clock.now)
    writer.start()
    yield writer
    await writer.drain()
    connections["default"].close()


@pytest.fixture
def tenants() -> list[Payer]:
    return payers(4)


def questions(tenants: list[Payer]) -> list[OpenTurn]:
    return [tenants[number % len(tenants)].question() for number in range(BATCH)]


def poisoned(operation: OpenTurn) -> OpenTurn:
    return replace(operation, request=replace(operation.request, model=NUL))


@pytest.mark.parametrize("place", [0, 37, BATCH - 1])
class TestAPoisonInABatchOf64:
    async def test_is_refused_alone_when_turns_open(
        self, writer: Writer, store: Counting, tenants: list[Payer], place: int
    ) -> None:
        asked = questions(tenants)
        asked[place] = poisoned(asked[place])
        outcomes = await asyncio.gather(*(writer.enqueue(question) for question in asked), return_exceptions=True)
        culprit = outcomes.pop(place)
        print(f"batches of {store.sizes}")

        assert store.sizes[0] == BATCH
        assert isinstance(culprit, (DatabaseError, ValueError))
        assert [type(outcome) for outcome in outcomes] == [Grant] * (BATCH - 1)
        with all_tenants():
            opened = set(Turn.objects.values_list("id", flat=True))
        assert opened == {question.turn for question in asked} - {asked[place].turn}

    async def test_is_refused_alone_when_turns_close(
        self, writer: Writer, store: Counting, tenants: list[Payer], place: int
    ) -> None:
        asked = questions(tenants)
        await asyncio.gather(*(writer.enqueue(question) for question in asked))
        store.sizes.clear()
        closes = [closing(question, attempt()) for question in asked]
        closes[place] = replace(closes[place], model=NUL)
        outcomes = await asyncio.gather(
            *(writer.enqueue(close, patient=True) for close in closes), return_exceptions=True
        )
        culprit = outcomes.pop(place)
        print(f"batches of {store.sizes}")

        assert store.sizes[0] == BATCH
        assert isinstance(culprit, (DatabaseError, ValueError))
        assert outcomes == [Settled(COST)] * (BATCH - 1)
        with all_tenants():
            assert set(Turn.objects.filter(state="open").values_list("id", flat=True)) == {asked[place].turn}
        assert await writer.submit(closing(asked[place], attempt()), patient=True) == Settled(COST)
        assert check(tenants)[0] == BATCH
