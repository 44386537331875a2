"""All tables in one go, or some of them: `python -m tests.benchmarks [postgres] [gateway] [sockets] [writer] ...`.

Each part runs in a process of its own, for it needs settings and a database of its own, and ends within its time. The
bars beside the figures are what is to be reached on a quiet machine; nothing is asserted.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

from tests.benchmarks.options import measured_s

PARTS = {
    "postgres": 660, "gateway": 90, "sockets": 120, "writer": 60, "privacy": 40, "scans": 60, "adapter": 40,
    "routing": 30, "audit": 30, "page": 300, "peers": 20, "search": 600,
    "router": 300,
}  # fmt: skip
"""The longest that each may take, in seconds; together they stay under 15 minutes on a free machine."""
WITH_PEERS_S = 1500
"""Where peers are asked for (PEERS=1), they are installed first, and each is measured as we are."""

GRACE_S = 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}")
    asked = parser.parse_args().parts or list(PARTS)
    unknown = sorted(set(asked) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; choose from: {', '.join(PARTS)}")
    measured_s()  # says what is wrong with BENCH_SECONDS before anything starts
    began = time.monotonic()
    failed = []
    for part in asked:
        print(f"\n## {part}", flush=True)
        if not _run(part, WITH_PEERS_S if part == "peers" and os.environ.get("PEERS") == "1" else PARTS[part]):
            failed.append(part)
    print(f"\n{time.monotonic() - began:.0f} s in all", flush=True)
    if failed:
        raise SystemExit(f"Failed, the lines above say why: {', '.join(failed)}")


def _run(part: str, longest_s: int) -> bool:
    """Whether the part came to its end, or was ended because the machine is too slow for it."""
    process = subprocess.Popen([sys.executable, "-m", f"tests.benchmarks.bench_{part}"])
    try:
        return process.wait(longest_s) == 0
    except subprocess.TimeoutExpired:
        print(f"{part} was ended after {longest_s} s: this machine is too busy for it.", flush=True)
        return True
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """As Ctrl-C does, so that it ends the servers that it has started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    main()
