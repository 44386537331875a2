"""A real web process over a database file of its own, configured as an operator would: `migrate`, `apply`, serve.

with RealServer(tmp_path, config=CONFIG) as server:
    key = server.api_key("acme", "erin@acme.example", "research")
    reply = httpx.get(server.url + "/v1/models", headers={"Authorization": f"Bearer {key}"})
    server.kill()      # kill -9; server.start() brings the same state back
"""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".pytest_cache" / "server"
READY_S = 60.0


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RealServer:
    """One web process and its commands. `environment` is added to what the process sees."""

    def __init__(self, folder: Path, *, config: str, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.config = config
        self.environment = {
            **_environment(),
            "STATE_DIR": str(folder / "state"),
            "ALLOWED_ORIGINS": self.url,
            "OUTBOUND_ALLOW_HOSTS": "127.0.0.1",
            **(environment or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1/chat"

    @property
    def database(self) -> Path:
        """The file that holds everything."""
        return self.folder / "state" / "openroute.sqlite3"

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

    def prepare(self) -> None:
        """The database with its configuration; the migrated file is made once per test run and copied."""
        template = _migrated_template()
        (self.folder / "state").mkdir(exist_ok=True)
        shutil.copy(template, self.folder / "state" / "openroute.sqlite3")
        self.apply(self.config)

    def apply(self, config: str) -> str:
        """Run `manage.py apply` on a configuration; returns what it printed."""
        path = self.folder / "config.yaml"
        path.write_text(config)
        return self.manage("apply", str(path))

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a command of `manage.py` with the environment of the server."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60)
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

    def rows(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
        """Look into the database beside the running server."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(sql, parameters).fetchall()

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


def _migrated_template() -> Path:
    """A database file with the newest migrations, made once and kept for all workers and runs until one changes."""
    sources = [*sorted(ROOT.glob("apps/*/migrations/*.py")), ROOT / "apps/audit/triggers.py"]
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    folder = CACHE / f"template-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    template = folder / "template.sqlite3"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            _migrate(folder)
            (folder / "openroute.sqlite3").rename(template)
    return template


def _migrate(folder: Path) -> None:
    environment = {**_environment(), "STATE_DIR": str(folder)}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
    with closing(sqlite3.connect(folder / "openroute.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _environment() -> dict[str, str]:
    """What every process of a test server sees: nothing of this one's settings, and compiled modules that are kept."""
    hidden = ("OPENROUTE_", "DJANGO_", "PYTHONDONTWRITEBYTECODE")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(hidden)},
        "DJANGO_SETTINGS_MODULE": "openroute_site.settings.local",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPYCACHEPREFIX": str(CACHE / "bytecode"),
    }
