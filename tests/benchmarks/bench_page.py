"""The page in Chromium on a real server: how it feels, as far as figures can say.

    python -m tests.benchmarks.bench_page [--words 4800] [--pace 50]

A conversation of 200 messages gets a long answer while somebody types; one of 1,000 is opened; fifty are opened one
after the other. Node, the packages of `frontend/` and Chromium (`CHROMIUM`, else /usr/bin/chromium) are needed: without
them this prints SKIPPED. Times are the browser's own: long tasks, layout shifts and event timing as it reports them.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.tables import Cell, machine, table
from tests.support.server import RealServer, free_port
from tests.support.stores import ROOT

COMPANY: Final = ROOT / "apps/operations/demo/company.yaml"
SCRIPT: Final = ROOT / "frontend/scripts/figures.mjs"
PASSWORD: Final = "openroute-demo"
LONGEST_S: Final = 400
SEED: Final = ROOT / "tests/benchmarks/page_seed.py"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=int, default=4800, help="of the long answer; about 5,000 tokens")
    parser.add_argument("--pace", type=int, default=50, help="tokens a second")
    asked = parser.parse_args()
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(chromium).exists() or not (ROOT / "frontend/node_modules/playwright-core").exists():
        print("SKIPPED (no Chromium, or frontend/node_modules is missing: npm ci)")
        return
    print(f"page: {machine()}")
    print(
        subprocess.run(
            ["npm", "run", "--silent", "build"], cwd=ROOT / "frontend", capture_output=True, text=True, check=True
        )
        .stdout[-200:]
        .strip()
    )
    with tempfile.TemporaryDirectory(prefix="openroute-page-") as folder, _served(Path(folder), asked.pace) as server:
        seeded = json.loads(server.python(f"exec(open({str(SEED)!r}).read())").splitlines()[-1])
        seen = _figures(server, {**seeded, "words": asked.words, "password": PASSWORD, "chromium": chromium})
    for frame in seen["slow"]:
        print(f"slow frame of {frame['ms']:.0f} ms after {frame['at'] / 1000:.1f} s: {frame}")
    if seen["moved"]:
        print(f"\nlargest layout shift: {seen['moved'][0]:.3f} of {seen['moved'][1]}")
    table("The page in Chromium", ("what", "seen", "must"), _rows(seen))


@contextmanager
def _served(folder: Path, pace: int) -> Iterator[RealServer]:
    """The demo company with longer answers, and its demo models at this pace."""
    port = free_port()
    environment = {
        "DEMO_MODELS_PORT": str(port), "DEMO_PASSWORD": PASSWORD, "DEMO_API_KEY": "or-bench-page-0123456789",
        "DEMO_TOKENS_PER_S": str(pace), "DJANGO_SETTINGS_MODULE": "openroute_site.settings.local",
    }  # fmt: skip
    config = re.sub(r"max_output_tokens: \d+", "max_output_tokens: 8000", COMPANY.read_text())
    command = [sys.executable, "-m", "apps.operations.demo_models.server", "--port", str(port)]
    models = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DEMO_TOKENS_PER_S": str(pace)})
    try:
        with RealServer(folder, config=config, environment=environment) as server:
            yield server
    finally:
        models.terminate()
        models.wait(10)


def _figures(server: RealServer, task: Mapping[str, Any]) -> dict[str, Any]:
    done = subprocess.run(
        ["node", str(SCRIPT)], input=json.dumps({**task, "url": server.url}), capture_output=True, text=True,
        timeout=LONGEST_S, cwd=ROOT / "frontend",
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The page could not be measured:\n{done.stderr[-3000:]}\n{server.log[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _rows(seen: Mapping[str, Any]) -> Iterator[list[Cell]]:
    yield ["long answer: words", seen["words"], "-"]
    yield ["long answer: frames a second at the page", seen["fps"], "-"]
    yield ["tasks over 50 ms while it streams (longest, ms)", f"{seen['long_tasks']} ({seen['longest_ms']:.0f})", "0"]
    yield ["layout shift (CLS) while it streams", seen["cls"], "0.02"]
    yield ["key to paint while it streams, p95 ms", seen["key_p95_ms"], "50"]
    yield ["DOM nodes at its end", seen["nodes"], "-"]
    yield ["1,000 messages: click to readable, ms", seen["open_ms"], "1,000"]
    yield [
        "memory after 10 / 30 / 50 opened conversations, MB",
        " / ".join(f"{mb:.1f}" for mb in seen["heap_mb"]),
        "no growth",
    ]


if __name__ == "__main__":
    main()
