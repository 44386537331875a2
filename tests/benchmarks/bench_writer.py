"""Turns per second of the writer: open and close through the real planner and store, everything durable.

    python -m tests.benchmarks.bench_writer [--turns 3000] [--concurrency 1,16,64] [--tenants 1,32]

A turn is one open (question, reservation at two levels, audit entry) and one close (ledger, audit entry); the turns of
one tenant share its chain and its budgets. `cpu` is the process's own user and system time, `server` PostgreSQL's.

SQLite, or PostgreSQL in a database of its own where DATABASE_URL and DATABASE_OWNER_URL name a server
(`python -m tests.support.services -- python -m tests.benchmarks writer` starts one, which does not wait for the disk).
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.tables import Cell, machine, table

DATABASE = "openroute_bench_writer"
BARS = {"sqlite": ("2,500 / 5,000", "0.3"), "postgresql": ("1,500 / 3,500", "0.5")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3000)
    parser.add_argument("--concurrency", default="1,16,64")
    parser.add_argument("--tenants", default="1,32")
    arguments = parser.parse_args()
    levels, tenants = _numbers(arguments.concurrency), _numbers(arguments.tenants)
    with tempfile.TemporaryDirectory() as folder, _database():
        os.environ |= {"STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.local"}
        _measure(arguments.turns, [(level, count) for count in tenants for level in levels])


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


@contextmanager
def _database() -> Iterator[None]:
    """PostgreSQL: a database that is gone afterwards. SQLite needs nothing but its folder."""
    from tests.support import databases  # reads the environment

    if not databases.ON_POSTGRES:
        os.environ.pop("DATABASE_URL", None)
        yield
        return
    os.environ |= databases.create(DATABASE)
    try:
        yield
    finally:
        databases.drop(DATABASE)


def _measure(turns: int, loads: list[tuple[int, int]]) -> None:
    import django  # the state folder must stand in the environment first

    django.setup()
    from django.db import connections

    from tests.benchmarks import writer_load

    found = writer_load.database(max(count for _, count in loads))
    bars = BARS[connections["default"].vendor]
    print(f"writer: {found}, 2 budget periods a turn; {machine()}")
    table(
        "Turns through the writer, everything durable (bars at 64)",
        ["at once", "tenants", "turns/s", "bar", "cpu ms/turn", "bar", "server ms", "p50 ms", "p99 ms", "ops/commit"],
        (_row(turns, level, count, bars) for level, count in loads),
    )
    writer_load.check()
    connections.close_all()


def _row(turns: int, level: int, tenants: int, bars: tuple[str, str]) -> list[Cell]:
    from tests.benchmarks import writer_load

    measured = asyncio.run(writer_load.run(turns if level > 1 else turns // 10, level, tenants))
    rate, cpu, *rest = measured
    return [level, tenants, rate, bars[0], cpu, bars[1], *rest]


if __name__ == "__main__":
    main()
