"""A provider and a client in C, compiled for the run: what is measured is the server between them, not Python twice."""

import json
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from apps.core.supervisor import die_with_parent
from tests.benchmarks.options import measured_s
from tests.support.server import free_port
from tests.support.stores import ROOT

SOURCES = ROOT / "tests" / "support" / "load"
LONGEST_S = 900
"""The provider ends by itself, whatever happens to the benchmark."""
GRACE_S = 30

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Load:
    """What a client does: `concurrency` connections, each asking again as soon as it was answered."""

    mode: str  # http | sse | ws
    url: str
    body: str
    concurrency: int
    seconds: int = field(default_factory=measured_s)
    warm_up_s: int = 1
    headers: tuple[str, ...] = ()
    headers_file: Path | None = None
    """One header line per row, handed out to the connections in turn."""
    ramp_ms: int = 0
    """The connections are opened spread over this time, so that their questions are spread as well."""
    pause_ms: int = 0
    """Between an answer and the next question."""
    asking: int | None = None
    """Only so many of the websockets ask; the others are open and listen. None: all."""
    ends_with: str = "[DONE]"
    fails_with: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A running provider; `base_url` as a provider's configuration has it."""

    base_url: str
    pid: int


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
    def provider(self) -> Iterator[Provider]:
        """A provider whose models behave as their names say (`upstream.c`)."""
        port = free_port()
        process = subprocess.Popen(
            [self.folder / "upstream", "-p", str(port), "-T", str(LONGEST_S)],
            preexec_fn=partial(die_with_parent, signal.SIGKILL),
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/stats")
            yield Provider(f"http://127.0.0.1:{port}/v1", process.pid)
        finally:
            process.kill()
            process.wait()

    def run(self, load: Load) -> Result:
        """What the client saw.

        `all` answers of the whole run; of the measured seconds `rps`, `tokens_s`, `asked_s`, `errors`, and `lat`,
        `ttft`, `gap`, `lag` in ms with `p50`, `p95`, `p99`; `cpu_s`, the client's own processor time, and `client`, the
        part of one processor that this is: near 1 it is the client that was measured.
        """
        began = time.monotonic()
        done = subprocess.run(
            [str(self.folder / "loadgen"), *_options(load)],
            capture_output=True,
            text=True,
            check=True,
            timeout=load.seconds + load.warm_up_s + GRACE_S,
        )
        found: Result = json.loads(done.stdout)
        return found | {"client": found["cpu_s"] / (time.monotonic() - began)}


def at(found: Result, what: str, quantile: str) -> float | None:
    """`p50`, `p95` or `p99` of `lat`, `ttft`, `gap` or `lag`, in ms; None where nothing of it was seen."""
    seen = found.get(what)
    return float(seen[quantile]) if seen else None


def _options(load: Load) -> list[str]:
    options = [
        "-m", load.mode, "-u", load.url, "-b", load.body, "-c", str(load.concurrency), "-t", str(load.seconds),
        "-W", str(load.warm_up_s), "-r", str(load.ramp_ms), "-g", str(load.pause_ms), "-D", load.ends_with,
    ]  # fmt: skip
    for header in load.headers:
        options += ["-H", header]
    if load.headers_file:
        options += ["-K", str(load.headers_file)]
    if load.asking is not None:
        options += ["-a", str(load.asking)]
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
