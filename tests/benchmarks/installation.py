"""Web processes as `make run` and production start them, over a database of their own, with everything switched on."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import orjson

from apps.core.supervisor import die_with_parent
from tests.benchmarks import processes
from tests.support.server import READY_S, RealServer
from tests.support.stores import ROOT

STOP_S = 30.0
FRAMES = 400
"""Tokens of a long answer, at 20 a second."""
UNLIMITED = "1000000.00"


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant with one team; each of its people has an API key."""

    slug: str
    people: int = 1
    requests_per_minute: int | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(f"or-benchmark-{self.slug}-{number:04}" for number in range(self.people))


HOT = Company("bench", people=24)
"""The company whose chain of audit entries and whose budgets every question of a table shares."""

PLAIN, BURST, PACED, LONG, HALF = "a-plain", "b-burst", "c-paced", "d-long", "d-medium"


def upstreams(frames: int = FRAMES) -> dict[str, str]:
    """What each model does: it stands in the name that its provider sees (upstream.c)."""
    return {
        PLAIN: "bench-k-n20",
        BURST: "bench-k-n50",
        PACED: "bench-k-n40-d50-f50",  # 20 tokens a second for two seconds
        LONG: f"bench-k-n{frames}-d50",
        HALF: "bench-k-n100-d50",  # five seconds
        "e-inside": "bench-k-n20",
        "f-inside": "bench-k-n20",
    }


def config(base_url: str, companies: Sequence[Company] = (HOT,), *, frames: int = FRAMES) -> str:
    """Seven models to choose from, two budgets, two rules: what a decision has to weigh."""
    provider = {"adapter": "openai", "base_url": base_url, "api_key": "provider-key"}
    document = {
        "providers": [
            {"name": "provider", "hosting": "commercial", **provider},
            {"name": "inside", "hosting": "self_hosted", **provider},
        ],
        "models": [_model(place, name, does) for place, (name, does) in enumerate(upstreams(frames).items())],
        "tenants": [_tenant(company) for company in companies],
    }
    return json.dumps(document)  # every JSON document is YAML


def _model(place: int, name: str, upstream: str) -> dict[str, Any]:
    return {
        "name": name,
        "provider": "inside" if name.endswith("inside") else "provider",
        "upstream": upstream,
        "context_tokens": 100_000,
        "max_output_tokens": 4_000,
        "price": {"input": f"{place + 1}", "output": f"{4 * place + 4}"},
        "capabilities": ["tools", "json"],
        "strengths": {"coding": 0.5, "math": 0.5, "writing": 0.5 + place / 20},
    }


def _tenant(company: Company) -> dict[str, Any]:
    emails = [f"p{number}@{company.slug}.example" for number in range(company.people)]
    budgets = [{"period": "month", "limit": UNLIMITED}]
    team: dict[str, Any] = {
        "slug": "team",
        "name": "Team",
        "budgets": budgets,
        "api_keys": [
            {"name": f"k{number}", "user": email, "scopes": ["chat", "models"], "value": company.keys[number]}
            for number, email in enumerate(emails)
        ],
    }
    if company.requests_per_minute is not None:
        team["rate_limits"] = {"requests_per_minute": company.requests_per_minute}
    rules = [
        {"when": {"sensitivity": "sensitive"}, "require": {"hosting": "self_hosted"}},
        {"when": {"context_tokens": {"min": 50_000}}, "require": {"capabilities": ["json"]}},
    ]
    return {
        "slug": company.slug,
        "name": company.slug.title(),
        "users": [
            {"email": email, "name": f"Person {number}", "role": "employee", "teams": ["team"]}
            for number, email in enumerate(emails)
        ],
        "budgets": budgets,
        "teams": [team],
        "policy": {"strategy": "cheapest", "titles": False, "max_output_tokens": 500, "rules": rules},
    }


class Installation(RealServer):
    """A `RealServer` of one or several web processes over one listening socket, whose processor time can be read."""

    def __init__(self, folder: Path, *, config: str, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(folder, config=config, environment=environment)
        self.processes = 1
        self._web: list[subprocess.Popen[bytes]] = []

    def serve(self, web_processes: int) -> None:
        """Serve with so many processes, over the same database; does nothing where it is so already."""
        if web_processes != self.processes:
            self.stop()
            self.processes = web_processes
            self.start()

    def start(self) -> Self:
        said = self.log.count("process.ready")
        with socket.create_server(("127.0.0.1", self.port), backlog=2048) as listener:
            self._web = [self._spawn(listener) for _ in range(self.processes)]
        self._process = self._web[0]
        self._wait_until_ready()
        self._wait_for_all(said + self.processes)
        return self

    def stop(self) -> None:
        """An orderly end of all: SIGTERM, drain."""
        for process in self._web:
            process.terminate()
        for process in self._web:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._web, self._process = [], None

    @property
    def pids(self) -> tuple[int, ...]:
        """The web processes."""
        return tuple(process.pid for process in self._web)

    def cpu_s(self) -> tuple[float, ...]:
        """User and system seconds that each web process has used so far."""
        return tuple(processes.cpu_s(pid) for pid in self.pids)

    def resident_mb(self) -> float:
        """Memory that the largest web process holds now."""
        return max(processes.resident_mb(pid) for pid in self.pids)

    def _spawn(self, listener: socket.socket) -> "subprocess.Popen[bytes]":
        environment = self.environment
        if self.processes > 1:  # as `manage.py up` does
            metrics = self.folder / "metrics"
            metrics.mkdir(exist_ok=True)
            environment = {**environment, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "openroute_site.serve", "--fd", str(listener.fileno())],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
                pass_fds=(listener.fileno(),), preexec_fn=partial(die_with_parent, signal.SIGTERM),
            )  # fmt: skip

    def _wait_for_all(self, count: int) -> None:
        """One that is ready answers for all of them on the common socket; the log tells of each."""
        end = time.monotonic() + READY_S
        while self.log.count("process.ready") < count:
            if time.monotonic() > end or any(process.poll() is not None for process in self._web):
                raise AssertionError(f"Not all web processes became ready:\n{self.log[-4000:]}")
            time.sleep(0.05)


def question(model: str, text: str, *, stream: bool) -> str:
    """The body of a chat completion."""
    body = {
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": text},
        ],
        "temperature": 0.3,
    }
    return orjson.dumps(body | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})).decode()
