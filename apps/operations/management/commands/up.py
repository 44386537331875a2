"""`manage.py up`: everything that `make run` runs, as one supervised process tree."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.core.supervisor import Program, Supervisor, die_with_parent

PROBE_TIMEOUT_S: Final = 1.0
WORKER_THREADS: Final = 4
AWAITED: Final = {"web": "Application startup complete.", "worker": "ready."}
"""How the line ends with which a program says that it is up: uvicorn's and Celery's own words."""
OWNERS_LOGIN: Final = ("DATABASE_OWNER_URL", "DATABASE_OWNER_URL_FILE")
COLOURS: Final = {"web": 36, "worker": 35, "beat": 34, "demo": 33, "up": 32}


class Command(BaseCommand):
    """Migrate, load the demo company, then start web, worker, beat and the demo model server, until Ctrl-C."""

    help = __doc__ or ""
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="the demo accounts are public: keep to this machine")
        parser.add_argument("--no-demo", action="store_true", help="neither demo company nor demo model server")
        parser.add_argument(
            "--with-parent", action="store_true", help="end when the process that started this one dies"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["with_parent"]:
            die_with_parent(signal.SIGTERM)
        web_processes = _web_processes()
        listener = _listen(options["host"], options["port"])
        demo_port = 0 if options["no_demo"] else _demo_port()
        os.environ["DEMO_MODELS_PORT"] = str(demo_port)
        os.environ.setdefault("ALLOWED_ORIGINS", _own_origins(options["port"]))
        sign_ins = _prepare(with_demo=bool(demo_port))
        for variable in OWNERS_LOGIN:  # it was needed to migrate; nothing that serves ever sees it
            os.environ.pop(variable, None)
        console = Console(sys.stdout, awaited=AWAITED)
        supervisor = Supervisor(
            _programs(listener.fileno(), web_processes, demo_port),
            emit=console.say,
            ready=lambda: console.heard_all() and _answers(options["host"], options["port"]),
            on_ready=lambda: console.show(_welcome(options["port"], sign_ins)),
        )
        if code := supervisor.run():
            sys.exit(code)


def _web_processes() -> int:
    """How many web processes are wanted. Raises `CommandError` where they could not see each other's messages."""
    wanted = int(os.environ.get("WEB_PROCESSES", "1"))
    if wanted > 1 and (settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") or not settings.REDIS_URL):
        raise CommandError("WEB_PROCESSES above 1 needs PostgreSQL (DATABASE_URL) and Redis (REDIS_URL).")
    return max(1, wanted)


def _listen(host: str, port: int) -> socket.socket:
    """The web's listening socket, held by the supervisor for as long as it runs."""
    try:
        return socket.create_server((host, port), backlog=2048)
    except OSError as error:
        reason, other = os.strerror(error.errno or 0), f"make run PORT={port + 1}"
        raise CommandError(
            f"Port {port} cannot be used ({reason}): stop what listens there, or choose another: {other}"
        ) from error


def _own_origins(port: int) -> str:
    """The addresses of the pages that this server itself shows: theirs may open sockets."""
    return f"http://localhost:{port},http://127.0.0.1:{port}"


def _demo_port() -> int:
    """The configured port of the demo model server, or one that is free now when something else listens there."""
    for port in (settings.DEMO_MODELS_PORT, 0):
        try:
            with socket.create_server(("127.0.0.1", port)) as probe:
                return int(probe.getsockname()[1])
        except OSError:
            continue
    raise CommandError("No free port was found for the demo model server.")


PREPARE: Final = """
import sys, django
from django.core.management import call_command
django.setup()
call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
if "demo" in sys.argv:
    call_command("demo", skip_checks=True)
"""


def _prepare(*, with_demo: bool) -> str:
    """Migrate and load the demo company; returns its sign-ins.

    In a process of its own, so that this one stays free of threads and connections, and in one, because each start of
    Django costs a second.
    """
    command = [sys.executable, "-c", PREPARE, *(["demo"] if with_demo else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        sys.stdout.write(done.stdout)
        raise CommandError("The database could not be prepared: the lines above say why.")
    return done.stdout


def _programs(web_fd: int, web_processes: int, demo_port: int) -> list[Program]:
    """In the order in which they are drained: first what takes new work, last what running work needs."""
    python = sys.executable
    celery = [python, "-m", "celery", "--quiet", "--app", "openroute_site"]
    worker = ["worker", "--pool", "threads", "--concurrency", str(WORKER_THREADS)]
    environment = _metrics_folder() if web_processes > 1 else {}
    # uvicorn's patience with connections, then ours with running answers and what they still have to write.
    web_drain_s = 2 * settings.OPENROUTE_DRAIN_S + 12
    web = [python, "-m", "openroute_site.serve", "--fd", str(web_fd)]
    programs = [
        Program(f"web{number or ''}", web, web_drain_s, environment, (web_fd,)) for number in range(web_processes)
    ]
    # Django's checks import all routes, and with them the detector; the web has just made them.
    unchecked = {"CELERY_SKIP_CHECKS": "1"}
    programs += [
        Program("worker", [*celery, *worker, "--without-gossip", "--without-mingle"], environment=unchecked),
        Program("beat", [*celery, "beat", "--pidfile="], drain_s=3, environment=unchecked),
    ]
    if demo_port:
        server = [python, "-m", "apps.operations.demo_models.server", "--port", str(demo_port)]
        programs.append(Program("demo", server, drain_s=3))
    return programs


def _metrics_folder() -> dict[str, str]:
    """Where several web processes leave their counters, emptied at each start."""
    folder = Path(settings.STATE_DIR) / "metrics"
    folder.mkdir(exist_ok=True)
    for left_over in folder.glob("*.db"):
        left_over.unlink()
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


def _answers(host: str, port: int) -> bool:
    """Whether the web says that it is ready: stores reachable, process started."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_TIMEOUT_S)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Console:
    """Prints the lines of the programs, and notices which of them have said what they are waited for.

    `awaited`: how a program's line ends when it is up. A quieter log level may hide it, hence `patience_s`.
    """

    def __init__(self, out: TextIO, *, awaited: Mapping[str, str], patience_s: float = 20.0) -> None:
        self._out, self._awaited = out, dict(awaited)
        self._until = time.monotonic() + patience_s
        self._colour = out.isatty()

    def say(self, name: str, line: str) -> None:
        """Print one line under the name of its program; empty ones are left out."""
        if name in self._awaited and line.endswith(self._awaited[name]):
            del self._awaited[name]
        if not line.strip():
            return
        label = f"{name:<7}|"
        if self._colour:
            label = f"\x1b[{COLOURS.get(name, 36)}m{label}\x1b[0m"
        self._out.write(f"{label} {line}\n")
        self._out.flush()

    def show(self, text: str) -> None:
        """Print a text as it stands."""
        self._out.write(text)
        self._out.flush()

    def heard_all(self) -> bool:
        """Whether every awaited program is up, or has been waited for long enough."""
        return not self._awaited or time.monotonic() > self._until


def _welcome(port: int, sign_ins: str) -> str:
    return f"\nOpenRoute is ready: http://localhost:{port}\n{sign_ins.rstrip()}\nCtrl-C stops everything.\n"
