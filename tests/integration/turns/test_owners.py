"""Who lives is told by heartbeats that change, counted in monotonic time: no wall clock can kill or keep anybody."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from apps.core import clock
from apps.core.models import Process
from apps.core.store import BlockingStore
from apps.core.tenancy import all_tenants
from apps.domain.limits import HEARTBEAT_S, OWNER_STALE_S
from apps.turns import owners, sweeper
from apps.turns.models import Turn
from apps.turns.operations import Grant
from apps.turns.owners import OwnerWatch
from apps.turns.plan import TurnPlanner
from tests.support.turn_load import payers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIVING, SILENT = UUID(int=1), UUID(int=2)


class Monotonic:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def passing() -> Monotonic:
    return Monotonic()


@pytest.fixture
def watch(passing: Monotonic) -> OwnerWatch:
    return OwnerWatch(passing)


def beat(boot_id: UUID, at: datetime = NOON) -> None:
    owners.beat_heart(boot_id=boot_id, kind="web", now=at)


class TestAHeartbeat:
    @pytest.mark.parametrize("later", [timedelta(0), timedelta(days=-400), timedelta(seconds=5)])
    def test_is_greater_than_the_one_before_whatever_the_clock_says(self, later: timedelta) -> None:
        beat(LIVING)
        beat(LIVING, NOON + later)

        assert NOON < Process.objects.get().heartbeat_at <= NOON + timedelta(seconds=5)

    def test_comes_back_after_the_row_was_removed(self) -> None:
        beat(LIVING)
        owners.end_process(boot_id=LIVING)
        assert not Process.objects.exists()
        beat(LIVING)

        assert Process.objects.get().boot_id == LIVING


class TestTheWatch:
    def test_tells_who_was_silent_for_so_long_and_nobody_else(self, watch: OwnerWatch, passing: Monotonic) -> None:
        beat(SILENT)
        heard = []
        while passing.seconds < 1000 + OWNER_STALE_S:
            beat(LIVING)
            assert watch.dead() == frozenset()
            heard.append(passing.seconds)
            passing.seconds += HEARTBEAT_S
        beat(LIVING)

        assert watch.dead() == {SILENT}
        assert len(heard) == OWNER_STALE_S / HEARTBEAT_S

    @pytest.mark.parametrize("jump", [timedelta(days=40), timedelta(days=-40), timedelta(hours=1), timedelta(hours=-1)])
    def test_is_not_misled_by_a_clock_that_is_set(self, watch: OwnerWatch, passing: Monotonic, jump: timedelta) -> None:
        """The clock of the living one jumps, and that of the dead one had jumped before its end."""
        beat(SILENT, NOON - jump)
        for number in range(9):
            beat(LIVING, NOON + jump * (number % 2))
            dead = watch.dead()
            passing.seconds += HEARTBEAT_S

        assert dead == {SILENT}

    def test_counts_little_of_a_time_in_which_it_was_frozen_itself(self, watch: OwnerWatch, passing: Monotonic) -> None:
        beat(LIVING)
        watch.dead()
        passing.seconds += 3600

        assert watch.dead() == frozenset()

    def test_gives_everybody_their_time_after_an_outage(self, watch: OwnerWatch, passing: Monotonic) -> None:
        beat(LIVING)
        for _ in range(2):
            watch.dead()
            passing.seconds += OWNER_STALE_S / 2
        watch.forget()
        assert watch.dead() == frozenset()
        passing.seconds += OWNER_STALE_S / 2

        assert watch.dead() == frozenset()

    def test_hears_who_comes_back(self, watch: OwnerWatch, passing: Monotonic) -> None:
        beat(SILENT)
        for _ in range(4):
            dead = watch.dead()
            passing.seconds += OWNER_STALE_S / 2
        beat(SILENT)

        assert dead == {SILENT}
        assert not watch.dead()


class TestForgetting:
    def test_leaves_a_living_process_known_however_far_the_clock_was_set_forward(self) -> None:
        beat(LIVING, clock.now())
        sweeper.forget_old(now=clock.now() + timedelta(days=400))

        assert Process.objects.exists()


@pytest.fixture
def left_open(transactional_db: None) -> Iterator[list[int]]:
    """Two open turns of each of three tenants; their owner has ended."""
    made = payers(3)
    store = BlockingStore(TurnPlanner())
    outcomes = store.commit_now([payer.question() for payer in made for _ in range(2)], clock.now())
    assert all(isinstance(outcome, Grant) for outcome in outcomes)
    yield [payer.tenant for payer in made]
    connections["default"].close()


class TestASweep:
    def test_waits_until_its_watch_is_sure(self, watch: OwnerWatch, passing: Monotonic) -> None:
        (payer,) = payers(1)
        operation = payer.question()
        beat(operation.owner)
        BlockingStore(TurnPlanner()).commit_now([operation], clock.now())
        closed = []
        for _ in range(4):
            closed.append(sweeper.sweep(now=clock.now(), owners=watch))
            passing.seconds += OWNER_STALE_S / 2

        assert closed == [0, 0, 1, 0]

    def test_does_not_wait_for_ever_for_another_that_never_ends(
        self, watch: OwnerWatch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It was frozen in its sweep: turns are closed once, whoever else may come."""
        (payer,) = payers(1)
        BlockingStore(TurnPlanner()).commit_now([payer.question()], clock.now())
        monkeypatch.setattr(sweeper, "sweep_gate", lambda: nullcontext(False))
        closed = [sweeper.sweep(now=clock.now(), owners=watch) for _ in range(owners.PATIENCE + 2)]

        assert closed == [*[0] * owners.PATIENCE, 1, 0]

    @pytest.mark.services
    @pytest.mark.django_db(transaction=True)
    def test_passes_by_a_tenant_whose_chain_another_session_holds(
        self, left_open: list[int], watch: OwnerWatch
    ) -> None:
        held, *others = left_open
        parameters = connections["default"].get_connection_params()
        parameters.pop("cursor_factory")
        with psycopg.connect(**parameters) as session:
            session.execute("SELECT 1 FROM audit_audithead WHERE tenant_id = %s FOR UPDATE", [held])
            assert sweeper.sweep(now=clock.now(), owners=watch) == 4
            with all_tenants():
                assert set(Turn.objects.filter(state="open").values_list("tenant_id", flat=True)) == {held}
                assert set(Turn.objects.filter(state="failed").values_list("tenant_id", flat=True)) == set(others)

        assert sweeper.sweep(now=clock.now(), owners=watch) == 2
