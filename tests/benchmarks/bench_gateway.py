"""What an answer costs over the developer API with everything on: key, privacy, routing, reservation, audit, durable.

    python -m tests.benchmarks.bench_gateway

One web process over SQLite (FULL), seven models, two budgets, against the direct call to the provider in the same run.
`cpu` is the server process's own user and system time: on a shared machine believe it first, rates last.
"""

from collections.abc import Iterator

from tests.benchmarks.installation import BURST, PACED, PLAIN, question
from tests.benchmarks.load import Load, at
from tests.benchmarks.options import difference, measured_s, quotient
from tests.benchmarks.rig import KNOWN, NEW, Rig, new_text, running, same_text
from tests.benchmarks.tables import Cell, machine, table

MUST = {KNOWN: "2.0 / 1.0", NEW: "3.5 / 1.8"}


def _answers(rig: Rig) -> Iterator[list[Cell]]:
    for concurrency in (1, 16, 64):
        load = Load("http", "", question(PLAIN, same_text(), stream=False), concurrency)
        direct = rig.direct(load, PLAIN)
        for name, text in ((KNOWN, same_text()), (NEW, new_text())):
            load = Load("http", "", question(PLAIN, text, stream=False), concurrency)
            found = rig.through(load)
            seen = found.seen
            yield [
                name, concurrency, found.ours_ms, MUST[name], seen["rps"], at(seen, "lat", "p50"),
                at(seen, "lat", "p99"), direct["rps"], at(direct, "lat", "p50"), seen["client"], seen["errors"],
            ]  # fmt: skip


def _first_tokens(rig: Rig) -> Iterator[list[Cell]]:
    """Paced streams: 20 tokens a second each, so that what is added is not the machine's load."""
    for streams, must in ((16, "6 / 2.5 (p50)"), (256, "40 / 15 (p99)")):
        body = question(PACED, same_text(), stream=True)
        load = Load("sse", "", body, streams, seconds=measured_s(2), warm_up_s=3, ramp_ms=2000)
        direct, found = rig.direct(load, PACED), rig.through(load)
        seen = found.seen
        p50, p99 = (difference(at(seen, "ttft", part), at(direct, "ttft", part)) for part in ("p50", "p99"))
        delivered = 100 * (quotient(seen["tokens_s"], direct["tokens_s"]) or 0.0)
        yield [
            streams, p50, p99, must, at(seen, "lag", "p99"), f"{delivered:.0f} %", found.ours_of_1, seen["client"],
            seen["errors"],
        ]  # fmt: skip


def _bursts(rig: Rig) -> Iterator[list[Cell]]:
    for streams in (16, 64):
        load = Load("sse", "", question(BURST, same_text(), stream=True), streams)
        direct, found = rig.direct(load, BURST), rig.through(load)
        seen = found.seen
        yield [
            streams, seen["tokens_s"], direct["tokens_s"], found.ours_ms, 20 * found.ours_ms, at(seen, "ttft", "p50"),
            seen["client"], seen["errors"],
        ]  # fmt: skip


def main() -> None:
    print(f"gateway: {machine()}")
    with running() as rig:
        rig.warm_up()
        table(
            "Whole answers, 400 characters, 20 tokens (must / ambitious, at 64)",
            [
                "verdict", "at once", "cpu ms/answer", "must", "answers/s", "p50 ms", "p99 ms", "direct/s",
                "direct p50", "client's cpu", "errors",
            ],
            _answers(rig),
        )  # fmt: skip
        table(
            "Paced streams, 20 tokens/s each",
            [
                "streams", "added first token p50 ms", "p99 ms", "must", "lag p99 ms", "delivered", "cpu of 1",
                "client's cpu", "errors",
            ],
            _first_tokens(rig),
        )  # fmt: skip
        table(
            "Burst streams, 50 tokens",
            [
                "streams", "tokens/s", "direct", "cpu ms/answer", "cpu µs/token", "first token p50 ms",
                "client's cpu", "errors",
            ],
            _bursts(rig),
        )  # fmt: skip
        print(f"\nmemory of the worker: {rig.server.resident_mb():.0f} MB (must: 260 / 180)")


if __name__ == "__main__":
    main()
