"""The tables of the developer API on PostgreSQL: one and two web processes, one tenant and many."""

from collections.abc import Iterator

from tests.benchmarks.installation import BURST, HOT, PACED, PLAIN, Company, question
from tests.benchmarks.load import Load, Result, at
from tests.benchmarks.options import difference, measured_s, quotient
from tests.benchmarks.rig import KNOWN, NEW, Measured, Rig, new_text, same_text
from tests.benchmarks.tables import Cell

MANY = tuple(Company(f"company-{number:02}") for number in range(32))
TENANTS = {1: (HOT,), len(MANY): MANY}
LEVELS = (1, 16, 64, 256)
COMPARED_AT = 64
"""What must be reached is told for this many at once."""
MUST_CPU = {KNOWN: "2.0 / 1.0", NEW: "3.5 / 1.8"}
ANSWER_COLUMNS = (
    "processes", "tenants", "verdict", "at once", "cpu ms/answer", "must", "PostgreSQL ms", "answers/s", "p50 ms",
    "p99 ms", "direct/s", "direct p50", "work of each %", "client's cpu", "errors",
)  # fmt: skip
STREAM_COLUMNS = (
    "processes", "tenants", "streams", "added first token p50 ms", "p99 ms", "tokens/s", "direct/s", "cpu ms/answer",
    "cpu µs/token", "PostgreSQL ms", "work of each %", "client's cpu", "errors",
)  # fmt: skip
PACED_COLUMNS = (
    "processes", "tenants", "streams", "added first token p50 ms", "p99 ms", "must", "lag p99 ms", "delivered", "must",
    "cpu of 1", "PostgreSQL's", "client's cpu", "errors",
)  # fmt: skip
MUST_FIRST_TOKEN = {16: "6 / 2.5 (p50)", 256: "40 / 15 (p99)"}


def process_counts(rig: Rig) -> list[int]:
    """One and two web processes, those first that run already: each change is a start of the server."""
    return sorted((1, 2), key=lambda count: count != rig.server.processes)


def _sites(rig: Rig) -> Iterator[tuple[int, int]]:
    """Each number of processes with each number of tenants, warmed up."""
    for processes in process_counts(rig):
        rig.server.serve(processes)
        rig.warm_up((HOT, *MANY))
        for tenants in TENANTS:
            yield processes, tenants


def _levels(tenants: int) -> tuple[int, ...]:
    """One connection is of one tenant."""
    return LEVELS if tenants == 1 else LEVELS[1:]


def answers(rig: Rig) -> Iterator[list[Cell]]:
    """Whole answers; the verdict of the text known, and at 64 also each text new."""
    direct = {level: rig.direct(_whole(level, same_text()), PLAIN) for level in LEVELS}
    for processes, tenants in _sites(rig):
        for level in _levels(tenants):
            for verdict in (KNOWN, NEW) if level == COMPARED_AT else (KNOWN,):
                load = _whole(level, same_text() if verdict == KNOWN else new_text())
                found = rig.through(load, TENANTS[tenants])
                must = MUST_CPU[verdict] if level == COMPARED_AT else None
                yield [processes, tenants, verdict, level, *_answer_cells(found, must, direct[level])]


def _whole(concurrency: int, text: str) -> Load:
    return Load("http", "", question(PLAIN, text, stream=False), concurrency)


def _answer_cells(found: Measured, must: str | None, direct: Result) -> list[Cell]:
    seen = found.seen
    return [
        found.ours_ms, must, found.database_ms, seen["rps"], at(seen, "lat", "p50"), at(seen, "lat", "p99"),
        direct["rps"], at(direct, "lat", "p50"), found.shares, seen["client"], seen["errors"],
    ]  # fmt: skip


def streams(rig: Rig) -> Iterator[list[Cell]]:
    """Streams as fast as they come."""
    direct = {level: rig.direct(_burst(level), BURST) for level in LEVELS}
    for processes, tenants in _sites(rig):
        for level in _levels(tenants):
            found = rig.through(_burst(level), TENANTS[tenants])
            seen, alone = found.seen, direct[level]
            p50, p99 = (difference(at(seen, "ttft", part), at(alone, "ttft", part)) for part in ("p50", "p99"))
            yield [
                processes, tenants, level, p50, p99, seen["tokens_s"], alone["tokens_s"], found.ours_ms,
                20 * found.ours_ms, found.database_ms, found.shares, seen["client"], seen["errors"],
            ]  # fmt: skip


def _burst(concurrency: int) -> Load:
    return Load("sse", "", question(BURST, same_text(), stream=True), concurrency)


def paced(rig: Rig) -> Iterator[list[Cell]]:
    """Streams at the pace of a model: what is added to the first token is ours, not the machine's load."""
    direct = {level: rig.direct(_paced(level), PACED) for level in LEVELS}
    for processes, tenants in _sites(rig):
        for level in LEVELS if (processes, tenants) == (1, 1) else LEVELS[-1:]:
            found = rig.through(_paced(level), TENANTS[tenants])
            seen, alone = found.seen, direct[level]
            p50, p99 = (difference(at(seen, "ttft", part), at(alone, "ttft", part)) for part in ("p50", "p99"))
            delivered = 100 * (quotient(seen["tokens_s"], alone["tokens_s"]) or 0.0)
            yield [
                processes, tenants, level, p50, p99, MUST_FIRST_TOKEN.get(level), at(seen, "lag", "p99"),
                f"{delivered:.0f} %", "all", found.ours_of_1, found.database_of_1, seen["client"], seen["errors"],
            ]  # fmt: skip


def _paced(concurrency: int) -> Load:
    """The streams of two seconds begin evenly over two seconds."""
    body = question(PACED, same_text(), stream=True)
    return Load("sse", "", body, concurrency, seconds=measured_s(2), warm_up_s=3, ramp_ms=2000)
