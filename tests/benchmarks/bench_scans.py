"""How much a long text delays the first token of everybody else, by where it is scanned: in threads, or in processes.

    python -m tests.benchmarks.bench_scans

Fifty times a second somebody comes with 400 characters that are new: they are inspected, then the event loop has to
come round a few times, as it does before a first token. How late that ends, beside nothing, and beside two people who
send texts of 50,000 characters one after the other. The pipeline has one thread
(apps/adr/0012-scans-in-one-thread.md).
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.test")
django.setup()

from django.conf import settings as site  # noqa: E402

from apps.core import threads  # noqa: E402
from apps.privacy import scanning  # noqa: E402
from apps.privacy.detection.dictionary import NO_TERMS  # noqa: E402
from tests.benchmarks.bench_privacy import DEFAULT, PLAIN, PRIVATE, _sized  # noqa: E402
from tests.benchmarks.options import measured_s  # noqa: E402
from tests.benchmarks.tables import machine, table  # noqa: E402
from tests.support.privacy import engine  # noqa: E402

LONG, SHORT = 50_000, 400
EVERY_S = 0.02
ROUNDS = 8
"""Turns of the event loop between a verdict and a first token: the writer, the pool, the connection."""
SENDERS = 2
PROCESSES = 2

Scan = Callable[[str], Awaitable[object]]


def main() -> None:
    engine()
    site.OPENROUTE_INLINE = False  # the tests' settings scan at once, on the loop itself
    print(f"scans: {SENDERS} senders of {LONG:,} characters; {machine()}")
    asyncio.run(_measured("warming up", None))
    rows = [asyncio.run(_measured("nothing else", None)), *(asyncio.run(_threaded(many)) for many in (1, 2))]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), initializer=_built) as pool:
        began = time.monotonic()
        list(pool.map(_scanned, [PLAIN] * PROCESSES))
        ready_s = time.monotonic() - began

        async def in_processes(text: str) -> object:
            return await asyncio.get_running_loop().run_in_executor(pool, _scanned, text)

        rows.append(asyncio.run(_measured("processes", in_processes)))
        memory = sum(_resident_mb(pid) for pid in pool._processes)
    head = (
        "50 kB are scanned in",
        "first tokens",
        "delay p50, ms",
        "p95, ms",
        "p99, ms",
        "longest, ms",
        "scans/s",
        "bar p95",
    )
    table("Delay of a first token beside long scans", head, rows)
    print(f"\n{PROCESSES} processes more: {memory:.0f} MB, ready after {ready_s:.1f} s")


async def _measured(name: str, scan: Scan | None) -> tuple[object, ...]:
    until = time.monotonic() + measured_s(times=5)
    scans = [0]
    senders = [asyncio.create_task(_send(scan, number, until, scans)) for number in range(SENDERS if scan else 0)]
    delays = sorted(await _visitors(until))
    await asyncio.gather(*senders)
    p50, p95, p99 = (1000 * delays[int(share * (len(delays) - 1))] for share in (0.5, 0.95, 0.99))
    return name, len(delays), p50, p95, p99, 1000 * delays[-1], scans[0] / measured_s(times=5), "50"


async def _visitors(until: float) -> list[float]:
    """Somebody every `EVERY_S`, whatever became of those before; how late each was served, in seconds."""
    begin, coming = time.monotonic(), []
    number = 0
    while (planned := begin + number * EVERY_S) < until:
        await asyncio.sleep(max(0.0, planned - time.monotonic()))
        coming.append(asyncio.create_task(_served(_sized(PLAIN, SHORT, number), planned)))
        number += 1
    return await asyncio.gather(*coming)


async def _served(text: str, planned: float) -> float:
    await scanning.scan([text], DEFAULT, NO_TERMS)
    for _ in range(ROUNDS):
        await asyncio.sleep(0)
    return time.monotonic() - planned


async def _send(scan: Scan | None, sender: int, until: float, scans: list[int]) -> None:
    number = sender
    while scan is not None and time.monotonic() < until:
        await scan(_sized(PRIVATE if number % 4 < 2 else PLAIN, LONG, number))
        scans[0] += 1
        number += SENDERS


async def _threaded(many: int) -> tuple[object, ...]:
    """In the pool of the pipeline, with so many threads."""
    threads.shutdown()
    site.OPENROUTE_CPU_THREADS = many
    return await _measured("1 thread" if many == 1 else f"{many} threads", _in_threads)


async def _in_threads(text: str) -> object:
    return await scanning.scan([text], DEFAULT, NO_TERMS)


def _built() -> None:
    engine()


def _scanned(text: str) -> object:
    return scanning.scan_one(text, DEFAULT, NO_TERMS)


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


if __name__ == "__main__":
    main()
