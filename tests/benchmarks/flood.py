"""Floods of refused requests, as fast as the client can, while eight neighbours of other companies ask.

A refusal known from memory costs no transaction: the first of a minute is on record, the others are one entry with a
count (promise P24), written when the minute is over or the process ends.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from tests.benchmarks import processes
from tests.benchmarks.installation import PLAIN, Company, question
from tests.benchmarks.load import Load, Result, at
from tests.benchmarks.options import measured_s, quotient
from tests.benchmarks.postgres_load import MANY
from tests.benchmarks.rig import PATH, Measured, Rig, same_text
from tests.benchmarks.tables import Cell, table

LIMITED = Company("limited", requests_per_minute=1)
NEIGHBOURS, THEIR_PAUSE_MS = 8, 50
FEW, MANY_AT_ONCE = 64, 512
UNKNOWN_KEYS = 4000
COUNTED = ("request.refused", "key.refused")
KINDS = ", ".join(f"'{kind}'" for kind in COUNTED)
COLUMNS = (
    "flood", "connections", "refused/s", "all refused", "other replies", "audit rows of it meanwhile",
    "neighbours alone p50 ms", "p95", "meanwhile p50", "p95", "p95 times", "must", "memory MB before", "after",
    "cpu ms/refusal *", "PostgreSQL ms *", "client's cpu",
)  # fmt: skip
RECORD_COLUMNS = ("kind", "company", "audit rows", "refusals counted in them", "refused by the client's count")


@dataclass(frozen=True, slots=True)
class Flood:
    """`status`: what each request is refused with. `kind`: how the audit trail calls it."""

    name: str
    status: str
    kind: str
    load: Load


@dataclass(frozen=True, slots=True)
class Outcome:
    """A flood and what the client counted: all of it, and the refusals among it."""

    flood: Flood
    found: Measured

    @property
    def refused(self) -> int:
        return int(self.found.seen["err"].get(self.flood.status, 0))


def measure(rig: Rig) -> None:
    """Print both tables. The server is stopped in between, so that all counts are written, and started again."""
    rig.server.serve(1)
    rig.warm_up(MANY)
    outcomes: list[Outcome] = []
    title = f"Floods of refusals beside {NEIGHBOURS} neighbours of other companies (*: what they ask included)"
    table(title, COLUMNS, _rows(rig, outcomes))
    rig.server.stop()
    table("What reached the audit trail when the process had ended", RECORD_COLUMNS, _record(rig, outcomes))
    rig.server.start()


def _floods(rig: Rig) -> list[Flood]:
    unknown = rig.header_file(tuple(f"Authorization: Bearer or-unknown-{n:04}" for n in range(UNKNOWN_KEYS)))
    # No warm-up: the client counts what it sees from the first request on, so that the record can be compared with it.
    v1 = Load(
        "http", f"{rig.server.url}/v1{PATH}", question(PLAIN, same_text(), stream=False), MANY_AT_ONCE, warm_up_s=0,
        seconds=measured_s(2),
    )  # fmt: skip
    over_rate = replace(v1, headers_file=rig.keys((LIMITED,)))
    rest = replace(v1, url=f"{rig.server.url}/api/v1/me/", body="", headers_file=unknown)
    return [
        Flood("/v1, 4,000 unknown keys", "401", "key.refused", replace(v1, headers_file=unknown)),
        Flood("/v1, one key over its rate", "429", "request.refused", replace(over_rate, concurrency=FEW)),
        Flood("/v1, one key over its rate", "429", "request.refused", over_rate),
        Flood("/api/v1, 4,000 unknown keys", "401", "key.refused", replace(rest, concurrency=FEW)),
    ]


def _rows(rig: Rig, outcomes: list[Outcome]) -> Iterator[list[Cell]]:
    neighbours = Load(
        "http", f"{rig.server.url}/v1{PATH}", question(PLAIN, same_text(), stream=False), NEIGHBOURS,
        seconds=measured_s(2), warm_up_s=0, headers_file=rig.keys(MANY[:NEIGHBOURS]), pause_ms=THEIR_PAUSE_MS,
    )  # fmt: skip
    for flood in _floods(rig):
        alone = rig.tools.run(neighbours)
        memory, rows = processes.resident_mb(rig.server.pids[0]), _entries(rig)
        with ThreadPoolExecutor(max_workers=1) as pool:
            beside = pool.submit(rig.tools.run, neighbours)
            outcome = Outcome(flood, rig.measured(flood.load))
        outcomes.append(outcome)
        grown = processes.resident_mb(rig.server.pids[0])
        yield [
            flood.name,
            flood.load.concurrency,
            *_flood_cells(outcome, _entries(rig) - rows, alone, beside.result(), memory, grown),
        ]


def _flood_cells(
    outcome: Outcome, entries: int, alone: Result, beside: Result, memory_mb: float, grown_mb: float
) -> Sequence[Cell]:
    found = outcome.found
    seen = found.seen
    slower = quotient(at(beside, "lat", "p95"), at(alone, "lat", "p95"))
    return [
        outcome.refused / seen["secs"], outcome.refused, seen["errors"] - outcome.refused + seen["ok"], entries,
        at(alone, "lat", "p50"), at(alone, "lat", "p95"), at(beside, "lat", "p50"), at(beside, "lat", "p95"),
        slower, "2", memory_mb, grown_mb, found.ours_ms, found.database_ms, seen["client"],
    ]  # fmt: skip


def _entries(rig: Rig) -> int:
    (row,) = rig.server.rows(f"SELECT count(*) AS entries FROM audit_auditevent WHERE kind IN ({KINDS})")
    return int(row["entries"])


def _record(rig: Rig, outcomes: Sequence[Outcome]) -> Iterator[list[Cell]]:
    refused = {kind: sum(each.refused for each in outcomes if each.flood.kind == kind) for kind in COUNTED}
    rows = rig.server.rows(
        "SELECT kind, tenant_id, count(*) AS entries, sum((body::json->>'count')::int) AS counted FROM audit_auditevent"
        f" WHERE kind IN ({KINDS}) GROUP BY kind, tenant_id ORDER BY kind, tenant_id"
    )
    for row in rows:
        yield [row["kind"], row["tenant_id"], row["entries"], row["counted"], refused[row["kind"]]]
    for kind in sorted(refused.keys() - {row["kind"] for row in rows}):
        yield [kind, "-", 0, 0, refused[kind]]
