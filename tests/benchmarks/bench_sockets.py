"""How many websockets one worker serves over SQLite: each asks, gets 20 tokens a second, and asks again.

    python -m tests.benchmarks.bench_sockets [--sockets 500,900] [--people 450] [--frames 400]

A gap is the time between two tokens at the client. The number is raised until the 99th percentile passes 100 ms.
`client's` is the processor time of the load generator itself: near 1 it is the bottleneck.
"""

import argparse

from tests.benchmarks import socket_load
from tests.benchmarks.installation import FRAMES
from tests.benchmarks.options import numbers
from tests.benchmarks.rig import running
from tests.benchmarks.tables import machine, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=numbers, default=[500, 900])
    parser.add_argument("--people", type=int, help="whose sockets they are; half as many as sockets, unless told")
    parser.add_argument("--frames", type=int, default=FRAMES, help="tokens of an answer")
    asked = parser.parse_args()
    firm = socket_load.company(max(asked.sockets), asked.people)
    print(f"sockets: {machine()}")
    with running((firm,), frames=asked.frames) as rig:
        table(
            f"Websockets at 20 tokens/s, answers of {asked.frames} tokens, one worker (must: 500 sockets / 900)",
            socket_load.COLUMNS,
            socket_load.steady(rig, firm, asked.sockets),
        )
        print(f"\nmemory of the worker: {rig.server.resident_mb():.0f} MB (must: 260 / 180)")


if __name__ == "__main__":
    main()
