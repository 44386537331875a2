"""What an answer costs over the developer API with everything on: key, privacy, routing, reservation, audit, durable.

    python -m tests.benchmarks.bench_gateway

One web process over SQLite (FULL), six models, two budgets, against the direct call to the provider in the same run.
`cpu` is the server process's own user and system time: on a shared machine believe it first, rates last.
"""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.benchmarks.installation import BURST, KEYS, PACED, PLAIN, Installation, config, question
from tests.benchmarks.load import Load, Tools
from tests.benchmarks.tables import machine, table

PATH = "/chat/completions"
TEXT = "Question {SEQ}: please tell me about the rivers and mountains of the region, in a few words. " * 4
CACHED, FORCED = "cached", "forced"
BARS = {CACHED: "2.0 / 1.0", FORCED: "3.5 / 1.8"}

Result = dict[str, Any]

_runs = itertools.count(1)


def same_text() -> str:
    """The text whose verdict is known after the first question."""
    return TEXT.replace("{SEQ}", "00000000")


def new_text() -> str:
    """A text that no question had before: the client counts from one in each run."""
    return TEXT.replace("{SEQ}", f"{next(_runs)}-{{SEQ}}")


class Bench:
    """The running installation with its provider and its client."""

    def __init__(self, tools: Tools, provider: str, server: Installation) -> None:
        self.tools, self.provider, self.server = tools, provider, server

    def through(self, load: Load) -> Result:
        """Run a load against the gateway; adds `cpu_s` of the whole run, warm-up included, and `cpu_ms` per answer."""
        before = self.server.cpu_s()
        found = self.tools.run(replace(load, url=f"{self.server.url}/v1{PATH}", headers=(_bearer(KEYS[0]),)))
        found["cpu_s"] = self.server.cpu_s() - before
        found["cpu_ms"] = 1000 * found["cpu_s"] / max(1, found["all"])
        return found

    def direct(self, load: Load, upstream: str, model: str) -> Result:
        """The same load without the gateway."""
        body = load.body.replace(f'"{model}"', f'"{upstream}"')
        return self.tools.run(replace(load, url=f"{self.provider}{PATH}", body=body))


def _bearer(key: str) -> str:
    return f"Authorization: Bearer {key}"


def _answers(bench: Bench) -> Iterator[list[Any]]:
    for concurrency in (1, 16, 64):
        load = Load("http", "", question(PLAIN, same_text(), stream=False), concurrency)
        direct = bench.direct(load, "bench-k-n20", PLAIN)
        for name, text in ((CACHED, same_text()), (FORCED, new_text())):
            found = bench.through(replace(load, body=question(PLAIN, text, stream=False)))
            yield [
                name, concurrency, found["cpu_ms"], BARS[name], found["rps"], found["lat"]["p50"], found["lat"]["p99"],
                direct["rps"], direct["lat"]["p50"], found["errors"],
            ]  # fmt: skip


def _first_tokens(bench: Bench) -> Iterator[list[Any]]:
    """Paced streams: 20 tokens a second each, so that what is added is not the machine's load."""
    for streams, bar in ((16, "6 / 2.5"), (256, "40 / 15 (p99)")):
        body = question(PACED, same_text(), stream=True)
        load = Load("sse", "", body, streams, seconds=4, warm_up_s=2, ramp_ms=1500)
        direct, found = bench.direct(load, "bench-k-n40-d50-f50", PACED), bench.through(load)
        ours, theirs = found["ttft"], direct["ttft"]
        yield [
            streams, ours["p50"] - theirs["p50"], ours["p99"] - theirs["p99"], bar, found["lag"]["p99"],
            f"{100 * found['tokens_s'] / direct['tokens_s']:.0f} %", found["cpu_s"] / 6, found["errors"],
        ]  # fmt: skip


def _bursts(bench: Bench) -> Iterator[list[Any]]:
    for streams in (16, 64):
        load = Load("sse", "", question(BURST, same_text(), stream=True), streams)
        direct, found = bench.direct(load, "bench-k-n50", BURST), bench.through(load)
        per_token = 1e6 * found["cpu_s"] / max(1, found["all"] * 50)
        yield [
            streams, found["tokens_s"], direct["tokens_s"], found["cpu_ms"], per_token, found["ttft"]["p50"],
            found["errors"],
        ]  # fmt: skip


@contextmanager
def running() -> Iterator[Bench]:
    """Provider, server and client; all of it is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = Tools(folder)
        with tools.provider() as provider, Installation(folder / "server", config=config(provider)) as server:
            yield Bench(tools, provider, server)


def main() -> None:
    print(f"gateway: {machine()}")
    with running() as bench:
        bench.through(
            Load("http", "", question(PLAIN, new_text(), stream=False), 8, seconds=1)
        )  # caches and pools fill
        table(
            "Whole answers, 400 characters, 20 tokens (bars: must / ambitious, at 64)",
            [
                "verdict", "at once", "cpu ms/answer", "bar", "answers/s", "p50 ms", "p99 ms", "direct/s", "direct p50",
                "errors",
            ],
            _answers(bench),
        )  # fmt: skip
        table(
            "Paced streams, 20 tokens/s each",
            ["streams", "added first token p50 ms", "p99 ms", "bar", "lag p99 ms", "delivered", "cpu of 1", "errors"],
            _first_tokens(bench),
        )
        table(
            "Burst streams, 50 tokens",
            ["streams", "tokens/s", "direct", "cpu ms/answer", "cpu µs/token", "first token p50 ms", "errors"],
            _bursts(bench),
        )
        print(f"\nmemory of the worker: {bench.server.resident_mb():.0f} MB (bar: 260 / 180)")


if __name__ == "__main__":
    main()
