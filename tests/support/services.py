"""A throw-away PostgreSQL cluster and Redis server, on free ports of this machine and in a temporary folder.

    python -m tests.support.services -- pytest tests/integration      # runs the command with both, then ends both

    with PostgresCluster(fsync=True) as cluster:                      # a crash test has a cluster that it may kill
        url, owner_url = cluster.create_database("crash")
        cluster.kill()                                                # kill -9 of every process of it
        cluster.start()                                               # the same port and data, after crash recovery

Start them in the main thread: the kernel ends them when the thread that started them ends, so that nothing is left over
when a test run is killed. What a killed run leaves in the temporary folder, the next one removes.
"""

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import psycopg
import redis
from psycopg import sql

from apps.core.supervisor import die_with_parent

OWNER: Final = "openroute_owner"
APPLICATION: Final = "openroute"
SUPERUSER: Final = "postgres"
DATABASE: Final = "openroute"
HOST: Final = "127.0.0.1"
READY_S: Final = 60.0
STOP_S: Final = 20.0
HOW_TO_INSTALL: Final = "apt-get install postgresql redis-server"
PREFIX: Final = "openroute-services-"
REDIS_DATABASES: Final = 1024
"""Numbered databases of a Redis server: each worker of a test run and each server under test has its own."""

SPEED: Final[Mapping[str, str]] = {"fsync": "off", "full_page_writes": "off"}
"""What the ordinary suite does without: it never loses power. Crash tests keep both on."""
SETTINGS: Final[Mapping[str, str]] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "lc_messages": "C",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


class ServiceMissing(RuntimeError):
    """A program that is not installed. The message says how to install it."""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


