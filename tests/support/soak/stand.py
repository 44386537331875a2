"""The installation under the soak: `make run` with two web processes over services of its own, and two stubs."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.support.crashes import Supervised
from tests.support.services import PostgresCluster, RedisServer
from tests.support.soak.questions import COMPANIES, behaviours
from tests.support.stores import PostgresStore
from tests.support.upstream import Upstream
from tests.support.world import configuration, prices

DATABASE = "soak"
WEB_PROCESSES = 2
SCRIPTED_CALLS = 2_000


@dataclass
class Stand:
    """Everything that the soak may use, or end."""

    server: Supervised
    cluster: PostgresCluster
    redis: RedisServer
    outside: Upstream
    inside: Upstream

    def kill(self, program: str, draw: Random) -> bool:
        """kill -9 of one web process or of the worker; False when none is running at this moment."""
        pids = self._pids(program)
        if not pids:
            return False
        with suppress(ProcessLookupError):
            os.kill(draw.choice(pids), signal.SIGKILL)
        return True

    def _pids(self, program: str) -> list[int]:
        assert self.server._process is not None
        parent, wanted = self.server._process.pid, {"web": "openroute_site.serve", "worker": "worker"}[program]
        found = []
        for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
            with suppress(OSError):
                if wanted in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
                    found.append(int(child))
        return sorted(found)


@contextmanager
def running(folder: Path, draw: Random) -> Iterator[Stand]:
    """Start all of it, in the main thread, and end it afterwards."""
    with (
        PostgresCluster(fsync=True) as cluster,
        RedisServer() as redis,
        Upstream(prices=prices(*COMPANIES)).in_thread() as outside,
        Upstream(prices=prices(*COMPANIES)).in_thread() as inside,
    ):
        for model in (model for company in COMPANIES for model in company.models):
            stub = inside if model.is_inside else outside
            stub.script(model.name, *behaviours(draw, SCRIPTED_CALLS))
        url, owner_url = cluster.create_database(DATABASE)
        server = _server(folder, url, owner_url, redis.url, (outside.base_url, inside.base_url))
        try:
            server.start()
            yield Stand(server, cluster, redis, outside, inside)
        finally:
            server.stop()


def _server(folder: Path, url: str, owner_url: str, redis_url: str, stubs: tuple[str, str]) -> Supervised:
    config = configuration(*COMPANIES, outside=stubs[0], inside=stubs[1])
    environment = {"REDIS_URL": redis_url, "WEB_PROCESSES": str(WEB_PROCESSES)}
    store = PostgresStore({"DATABASE_URL": url, "DATABASE_OWNER_URL": owner_url})
    server = Supervised(folder, config=config, environment=environment, store=store)
    server.owner_url = owner_url
    folder.mkdir(parents=True, exist_ok=True)
    server.prepare()
    return server
