"""The load behind `bench_writer`: needs a configured Django and an empty database."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from apps.core import clock
from apps.core.writer import Writer
from apps.turns.lifespan import calm_collector
from apps.turns.runtime import writer_store
from tests.benchmarks import processes
from tests.benchmarks.tables import Cell
from tests.support import turn_load
from tests.support.turn_load import Payer
from tests.support.turn_values import attempt, closing

_payers: list[Payer] = []
_postmaster: list[int] = []  # its process id, where it runs on this machine


def database(tenants: int = 1) -> str:
    """Migrate where that is still to be done, make the tenants, and say what is measured on."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)
    _payers.extend(turn_load.payers(tenants))
    calm_collector()  # as every serving process does
    if connection.vendor == "sqlite":
        return f"sqlite {'.'.join(map(str, connection.Database.sqlite_version_info))}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), current_setting('fsync'), pg_backend_pid()")
        version, fsync, backend = cursor.fetchone()
    if Path(f"/proc/{backend}").exists():
        _postmaster.append(processes.parent_of(backend))
    return f"PostgreSQL {version}, fsync {fsync}"


def tenant() -> int:
    """The first of those whose turns the load opens and closes."""
    return _payers[0].tenant


def server_cpu_s() -> float | None:
    """Processor time of all of PostgreSQL's processes; None where it does not run on this machine, or is SQLite."""
    return processes.cpu_s(_postmaster[0]) if _postmaster else None


async def run(turns: int, concurrency: int, tenants: int = 1) -> list[Cell]:
    """Open and close so many turns; turns/s, CPU ms a turn (ours, the server's), p50 and p99 ms, operations/commit."""
    writer = Writer(writer_store(), now=clock.now)
    writer.start()
    left = iter(range(turns))
    latencies: list[float] = []

    async def worker(payers: Sequence[Payer]) -> None:
        for number in left:
            started = time.perf_counter()
            operation = payers[number % len(payers)].question()
            await writer.submit(operation)
            await writer.submit(closing(operation, attempt()), patient=True)
            latencies.append((time.perf_counter() - started) * 1000)

    cpu, server, wall = time.process_time(), server_cpu_s(), time.perf_counter()
    await asyncio.gather(*(worker(_payers[:tenants]) for _ in range(concurrency)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    server_ms = None if server is None else 1000 * ((server_cpu_s() or 0.0) - server) / turns
    size = writer.operations / writer.batches
    await writer.drain()
    p99 = statistics.quantiles(latencies, n=100)[98]
    return [turns / wall, 1000 * cpu / turns, server_ms, statistics.median(latencies), p99, size]


def check() -> None:
    """What was measured is also right: the ledger equals the periods, and no chain has a gap."""
    booked, entries = turn_load.check(_payers)
    print(f"checked: {booked} turns in the ledger, {entries} audit entries, all budgets settled")
