"""What processes hold in memory: loaded per version, refused when stale, told to listeners."""

import asyncio
import time
from collections.abc import Iterator

import pytest
from django.db import InterfaceError, OperationalError

from apps.core import snapshot, threads, versions
from apps.core.snapshot import SnapshotStore, VersionWatch
from apps.domain.errors import Overloaded
from apps.domain.ids import TenantId

ACME, GLOBEX = TenantId(1), TenantId(2)


class World:
    """A database of versions and a clock that the test moves."""

    def __init__(self) -> None:
        self.versions: dict[tuple[int, str], int] = {}
        self.now = 1000.0
        self.loads: list[TenantId] = []
        self.failures: list[Exception] = []

    def load(self, tenant: TenantId) -> str:
        if self.failures:
            raise self.failures.pop()
        self.loads.append(tenant)
        return f"tenant {tenant} as of load {len(self.loads)}"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings: object) -> World:
    world = World()
    monkeypatch.setattr(versions, "everything", lambda: dict(world.versions))
    return world


@pytest.fixture
def watch(world: World, settings: object) -> VersionWatch:
    return VersionWatch(lambda: world.now)


@pytest.fixture
def store(world: World, watch: VersionWatch, monkeypatch: pytest.MonkeyPatch) -> SnapshotStore[str]:
    return SnapshotStore(watch, world.load, lambda: world.now)


@pytest.fixture(autouse=True)
def _threads(settings: object) -> Iterator[None]:
    """Threads of this test alone: those of another one may hold a connection, which nobody may use here."""
    threads.shutdown()
    settings.OPENROUTE_INLINE = False  # type: ignore[attr-defined]
    yield
    threads.shutdown()


class TestGet:
    async def test_refuses_before_the_first_poll_and_when_polls_fail_for_long(
        self, world: World, watch: VersionWatch, store: SnapshotStore[str]
    ) -> None:
        with pytest.raises(Overloaded):
            await store.get(ACME)
        await watch.poll()
        assert await store.get(ACME) == "tenant 1 as of load 1"
        world.now += snapshot.SNAPSHOT_STALE_S + 0.1
        with pytest.raises(Overloaded):
            await store.get(ACME)
        assert store.peek(ACME) is None

    @pytest.mark.parametrize("error", [OperationalError("terminating"), InterfaceError("connection already closed")])
    async def test_a_database_that_leaves_while_the_value_is_read_is_busy_and_no_defect(
        self, world: World, watch: VersionWatch, store: SnapshotStore[str], error: Exception
    ) -> None:
        await watch.poll()
        world.failures.append(error)

        with pytest.raises(Overloaded):
            await store.get(ACME)
        world.failures.append(error)
        with pytest.raises(Overloaded):
            await store.refresh(ACME)
        assert await store.get(ACME) == "tenant 1 as of load 1"

    async def test_loads_once_per_version(self, world: World, watch: VersionWatch, store: SnapshotStore[str]) -> None:
        await watch.poll()
        first = await store.get(ACME)
        assert await store.get(ACME) is first

        world.versions[(ACME, "config")] = 7
        await watch.poll()
        assert await store.get(ACME) == "tenant 1 as of load 2"

    async def test_a_change_of_one_tenant_leaves_the_others_alone(
        self, world: World, watch: VersionWatch, store: SnapshotStore[str]
    ) -> None:
        await watch.poll()
        await store.get(ACME)
        await store.get(GLOBEX)
        world.versions[(GLOBEX, "config")] = 1
        await watch.poll()

        assert world.loads == [ACME, GLOBEX, GLOBEX]

    async def test_a_change_of_the_installation_concerns_everybody(
        self, world: World, watch: VersionWatch, store: SnapshotStore[str]
    ) -> None:
        await watch.poll()
        await store.get(ACME)
        await store.get(GLOBEX)
        world.versions[(0, "config")] = 1
        await watch.poll()

        assert sorted(world.loads[2:]) == [ACME, GLOBEX]

    async def test_loads_again_after_its_age_limit(
        self, world: World, watch: VersionWatch, store: SnapshotStore[str]
    ) -> None:
        await watch.poll()
        await store.get(ACME)
        world.now += snapshot.MAX_AGE_S
        await watch.poll()
        await store.get(ACME)

        assert world.loads == [ACME, ACME]


