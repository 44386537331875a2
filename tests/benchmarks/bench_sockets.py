"""How many websockets one worker serves: each asks, gets 20 tokens a second for ten seconds, and asks again.

    python -m tests.benchmarks.bench_sockets [--sockets 250,500,900]

A gap is the time between two tokens at the client. The number is raised until the 99th percentile passes 100 ms.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from tests.benchmarks.installation import KEYS, LONG, Installation, config
from tests.benchmarks.load import Load, Tools
from tests.benchmarks.tables import machine, table

LIMIT_MS = 100.0
SECONDS, WARM_UP_S = 5, 4
FRAMES_PER_S = 20


def _ask(run: int) -> str:
    """One `ask`. Its id is the client's, and must be new each time; the conversation is a new one."""
    frame = {
        "type": "ask",
        "id": f"00000000-0000-4000-8000-{run:04}{{SEQ}}",
        "conversation": None,
        "model": LONG,
        "text": f"Question {run}-{{SEQ}}: what do the rivers of this region carry?",
    }
    return orjson.dumps(frame).decode()


def _rows(tools: Tools, server: Installation, keys: Path, levels: Sequence[int]) -> Iterator[list[Any]]:
    for run, sockets in enumerate(levels, 1):
        load = Load(
            "ws", f"{server.url}/ws/v1/chat", _ask(run), sockets, seconds=SECONDS, warm_up_s=WARM_UP_S,
            headers_file=keys, ramp_ms=2500, ends_with='"type":"completed"', fails_with='"detail":',
        )  # fmt: skip
        before = server.cpu_s()
        found = tools.run(load)
        gap = found["gap"] or {"p50": None, "p99": LIMIT_MS + 1}
        delivered = found["tokens_s"] / (sockets * FRAMES_PER_S)
        used = (server.cpu_s() - before) / (SECONDS + WARM_UP_S)
        lag, first = (found["lag"] or {}).get("p99"), (found["ttft"] or {}).get("p50")
        yield [sockets, gap["p50"], gap["p99"], lag, first, f"{100 * delivered:.0f} %", used, found["errors"]]
        if gap["p99"] > LIMIT_MS:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", default="250,500,900")
    levels = [int(level) for level in parser.parse_args().sockets.split(",")]
    print(f"sockets: {machine()}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools, keys = Tools(folder), folder / "keys"
        keys.write_text("".join(f"Authorization: Bearer {key}\n" for key in KEYS))
        with tools.provider() as provider, Installation(folder / "server", config=config(provider)) as server:
            table(
                "Websockets at 20 tokens/s, one worker (bars: p99 gap up to 100 ms at 500 / 900 sockets)",
                [
                    "sockets", "gap p50 ms", "gap p99 ms", "lag p99 ms", "first token p50 ms", "delivered", "cpu of 1",
                    "errors",
                ],
                _rows(tools, server, keys, levels),
            )  # fmt: skip
            print(f"\nmemory of the worker: {server.resident_mb():.0f} MB")


if __name__ == "__main__":
    main()
