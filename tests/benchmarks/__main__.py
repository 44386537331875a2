"""All tables in one go, or some of them: `python -m tests.benchmarks [gateway] [sockets] [writer] ...`.

Each part runs in a process of its own, for it needs settings and a database of its own, and ends within its time. The
bars beside the figures are what is to be reached on a quiet machine; nothing is asserted.
"""

import argparse
import signal
import subprocess
import sys
import time

PARTS = {"gateway": 110, "sockets": 70, "writer": 60, "privacy": 40, "adapter": 40, "routing": 30, "audit": 30}
"""The longest that each may take, in seconds; together they stay under five minutes on a free machine."""

GRACE_S = 30


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}")
    asked = parser.parse_args().parts or list(PARTS)
    unknown = sorted(set(asked) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; choose from: {', '.join(PARTS)}")
    began = time.monotonic()
    for part in asked:
        print(f"\n## {part}", flush=True)
        _run(part, PARTS[part])
    print(f"\n{time.monotonic() - began:.0f} s in all", flush=True)


def _run(part: str, longest_s: int) -> None:
    process = subprocess.Popen([sys.executable, "-m", f"tests.benchmarks.bench_{part}"])
    try:
        process.wait(longest_s)
    except subprocess.TimeoutExpired:
        print(f"{part} was ended after {longest_s} s: this machine is too busy for it.", flush=True)
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
