"""The writer of a process: group commit, one outcome each, poison set aside, outages survived."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DataError, OperationalError

from apps.audit.planning import AuditUnavailable
from apps.core import writer as writer_module
from apps.core.store import Deferred, InDoubt
from apps.core.writer import Writer, commit_apart
from apps.domain.errors import OpenRouteError, Overloaded

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class FakeStore:
    """Commits into a list; fails as it is told."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.poison: set[Any] = set()
        self.poisoning: Exception = DataError("value too long")
        self.refused: dict[Any, int] = {}
        self.refusing: OpenRouteError = AuditUnavailable()
        self.away = 0
        self.away_with: Exception = OperationalError("the database is away")
        self.lost_after_commit = 0
        self.away_after_loss = 0
        self.hold: asyncio.Event | None = None
        self.held: set[Any] = set()
        self.closed = False

    @property
    def rows(self) -> list[Any]:
        return [operation for batch in self.batches for operation in batch]

    async def commit(self, batch: Sequence[Any], at: datetime) -> list[Any]:
        if self.hold:
            await self.hold.wait()
        if self.away:
            self.away -= 1
            raise self.away_with
        if self.poison & set(batch):
            raise self.poisoning
        for operation in batch:
            if self.refused.get(operation, 0):
                self.refused[operation] -= 1
                raise self.refusing
        held = self.held & set(batch)
        self.batches.append([operation for operation in batch if operation not in held])
        if self.lost_after_commit:
            self.lost_after_commit -= 1
            self.away = self.away_after_loss
            raise InDoubt("connection lost in COMMIT")
        return [Deferred(0.005) if operation in held else f"done {operation}" for operation in batch]

    async def committed(self, batch: Sequence[Any]) -> dict[int, Any]:
        if self.away:
            self.away -= 1
            raise OperationalError("the database is away")
        return {place: f"found {op}" for place, op in enumerate(batch) if op in self.rows}

    async def close(self) -> None:
        self.closed = True


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

    async def test_gives_a_close_back_that_our_own_rules_refuse_for_its_data(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.refused, store.refusing = {"close": 1}, OpenRouteError("This answer is not fit to be stored.")

        with pytest.raises(OpenRouteError, match="not fit"):
            await writer.submit("close", patient=True)

    async def test_tells_an_open_at_once_that_the_audit_trail_refuses_it(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.refused = {"open": 1}

        with pytest.raises(OpenRouteError):
            await writer.submit("open")


class TestOutage:
    @pytest.mark.parametrize("error", [OperationalError("the database is away"), OSError("no file of the gate")])
    async def test_fails_opens_fast_and_keeps_closes_until_the_store_is_back(
        self, writer: Writer, store: FakeStore, error: Exception
    ) -> None:
        store.away, store.away_with = writer_module.TRIES * 3, error
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

    async def test_tells_no_guess_of_an_open_whose_commit_is_in_doubt_while_the_store_is_away(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.lost_after_commit, store.away_after_loss = 1, 10**6
        opening = asyncio.create_task(writer.submit("open"))
        await asyncio.sleep(0.005)
        with pytest.raises(Overloaded):
            await writer.submit("another")
        assert not opening.done()
        store.away = 0

        assert await opening == "found open"
        assert store.rows == ["open"]

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


class TestHeldRows:
    async def test_commits_the_neighbours_at_once_and_the_rest_when_the_row_is_free(
        self, writer: Writer, store: FakeStore
    ) -> None:
        store.held = {"held"}
        held = asyncio.create_task(writer.submit("held"))
        neighbour = asyncio.create_task(writer.submit("neighbour"))

        assert await neighbour == "done neighbour"
        assert not held.done()
        store.held.clear()
        assert await held == "done held"
        assert store.rows == ["neighbour", "held"]

    async def test_refuses_an_open_that_waited_too_long_but_never_a_close(
        self, writer: Writer, store: FakeStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer_module, "DEFERRED_S", 0.03)
        store.held = {"open", "close"}
        close = asyncio.create_task(writer.submit("close", patient=True))
        with pytest.raises(Overloaded):
            await writer.submit("open")

        assert not close.done()
        store.held.clear()
        assert await close == "done close"
        assert store.rows == ["close"]

    async def test_counts_what_waits_aside_as_queued(
        self, writer: Writer, store: FakeStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer_module, "MAX_QUEUE", 1)
        store.held = {"held"}
        held = asyncio.create_task(writer.submit("held"))
        await asyncio.sleep(0.002)
        with pytest.raises(Overloaded):
            await writer.submit("too many")
        store.held.clear()

        assert await held == "done held"


class BlockingFake:
    """A store of synchronous callers that refuses every batch with `poison` in it."""

    def __init__(self, poison: set[int], error: Exception) -> None:
        self.poison, self.error = poison, error
        self.rows: list[int] = []

    def commit_now(self, batch: Sequence[int], at: datetime) -> list[str]:
        if self.poison & set(batch):
            raise self.error
        self.rows += batch
        return [f"done {operation}" for operation in batch]


class TestASynchronousCaller:
    def test_gets_everything_committed_but_the_poison(self) -> None:
        error = DataError("a NUL")
        store = BlockingFake({3, 40}, error)
        outcomes = commit_apart(store, list(range(64)), NOON)  # type: ignore[arg-type]

        assert [outcomes.pop(40), outcomes.pop(3)] == [error, error]
        assert store.rows == [n for n in range(64) if n not in {3, 40}]
        assert outcomes == [f"done {n}" for n in store.rows]

    @pytest.mark.parametrize("error", [OperationalError("away"), AuditUnavailable()])
    def test_is_told_at_once_of_what_stops_everybody(self, error: Exception) -> None:
        store = BlockingFake({3}, error)
        with pytest.raises(type(error)):
            commit_apart(store, list(range(64)), NOON)  # type: ignore[arg-type]

        assert store.rows == []


class TestDrain:
    async def test_waits_for_what_is_deferred_and_closes_the_store(self, store: FakeStore) -> None:
        writer = Writer(store, now=lambda: NOON)
        writer.start()
        store.held = {"held"}
        held = asyncio.create_task(writer.submit("held", patient=True))
        await asyncio.sleep(0.002)
        asyncio.get_running_loop().call_later(0.02, store.held.clear)
        await writer.drain()

        assert await held == "done held"
        assert store.closed

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
