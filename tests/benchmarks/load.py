"""A provider and a client in C, compiled for the run: what is measured is the server between them, not Python twice."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.server import ROOT, free_port

SOURCES = ROOT / "tests" / "support" / "load"
LONGEST_S = 240
"""The provider ends by itself, whatever happens to the benchmark."""
GRACE_S = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What a client does: `concurrency` connections, each asking again as soon as it was answered."""

    mode: str  # http | sse | ws
    url: str
    body: str
    concurrency: int
    seconds: float = 2.0
    warm_up_s: float = 1.0
    headers: tuple[str, ...] = ()
    headers_file: Path | None = None
    """One header line per row, handed out to the connections in turn."""
    ramp_ms: int = 0
    ends_with: str = "[DONE]"
    fails_with: str = ""


class Tools:
    """The two programs, in a folder that the caller removes."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None:
            raise SystemExit("The benchmarks need a C compiler: apt-get install gcc")
        self.folder = folder
        for name in ("loadgen", "upstream"):
            command = [compiler, "-O2", "-w", "-o", str(folder / name), str(SOURCES / f"{name}.c"), "-lm"]
            subprocess.run(command, check=True, timeout=60)

    @contextmanager
    def provider(self) -> Iterator[str]:
        """The base URL of a provider whose models behave as their names say (`upstream.c`)."""
        port = free_port()
        process = subprocess.Popen([self.folder / "upstream", "-p", str(port), "-T", str(LONGEST_S)])
        try:
            _wait_for(f"http://127.0.0.1:{port}/stats")
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()
            process.wait()

    def run(self, load: Load) -> dict[str, Any]:
        """What the client saw: `rps`, `tokens_s`, `errors`, and `lat`, `ttft`, `gap`, `lag` in ms with `p50`, `p99`."""
        done = subprocess.run(
            [str(self.folder / "loadgen"), *_options(load)],
            capture_output=True,
            text=True,
            check=True,
            timeout=load.seconds + load.warm_up_s + GRACE_S,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def _options(load: Load) -> list[str]:
    options = [
        "-m", load.mode, "-u", load.url, "-b", load.body, "-c", str(load.concurrency), "-t", f"{load.seconds:.0f}",
        "-W", f"{load.warm_up_s:.0f}", "-r", str(load.ramp_ms), "-D", load.ends_with,
    ]  # fmt: skip
    for header in load.headers:
        options += ["-H", header]
    if load.headers_file:
        options += ["-K", str(load.headers_file)]
    if load.fails_with:
        options += ["-E", load.fails_with]
    return options


def _wait_for(url: str) -> None:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise SystemExit(f"{url} does not answer.")
