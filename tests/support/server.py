"""A real web process over a database of its own, configured as an operator would: `migrate`, `apply`, serve.

The database is a file, or a PostgreSQL database where the test run has one; a test that names DATABASE_URL (and
DATABASE_OWNER_URL, which migrates) in the server's environment gets that. See `stores`.

with RealServer(tmp_path, config=CONFIG) as server:
    key = server.api_key("acme", "erin@acme.example", "research")
    reply = httpx.get(server.url + "/v1/models", headers={"Authorization": f"Bearer {key}"})
    server.kill()      # kill -9; server.start() brings the same state back
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Self

from tests.support.stores import ROOT, Row, Store, plain_environment, store_for

READY_S = 60.0


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RealServer:
    """One web process and its commands. `environment` is added to what the process sees; `store` as in `stores`."""

    def __init__(
        self, folder: Path, *, config: str, environment: Mapping[str, str] | None = None, store: Store | None = None
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = config
        given = dict(environment or {})
        self.store = store or store_for(folder / "state", given)
        given.pop("DATABASE_OWNER_URL", None)  # the processes of a server never see it
        self.environment = {
            **plain_environment(),
            "STATE_DIR": str(folder / "state"),
            "ALLOWED_ORIGINS": self.url,
            "OUTBOUND_ALLOW_HOSTS": "127.0.0.1",
            **self.store.environment,
            **given,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1/chat"

    @property
    def log(self) -> str:
        """What the process has printed so far."""
        path = self.folder / "server.log"
        return path.read_text() if path.exists() else ""

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.prepare()
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.store.remove()

    def prepare(self) -> None:
        """The database with its configuration."""
        self.store.prepare()
        self.apply(self.config)

    def apply(self, config: str) -> str:
        """Run `manage.py apply` on a configuration; returns what it printed."""
        path = self.folder / "config.yaml"
        path.write_text(config)
        return self.manage("apply", str(path))

    def manage(self, *arguments: str, check: bool = True, timeout_s: float = 60) -> str:
        """Run a command of `manage.py` with the environment of the server."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=timeout_s
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def python(self, program: str) -> str:
        """Run a program with Django set up on the server's database, as a worker or a command does."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{program}"]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def run_jobs(self) -> None:
        """Do once what a Celery worker does when it is woken: run every job that is due."""
        self.python("from apps.core.tasks import run_due_jobs; run_due_jobs()")

    def api_key(self, tenant: str, user: str, team: str, *scopes: str) -> str:
        """A new API key of this person."""
        extra = ["--scopes", *scopes] if scopes else []
        printed = self.manage("issue_api_key", "--tenant", tenant, "--user", user, "--team", team, "--json", *extra)
        return str(json.loads(printed)["key"])

    def start(self) -> Self:
        command = [sys.executable, "-m", "openroute_site.serve", "--port", str(self.port)]
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        self._wait_until_ready()
        return self

    def kill(self) -> None:
        """kill -9: nothing of the process gets to say good-bye. Without a process there is nothing to do."""
        if self._process is None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """An orderly end: SIGTERM, drain."""
        if self._process is None or self._process.poll() is not None:
            return
        self.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def terminate(self) -> None:
        """Ask for an orderly end and do not wait for it."""
        assert self._process is not None
        self._process.terminate()

    @property
    def exit_code(self) -> int | None:
        """None while the process runs."""
        assert self._process is not None
        return self._process.poll()

    def rows(self, sql: str, *parameters: Any) -> list[Row]:
        """Look into the database beside the running server."""
        return self.store.rows(sql, *parameters)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"The server ended at once:\n{self.log[-4000:]}")
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError(f"The server was not ready in {READY_S} s:\n{self.log[-4000:]}")
