"""PostgreSQL is killed under the load of a writer and started again: what was acknowledged is there, once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import environ
import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from apps.core import clock
from apps.core.postgres.store import PostgresStore
from apps.core.tenancy import all_tenants
from apps.core.writer import Writer
from apps.domain.errors import Overloaded
from apps.domain.ids import TurnId
from apps.turns.models import Turn
from apps.turns.operations import Grant, Settled
from apps.turns.plan import TurnPlanner
from tests.support.patience import BUSY
from tests.support.services import PostgresCluster
from tests.support.turn_load import Payer, check, payers
from tests.support.turn_values import attempt, closing

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
CRASH = "crash"
LOAD_S = 6.0
KILLED_AFTER_S = (1.0, 3.5)
AWAY_S = 2.0
BACK_S = 30.0
AT_ONCE = 64


@pytest.fixture
def cluster(django_db_blocker: DjangoDbBlocker) -> Iterator[PostgresCluster]:
    with PostgresCluster(fsync=True) as cluster:
        url, owner_url = cluster.create_database(CRASH)
        environment = {**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
        settings = {"default": connections.databases["default"], CRASH: environ.Env.db_url_config(url)}
        connections.databases[CRASH] = connections.configure_settings(settings)[CRASH]
        try:
            with django_db_blocker.unblock():  # a database of its own: nothing to roll back or to flush
                yield cluster
        finally:
            with suppress(AttributeError):
                connections[CRASH].close()
                del connections[CRASH]
            del connections.databases[CRASH]


class Load:
    """What people were told."""

    def __init__(self) -> None:
        self.acknowledged: set[TurnId] = set()
        self.settled: list[Settled] = []
        self.longest_s = 0.0

    async def work(self, writer: Writer, payer: Payer, until: float) -> None:
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            began, operation = loop.time(), payer.question()
            try:
                assert isinstance(await writer.submit(operation), Grant)
            except Overloaded:
                await asyncio.sleep(0.05)
                continue
            self.acknowledged.add(operation.turn)
            self.settled.append(await writer.submit(closing(operation, attempt()), patient=True))
            self.longest_s = max(self.longest_s, loop.time() - began)


class TestKilledUnderLoad:
    async def test_loses_and_doubles_nothing_that_was_acknowledged(self, cluster: PostgresCluster) -> None:
        made, load, loop = payers(4, using=CRASH), Load(), asyncio.get_running_loop()
        connections[CRASH].close()  # the ORM's own; it would not survive
        writer = Writer(PostgresStore(TurnPlanner(), alias=CRASH), now=clock.now)
        writer.start()
        began = loop.time()
        workers = [
            asyncio.create_task(load.work(writer, made[number % len(made)], began + LOAD_S))
            for number in range(AT_ONCE)
        ]
        for moment in KILLED_AFTER_S:
            await asyncio.sleep(began + moment - loop.time())
            cluster.kill()
            await asyncio.sleep(0.1)
            with pytest.raises(Overloaded):  # whoever comes now is told so at once
                await asyncio.wait_for(writer.submit(made[0].question()), AWAY_S)
            cluster.start()
        await asyncio.gather(*workers)
        await writer.drain()

        with all_tenants():
            turns = dict(Turn.objects.using(CRASH).values_list("id", "state"))
        assert set(turns) == load.acknowledged  # nothing lost, and no turn that nobody knows of
        assert set(turns.values()) == {"completed"}
        assert all(settled.first for settled in load.settled)
        booked, entries = check(made, using=CRASH)
        assert (booked, entries) == (len(turns), 2 * len(turns))
        assert load.longest_s < BUSY * BACK_S
