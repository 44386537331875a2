"""The writer of a process: group commit, one outcome each, poison set aside, outages survived."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, OperationalError

from apps.core import writer as writer_module
from apps.core.writer import Writer
from apps.domain.errors import OpenRouteError, Overloaded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class FakeStore:
    """Commits into a list; fails as it is told."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.poison: set[Any] = set()
        self.poisoning: Exception = DataError("value too long")
        self.refused: dict[Any, int] = {}
        self.away = 0
        self.lost_after_commit = 0
        self.hold: asyncio.Event | None = None

    @property
    def rows(self) -> list[Any]:
        return [operation for batch in self.batches for operation in batch]

    async def commit(self, batch: Sequence[Any], at: datetime) -> list[Any]:
        if self.hold:
            await self.hold.wait()
        if self.away:
            self.away -= 1
            raise OperationalError("the database is away")
        if self.poison & set(batch):
            raise self.poisoning
        for operation in batch:
            if self.refused.get(operation, 0):
                self.refused[operation] -= 1
                raise OpenRouteError("the trail is away")
        self.batches.append(list(batch))
        if self.lost_after_commit:
            self.lost_after_commit -= 1
            raise OperationalError("connection lost in COMMIT")
        return [f"done {operation}" for operation in batch]

    async def committed(self, batch: Sequence[Any]) -> dict[int, Any]:
        return {place: f"found {op}" for place, op in enumerate(batch) if op in self.rows}


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def writer(store: FakeStore, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(writer_module, "BACK_OFF_S", 0.0001)
    monkeypatch.setattr(writer_module, "RETRY_S", 0.01)
    writer = Writer(store, now=lambda: NOON)
    writer.start()
    yield writer
    store.away = 0
    await writer.drain()


class TestGroupCommit:
    async def test_commits_together_what_was_queued_while_the_last_commit_ran(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.hold = asyncio.Event()
        first = asyncio.create_task(writer.submit("first"))
        await asyncio.sleep(0.01)
        rest = [asyncio.create_task(writer.submit(n)) for n in range(50)]
        await asyncio.sleep(0)
        store.hold.set()

        assert await first == "done first"
        assert await asyncio.gather(*rest) == [f"done {n}" for n in range(50)]
        assert [len(batch) for batch in store.batches] == [1, 50]

    async def test_goes_on_when_a_caller_is_cancelled(self, writer: Writer, store: FakeStore) -> None:
        store.hold = asyncio.Event()
        gone = asyncio.create_task(writer.submit("gone"))
        stays = asyncio.create_task(writer.submit("stays"))
        await asyncio.sleep(0.01)
        gone.cancel()
        store.hold.set()

        assert await stays == "done stays"
        assert sorted(store.rows) == ["gone", "stays"]


class TestBadData:
    @pytest.mark.parametrize(
        "poisoning", [DataError("value too long"), KeyError("a period that nobody read"), OverflowError("2**64")]
    )
    async def test_halves_a_batch_until_the_poison_stands_alone(
        self, writer: Writer, store: FakeStore, poisoning: Exception
    ) -> None:
        store.poison, store.poisoning, store.hold = {13}, poisoning, asyncio.Event()
        tasks = [asyncio.create_task(writer.submit(n)) for n in range(64)]
        await asyncio.sleep(0.01)
        store.hold.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

        assert outcomes.pop(13) is poisoning
        assert sorted(store.rows) == [n for n in range(64) if n != 13]
        assert all(isinstance(outcome, str) for outcome in outcomes)

    async def test_tries_a_close_again_while_the_audit_trail_refuses_it(self, writer: Writer, store: FakeStore) -> None:
        store.refused = {"close": 3}

        assert await writer.submit("close", patient=True) == "done close"

    async def test_tells_an_open_at_once_that_the_audit_trail_refuses_it(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.refused = {"open": 1}

        with pytest.raises(OpenRouteError):
            await writer.submit("open")


class TestOutage:
    async def test_fails_opens_fast_and_keeps_closes_until_the_store_is_back(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.away = writer_module.TRIES * 3
        close = asyncio.create_task(writer.submit("close", patient=True))
        with pytest.raises(Overloaded):
            await writer.submit("open")

        assert await close == "done close"
        assert store.rows == ["close"]

    async def test_does_not_commit_twice_what_a_lost_connection_had_committed(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.lost_after_commit = 1

        assert await writer.submit("once") == "found once"
        assert store.rows == ["once"]

    async def test_refuses_when_the_queue_is_full(
        self, writer: Writer, store: FakeStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer_module, "MAX_QUEUE", 2)
        store.hold = asyncio.Event()
        tasks = [asyncio.create_task(writer.submit("running"))]
        await asyncio.sleep(0.01)
        tasks += [asyncio.create_task(writer.submit(n)) for n in range(2)]
        await asyncio.sleep(0.01)
        with pytest.raises(Overloaded):
            await writer.submit("too many")
        store.hold.set()

        assert len(await asyncio.gather(*tasks)) == 3


class TestDrain:
    async def test_writes_what_is_queued_and_refuses_what_comes_later(self, store: FakeStore) -> None:
        writer = Writer(store, now=lambda: NOON)
        writer.start()
        tasks = [asyncio.create_task(writer.submit(n)) for n in range(5)]
        await asyncio.sleep(0)
        await writer.drain()

        assert sorted(store.rows) == [0, 1, 2, 3, 4]
        assert await asyncio.gather(*tasks) == [f"done {n}" for n in range(5)]
        with pytest.raises(Overloaded):
            await writer.submit("late")
