"""The writer's PostgreSQL store: two round trips, held rows passed by, lost commits looked up, errors of Django."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

import orjson
import psycopg
import pytest
import uvloop
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connections

from apps.core import writer as writer_module
from apps.core.models import Process
from apps.core.postgres import link as link_module
from apps.core.postgres import statements
from apps.core.postgres.link import APPLICATION_NAME
from apps.core.postgres.store import PostgresStore
from apps.core.store import Deferred, InDoubt
from apps.core.writer import Writer
from apps.core.writes import Read, Rows, WriteSet
from apps.domain.errors import Overloaded
from tests.support.acts import Act, Acts, process, touching
from tests.support.line import Fate, Line, another_session, database_alias, line

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOCK = "SELECT 1 FROM core_process WHERE boot_id = %s FOR UPDATE"


@pytest.fixture
async def store() -> AsyncIterator[PostgresStore]:
    store = PostgresStore(Acts())
    yield store
    await store.close()


@pytest.fixture
async def cut() -> AsyncIterator[Line]:
    async with line() as cut:
        yield cut


@pytest.fixture
async def distant(cut: Line) -> AsyncIterator[PostgresStore]:
    """A store at the other end of a line that can be cut."""
    with database_alias("distant", HOST="127.0.0.1", PORT=cut.port):
        store = PostgresStore(Acts(), alias="distant")
        yield store
        await store.close()


@pytest.fixture
async def writer(distant: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Writer]:
    monkeypatch.setattr(writer_module, "BACK_OFF_S", 0.001)
    writer = Writer(distant, now=lambda: NOON)
    writer.start()
    yield writer
    await writer.drain()


@contextmanager
def orm() -> Iterator[None]:
    """Inside a coroutine Django has a connection per task, which nobody else gives back to the pool."""
    try:
        yield
    finally:
        connections["default"].close()


def kinds() -> dict[int, str]:
    with orm():
        return {pk.int: kind for pk, kind in Process.objects.values_list("boot_id", "kind")}


def existing(*numbers: int) -> None:
    with orm():
        for number in numbers:
            Process.objects.create(boot_id=UUID(int=number), kind="web", started_at=NOON, heartbeat_at=NOON)


class TestCommit:
    async def test_makes_a_batch_durable_and_gives_an_outcome_each(self, store: PostgresStore) -> None:
        existing(1)
        outcomes = await store.commit([touching(1, "worker"), process(2, NOON), touching(404, "none")], NOON)

        assert outcomes == ["web", "inserted", None]
        assert kinds() == {1: "worker", 2: "web"}

    @pytest.mark.parametrize(("operation", "rounds"), [(touching(1, "worker"), 2), (process(2, NOON), 1)])
    async def test_takes_a_round_trip_for_the_reads_and_one_for_the_writes(
        self, distant: PostgresStore, cut: Line, operation: Act, rounds: int
    ) -> None:
        existing(1)
        await distant.commit([touching(404, "warm")], NOON)
        before = cut.rounds
        await distant.commit([operation], NOON)

        assert cut.rounds - before == rounds

    def test_sends_the_last_of_two_changes_of_one_row_alone(self) -> None:
        """PostgreSQL would take either of them."""
        writes = WriteSet()
        for kind in ("first", "last"):
            writes.update(Process, UUID(int=1), kind=kind)
        ((_, (rows,)),) = statements.writes(writes, "default")

        assert orjson.loads(rows) == [{"boot_id": str(UUID(int=1)), "kind": "last"}]

    async def test_rolls_back_what_cannot_be_planned(self, store: PostgresStore) -> None:
        def fail(rows: Rows, writes: WriteSet) -> None:
            raise KeyError("a defect")

        existing(1)
        with pytest.raises(KeyError):
            await store.commit([touching(1, "x"), Act(fail)], NOON)

        assert await store.commit([touching(1, "worker")], NOON) == ["web"]

    async def test_tells_of_a_server_that_is_not_there(self) -> None:
        with database_alias("nowhere", HOST="127.0.0.1", PORT=1), pytest.raises(OperationalError):
            await PostgresStore(Acts(), alias="nowhere").commit([process(1, NOON)], NOON)

    def test_works_under_uvloop(self) -> None:
        async def commit() -> list[object]:
            store = PostgresStore(Acts())
            try:
                return await store.commit([process(1, NOON), touching(1, "x")], NOON)
            finally:
                await store.close()

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            assert runner.run(commit()) == ["inserted", None]


class TestTheSession:
    async def test_is_named_never_weakly_durable_and_gone_after_the_close(self, store: PostgresStore) -> None:
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
        shown: list[str] = []

        def look(rows: Rows, writes: WriteSet) -> None:
            with orm(), connections["default"].cursor() as cursor:
                cursor.execute(query, [APPLICATION_NAME])
                shown.extend(cursor.fetchall())

        await store.commit([Act(look)], NOON)
        assert len(shown) == 1
        await store.close()
        shown.clear()
        for _ in range(100):
            shown.clear()
            look(Rows(), WriteSet())
            if not shown:
                break
            await asyncio.sleep(0.01)
        assert not shown

    @pytest.mark.parametrize(("asked", "is_set"), [("off", "on"), ("remote_apply", "remote_apply")])
    async def test_keeps_commits_at_least_as_durable_as_the_local_disk(self, asked: str, is_set: str) -> None:
        with database_alias("weak", OPTIONS={"options": f"-c synchronous_commit={asked}"}):
            link = await link_module.Link.open("weak")
            row = await (await link.execute(b"SHOW synchronous_commit")).fetchone()
            await link.close()

        assert row == (is_set,)


class TestHeldRows:
    async def test_are_passed_by_while_the_others_commit(self, store: PostgresStore) -> None:
        existing(1, 2)
        async with another_session() as other:
            await other.execute(LOCK, [UUID(int=1)])
            outcomes = await store.commit([touching(1, "x"), touching(2, "y"), touching(404, "z")], NOON)

            assert isinstance(outcomes[0], Deferred)
            assert outcomes[1:] == ["web", None]
            assert kinds() == {1: "web", 2: "y"}

    async def test_are_not_taken_for_rows_that_do_not_match(self, store: PostgresStore) -> None:
        """A turn that somebody is closing is still open, until it is closed."""
        existing(1)
        wanted = Read(Process, "boot_id", (UUID(int=1),), ("boot_id",), where=(("kind", "web"),))
        is_web = Act(lambda rows, _: bool(rows.of(Process)), (wanted,))
        async with another_session() as other:
            await other.execute("UPDATE core_process SET kind = 'closed'")
            (first,) = await store.commit([is_web], NOON)
            await other.commit()
        await asyncio.sleep(first.after_s)
        (second,) = await store.commit([is_web], NOON)

        assert isinstance(first, Deferred)
        assert second is False

    async def test_wait_aside_without_another_try_until_they_are_due(self, store: PostgresStore) -> None:
        existing(1, 2)
        loop = asyncio.get_running_loop()
        async with another_session() as other:
            await other.execute(LOCK, [UUID(int=1)])
            await store.commit([touching(1, "x")], NOON)
            began = loop.time()
            outcomes = await store.commit([touching(1, "x"), touching(2, "y")], NOON)

            assert isinstance(outcomes[0], Deferred)
            assert outcomes[1] == "web"
            assert loop.time() - began < link_module.LOCK_TIMEOUT_MS / 1000

    async def test_are_changed_once_they_are_free(self, store: PostgresStore) -> None:
        existing(1)
        outcome: object = Deferred(0.0)
        async with another_session() as other:
            await other.execute(LOCK, [UUID(int=1)])
            (outcome,) = await store.commit([touching(1, "x")], NOON)
        while isinstance(outcome, Deferred):
            await asyncio.sleep(outcome.after_s)
            (outcome,) = await store.commit([touching(1, "x")], NOON)

        assert outcome == "web"
        assert kinds() == {1: "x"}

    async def test_that_are_only_written_defer_the_one_operation_that_writes_them(self, store: PostgresStore) -> None:
        async with another_session() as other:
            await other.execute(
                "INSERT INTO core_process VALUES (%s, 'other', now(), now())", [UUID(int=1)]
            )  # not committed: whoever inserts the same key waits
            with pytest.raises(DatabaseError) as caught:
                await store.commit([process(1, NOON), process(2, NOON)], NOON)
            alone = await store.commit([process(1, NOON)], NOON)

        assert not isinstance(caught.value, OperationalError | InterfaceError)  # it is halved, not looked up
        assert isinstance(alone[0], Deferred)
        assert await store.commit([process(1, NOON)], NOON) == ["inserted"]

    async def test_delay_their_neighbours_by_no_more_than_300_ms(self, store: PostgresStore) -> None:
        existing(*range(1, 40))
        writer = Writer(store, now=lambda: NOON)
        writer.start()
        loop = asyncio.get_running_loop()
        waits: list[float] = []

        async def neighbour(number: int, end: float) -> None:
            while loop.time() < end:
                began = loop.time()
                await writer.submit(touching(number, "n"))
                waits.append(loop.time() - began)

        async with another_session() as other:
            await other.execute(LOCK, [UUID(int=1)])
            held = [asyncio.ensure_future(writer.submit(touching(1, f"h{n}"), patient=True)) for n in range(20)]
            await asyncio.gather(*(neighbour(number, loop.time() + 2) for number in range(2, 18)))
            assert not any(future.done() for future in held)
        await asyncio.wait_for(asyncio.gather(*held), 2)
        await writer.drain()

        waits.sort()
        assert waits[int(len(waits) * 0.99)] < 0.3
        assert len(waits) > 500


class TestRaces:
    async def test_a_row_that_appeared_after_the_read_is_seen_by_a_second_plan(self, store: PostgresStore) -> None:
        wanted = Read(Process, "boot_id", (UUID(int=1),), ("boot_id",))

        def claim(rows: Rows, writes: WriteSet) -> str:
            if rows.of(Process):
                return "taken"
            existing(1)  # another process, between our read and our write
            writes.insert(Process, boot_id=UUID(int=1), kind="ours", started_at=NOON, heartbeat_at=NOON)
            return "ours"

        assert await store.commit([Act(claim, (wanted,))], NOON) == ["taken"]
        assert kinds() == {1: "web"}

    async def test_a_row_that_is_there_for_good_is_refused(self, store: PostgresStore) -> None:
        existing(1)
        with pytest.raises(IntegrityError):
            await store.commit([process(1, NOON)], NOON)

    async def test_a_deadlock_is_tried_again(self, store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
        existing(1)
        planned = iter([psycopg.errors.DeadlockDetected("deadlock detected")])

        def touch(rows: Rows, writes: WriteSet) -> str:
            for error in planned:
                raise error
            return "done"

        assert await store.commit([Act(touch)], NOON) == ["done"]


class TestALostCommit:
    @pytest.mark.parametrize(
        ("fate", "outcome"),
        [(Fate.LOST, "inserted"), (Fate.UNANSWERED, "found"), (Fate.LATE, "inserted")],
    )
    async def test_is_looked_up_and_takes_effect_once(
        self, writer: Writer, cut: Line, fate: Fate, outcome: str
    ) -> None:
        await writer.submit(process(1, NOON))
        cut.fate = fate

        assert await writer.submit(process(2, NOON)) == outcome
        await asyncio.sleep(2 * cut.late_s)
        assert await writer.submit(process(3, NOON)) == "inserted"
        assert kinds() == {1: "web", 2: "web", 3: "web"}

    async def test_is_told_no_guess_of_while_the_database_is_away(self, writer: Writer, cut: Line) -> None:
        await writer.submit(process(1, NOON))
        cut.fate, cut.is_down = Fate.UNANSWERED, True
        opening = asyncio.ensure_future(writer.submit(process(2, NOON)))
        await asyncio.sleep(0.2)
        with pytest.raises(Overloaded):
            await writer.submit(process(3, NOON))
        assert not opening.done()
        cut.is_down = False

        assert await opening == "found"
        assert kinds() == {1: "web", 2: "web"}

    async def test_is_told_from_one_that_was_never_sent(self, distant: PostgresStore, cut: Line) -> None:
        await distant.commit([process(1, NOON)], NOON)
        cut.fate, cut.is_down = Fate.UNANSWERED, True
        with pytest.raises(InDoubt):
            await distant.commit([process(2, NOON)], NOON)
        with pytest.raises(OperationalError) as caught:
            await distant.commit([process(3, NOON)], NOON)

        assert not isinstance(caught.value, InDoubt)

    async def test_of_a_server_that_went_silent_is_noticed(
        self, writer: Writer, cut: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(link_module, "STALL_S", 0.3)
        await writer.submit(process(1, NOON))
        cut.fate = Fate.SILENT

        assert await asyncio.wait_for(writer.submit(process(2, NOON)), 5) == "found"
        assert kinds() == {1: "web", 2: "web"}

    async def test_leaves_no_session_behind_that_holds_locks(self, writer: Writer, cut: Line) -> None:
        existing(1)
        cut.fate, cut.late_s = Fate.LATE, 3.0

        assert await asyncio.wait_for(writer.submit(touching(1, "x")), 2) == "web"
