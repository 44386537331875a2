"""Turns per second of the writer: open and close through the real planner and store, everything durable.

    python -m tests.benchmarks.bench_writer [--turns 3000] [--concurrency 1,16,64]

A turn is one open (question, reservation at two levels, audit entry) and one close (ledger, audit entry). `cpu` is the
process's own user and system time.
"""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

from tests.benchmarks.tables import Cell, machine, table

PERIODS = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=3000)
    parser.add_argument("--concurrency", default="1,16,64")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.local"}
        _measure(Path(folder), arguments.turns, [int(c) for c in arguments.concurrency.split(",")])


def _measure(folder: Path, turns: int, levels: list[int]) -> None:
    import django  # the state folder must stand in the environment first

    django.setup()
    from tests.benchmarks import writer_load

    print(f"writer: {writer_load.database()}, {PERIODS} budget periods a turn; {machine()}")
    table(
        "Turns through the writer, everything durable (bars at 64)",
        ["at once", "turns/s", "bar", "cpu ms/turn", "bar", "p50 ms", "p99 ms", "operations/commit"],
        (_row(turns, level) for level in levels),
    )
    writer_load.check()


def _row(turns: int, level: int) -> list[Cell]:
    from tests.benchmarks import writer_load

    concurrency, rate, cpu, *rest = asyncio.run(writer_load.run(turns if level > 1 else turns // 10, level))
    return [concurrency, rate, "2,500 / 5,000", cpu, "0.3", *rest]


if __name__ == "__main__":
    main()
