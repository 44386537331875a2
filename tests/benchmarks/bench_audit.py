"""What the audit trail costs: chaining an entry, exporting a chain, verifying the export as an outsider does.

python -m tests.benchmarks.bench_audit [--turns 3000]
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.benchmarks.tables import machine, table

T = TypeVar("T")
CHAINED = 20_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=3000)
    turns = parser.parse_args().turns
    print(f"audit: {machine()}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"STATE_DIR": folder, "DJANGO_SETTINGS_MODULE": "openroute_site.settings.local"}
        _measure(Path(folder), turns)


def _measure(folder: Path, turns: int) -> None:
    import django  # the state folder must stand in the environment first

    django.setup()
    from apps.audit import services, verifier
    from apps.core import clock
    from apps.domain.ids import TenantId
    from tests.benchmarks import writer_load

    writer_load.database()
    asyncio.run(writer_load.run(turns, 64))  # two entries a turn
    tenant = TenantId(writer_load.tenant())
    exported, export_s = _timed(
        lambda: services.export(tenant=tenant, out_dir=folder / "out", actor="system", at=clock.now())
    )
    report, verify_s = _timed(lambda: verifier.verify(folder / "out"))
    assert report.intact, report.problems
    _, chain_s = _timed(lambda: _chain(CHAINED))
    table(
        "Audit trail, one processor",
        ["step", "entries", "entries/s", "cpu µs/entry"],
        [
            ["check, render and chain", CHAINED, CHAINED / chain_s, 1e6 * chain_s / CHAINED],
            ["export", exported.entries, exported.entries / export_s, 1e6 * export_s / exported.entries],
            ["verify the export", report.entries, report.entries / verify_s, 1e6 * verify_s / report.entries],
        ],
    )


def _chain(entries: int) -> None:
    from apps.audit.models import AuditHead
    from apps.audit.planning import Chain
    from apps.core import clock
    from apps.core.writes import Rows
    from apps.domain.ids import TenantId

    rows, at, tenant = Rows(), clock.now(), TenantId(1)
    rows.add(AuditHead, [{"tenant_id": tenant, "seq": 0, "hash": "0" * 64, "version": 0}])
    chain = Chain(rows)
    body = {"model": "small", "hosting": "commercial", "strategy": "balanced", "policy": 3, "reserved": 1250}
    for number in range(entries):
        chain.append(tenant, "turn.dispatched", "key:7", f"turn:{number}", body, at)


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result and the seconds of this process's own processor time."""
    began = time.process_time()
    return work(), time.process_time() - began


if __name__ == "__main__":
    main()