class _Service:
    """One server process in a folder of its own. Stopped, killed and started again it keeps port and folder."""

    user = SUPERUSER  # whom root becomes: neither server runs as root

    def __init__(self, folder: Path | None = None) -> None:
        _sweep_left_overs()
        self.port = free_port()
        self._temporary, self._lock = (None, None) if folder else _temporary_folder()
        self.folder = Path(folder or self._temporary or "")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._hand_over(self.folder)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The main process."""
        assert self._process is not None, "it was never started"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the server has printed so far."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def start(self) -> Self:
        """Start, or start again, and wait until it answers. Raises `AssertionError` with its log where it does not."""
        assert not self.is_running, "it runs already"
        self._process = self._spawn(self._command())
        end = time.monotonic() + READY_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self._command()[0]} does not answer:\n{self.log[-4000:]}")
            time.sleep(0.05)
        return self

    def stop(self) -> None:
        """An orderly end: what runs is aborted, what was committed is written."""
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """kill -9 of the server and all its processes: nothing of it gets to say good-bye."""
        if self._process is None:
            return
        victims = [self.pid, *_children(self.pid)]
        for pid in victims:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        while any(Path(f"/proc/{pid}").exists() for pid in victims):
            time.sleep(0.01)  # a new postmaster refuses to start beside the last of the old one's children

    def restart(self) -> None:
        """Stop in order and start again."""
        self.stop()
        self.start()

    def pause(self) -> None:
        """Freeze all processes: connections stay open and nothing answers."""
        for pid in (self.pid, *_children(self.pid)):
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after `pause`."""
        for pid in (*_children(self.pid), self.pid):
            os.kill(pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop for good and remove the temporary folder."""
        self.stop()
        if self._temporary and self._lock is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            os.close(self._lock)
            self._temporary = self._lock = None

    _stop_signal = signal.SIGTERM

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def _spawn(self, command: list[str]) -> "subprocess.Popen[bytes]":
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,  # Ctrl-C is for whoever uses the server
                preexec_fn=partial(die_with_parent, signal.SIGQUIT if self.user == SUPERUSER else signal.SIGTERM),
                **self._as_user(),
            )

    def _as_user(self) -> dict[str, Any]:
        if os.geteuid():
            return {}
        entry = _account(self.user)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}

    def _hand_over(self, path: Path) -> None:
        if os.geteuid() == 0:
            entry = _account(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)


class PostgresCluster(_Service):
    """A PostgreSQL cluster with the two logins of the house.

    `fsync`: honest about power cuts, and slower; needed by no test that only kills processes. `settings`: further lines
    of postgresql.conf.
    """

    _stop_signal = signal.SIGINT  # "fast": does not wait for clients

    def __init__(
        self, folder: Path | None = None, *, fsync: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        self._binaries = _postgres_binaries()
        super().__init__(folder)
        self._settings = {**SETTINGS, **({} if fsync else SPEED), **(settings or {}), "port": str(self.port)}
        self._passwords = {name: secrets.token_hex(16) for name in (SUPERUSER, OWNER, APPLICATION)}
        self._data = self.folder / "data"

    @property
    def url(self) -> str:
        """DATABASE_URL: the application's login on the ordinary database."""
        return self.dsn(APPLICATION)

    @property
    def owner_url(self) -> str:
        """DATABASE_OWNER_URL: the owner's login on the ordinary database."""
        return self.dsn(OWNER)

    def dsn(self, login: str = APPLICATION, database: str = DATABASE) -> str:
        """The address of a database for a login: `openroute`, `openroute_owner` or the superuser `postgres`."""
        return f"postgresql://{login}:{self._passwords[login]}@{HOST}:{self.port}/{database}"

    def start(self) -> Self:
        """Make the cluster at the first start, then run it."""
        is_new = not self._data.exists()
        if is_new:
            self._initialise()
        super().start()
        if is_new:
            self._create_logins()
        return self

    def create_database(self, name: str) -> tuple[str, str]:
        """An empty database of the owner's; returns (DATABASE_URL, DATABASE_OWNER_URL)."""
        with psycopg.connect(self.dsn(OWNER, "postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.dsn(APPLICATION, name), self.dsn(OWNER, name)

    def execute(self, statement: sql.SQL | sql.Composed, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside a transaction; returns its rows."""
        with psycopg.connect(self.dsn(SUPERUSER, database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _initialise(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self._passwords[SUPERUSER])
        self._hand_over(password_file)
        options = [f"--pgdata={self._data}", f"--username={SUPERUSER}", f"--pwfile={password_file}", "--no-sync"]
        options += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        command = [str(self._binaries / "initdb"), *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.folder, check=False, **self._as_user())
        if done.returncode:
            raise AssertionError(f"initdb failed:\n{done.stdout}\n{done.stderr}")
        with (self._data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in self._settings.items())

    def _create_logins(self) -> None:
        """What a database administrator does once (README, "On PostgreSQL and Redis"), and what tests need besides."""
        for login, right in ((OWNER, "CREATEDB"), (APPLICATION, "NOCREATEDB")):  # tests make databases
            create = "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE " + right + " PASSWORD {}"
            self.execute(sql.SQL(create).format(sql.Identifier(login), sql.Literal(self._passwords[login])))
        self.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(sql.Identifier(OWNER)))  # DROP ... WITH (FORCE)
        self.create_database(DATABASE)

    def _command(self) -> list[str]:
        return [str(self._binaries / "postgres"), "-D", str(self._data)]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


class RedisServer(_Service):
    """A Redis server that keeps nothing: after a restart it is empty, as hints and wake-ups may be."""

    user = "redis"

    def __init__(self, folder: Path | None = None) -> None:
        self._binary = shutil.which("redis-server")
        if not self._binary:
            raise ServiceMissing(f"redis-server is missing. Install it: {HOW_TO_INSTALL}")
        super().__init__(folder)

    @property
    def url(self) -> str:
        """REDIS_URL."""
        return f"redis://{HOST}:{self.port}/0"

    def _command(self) -> list[str]:
        return [
            *(str(self._binary), "--port", str(self.port), "--bind", HOST),
            *("--save", "", "--appendonly", "no", "--daemonize", "no", "--databases", str(REDIS_DATABASES)),
        ]

    def _answers(self) -> bool:
        with closing(redis.Redis(host=HOST, port=self.port, socket_timeout=2)) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


def _postgres_binaries() -> Path:
    """The newest installed PostgreSQL: Debian keeps the server's programs out of PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    folders += [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise ServiceMissing(f"PostgreSQL's server is missing. Install it: {HOW_TO_INSTALL}")


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise ServiceMissing(f"There is no user {name!r} for the server. Install it: {HOW_TO_INSTALL}") from None


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _temporary_folder() -> tuple[str, int]:
    """A folder, and the lock that says that its owner lives."""
    folder = tempfile.mkdtemp(prefix=PREFIX)
    os.chmod(folder, 0o711)
    lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock


def _sweep_left_overs() -> None:
    """Remove folders whose owner was killed: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if time.time() - folder.stat().st_mtime > READY_S:  # one that is being made is not locked yet
                    shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def run(command: Sequence[str]) -> int:
    """Run a command with DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL; returns its exit code as a shell does."""
    with PostgresCluster() as cluster, RedisServer() as redis_server:
        environment = {
            **os.environ,
            "DATABASE_URL": cluster.url,
            "DATABASE_OWNER_URL": cluster.owner_url,
            "REDIS_URL": redis_server.url,
        }
        process = subprocess.Popen(command, env=environment, preexec_fn=partial(die_with_parent, signal.SIGTERM))
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        signal.signal(signal.SIGINT, lambda *_: None)  # the terminal sends Ctrl-C to the command as well
        try:
            code = process.wait()
        finally:
            process.kill()
    return 128 - code if code < 0 else code


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--"]:
        arguments = arguments[1:]
    if not arguments:
        print("Usage: python -m tests.support.services -- COMMAND [ARGUMENT...]", file=sys.stderr)
        return 2
    die_with_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return run(arguments)
    except ServiceMissing as missing:
        print(missing, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