class TestListen:
    async def test_tells_which_tenants_changed_and_nothing_when_none_did(
        self, world: World, watch: VersionWatch
    ) -> None:
        told: list[frozenset[TenantId]] = []

        async def listener(tenants: frozenset[TenantId]) -> None:
            told.append(tenants)

        watch.listen(listener)
        world.versions = {(ACME, "config"): 1, (GLOBEX, "access"): 1}
        await watch.poll()
        await watch.poll()
        world.versions[(GLOBEX, "access")] = 2
        await watch.poll()

        assert told == [frozenset({ACME, GLOBEX}), frozenset({GLOBEX})]

    async def test_tells_again_who_was_not_told_because_the_database_left(
        self, world: World, watch: VersionWatch
    ) -> None:
        told: list[frozenset[TenantId]] = []
        failures = [OperationalError("terminating")]

        async def listener(tenants: frozenset[TenantId]) -> None:
            if failures:
                raise failures.pop()
            told.append(tenants)

        watch.listen(listener)
        world.versions = {(ACME, "access"): 1}
        with pytest.raises(OperationalError):
            await watch.poll()
        await watch.poll()
        await watch.poll()

        assert told == [frozenset({ACME})]


class TestCatchUp:
    async def test_sees_what_was_written_since_the_last_poll(self, world: World, watch: VersionWatch) -> None:
        await watch.poll()
        world.versions[(ACME, "access")] = 5

        await watch.catch_up()

        assert watch.version(ACME, "access") == (0, 5)

    async def test_is_shared_by_all_who_wait(
        self, world: World, watch: VersionWatch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        polls: list[float] = []

        def count() -> dict[tuple[int, str], int]:
            polls.append(world.now)
            return {}

        monkeypatch.setattr(versions, "everything", count)
        await watch.poll()
        waiting = [asyncio.create_task(watch.catch_up()) for _ in range(20)]
        await asyncio.sleep(0)
        world.now += 1.0
        await asyncio.gather(*waiting)

        assert len(polls) == 2

    async def test_refuses_while_the_database_is_away(
        self, watch: VersionWatch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> None:
            raise OperationalError

        monkeypatch.setattr(versions, "everything", away)
        with pytest.raises(Overloaded):
            await watch.catch_up()


class TestLook:
    @pytest.fixture
    def polls(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """When the database was asked, in the seconds of the loop."""
        at: list[float] = []

        def count() -> dict[tuple[int, str], int]:
            at.append(time.monotonic())
            return {}

        monkeypatch.setattr(versions, "everything", count)
        return at

    async def test_polls_at_once(self, polls: list[float]) -> None:
        watch = VersionWatch()
        await watch.start()
        await asyncio.sleep(snapshot.CATCH_UP_S + 0.05)
        began = time.monotonic()
        watch.look()
        await asyncio.sleep(0.1)
        await watch.stop()

        assert len(polls) == 2
        assert polls[1] - began < 0.1

    async def test_polls_at_most_ten_times_a_second_however_many_ask(self, polls: list[float]) -> None:
        watch = VersionWatch()
        await watch.start()
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            watch.look()
            await asyncio.sleep(0.001)
        await watch.stop()

        assert 3 <= len(polls) <= 6

    async def test_that_comes_while_a_poll_runs_is_not_lost(
        self, polls: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        watch = VersionWatch()

        def slow() -> dict[tuple[int, str], int]:
            polls.append(time.monotonic())
            if len(polls) == 2:
                watch.look()
            return {}

        monkeypatch.setattr(versions, "everything", slow)
        await watch.start()
        watch.look()
        await asyncio.sleep(3 * snapshot.CATCH_UP_S + 0.1)
        await watch.stop()

        assert len(polls) == 3

    async def test_survives_a_database_that_is_away(self, polls: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
        watch = VersionWatch()
        await watch.start()

        def away() -> dict[tuple[int, str], int]:
            polls.append(time.monotonic())
            raise OperationalError("connection refused")

        monkeypatch.setattr(versions, "everything", away)
        for _ in range(3):
            watch.look()
            await asyncio.sleep(snapshot.CATCH_UP_S + 0.02)
        await watch.stop()

        assert 3 <= len(polls) <= 4
