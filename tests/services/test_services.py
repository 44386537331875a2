"""The servers of the tests do what crash tests need, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from tests.support.services import OWNER, PostgresCluster, RedisServer
from tests.support.stores import ROOT

pytestmark = pytest.mark.services

WRAPPER = [sys.executable, "-m", "tests.support.services", "--"]


def is_gone(pid: int) -> bool:
    """Whether a process has ended, also where nobody has collected it yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


class TestACluster:
    def test_keeps_what_was_committed_over_kill_9_and_restarts(self) -> None:
        with PostgresCluster(fsync=True, settings={"max_connections": "20"}) as cluster:
            url, owner_url = cluster.create_database("crash")
            with psycopg.connect(owner_url) as owner:
                owner.execute("CREATE TABLE kept (id int)")
                owner.execute("INSERT INTO kept VALUES (1)")
            cluster.kill()
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(url, connect_timeout=2)
            cluster.start()
            cluster.restart()

            with psycopg.connect(owner_url) as owner:
                assert owner.execute("SELECT * FROM kept").fetchall() == [(1,)]
                shown = [owner.execute(f"SHOW {name}").fetchone() for name in ("fsync", "max_connections")]
            folder = cluster.folder
        assert shown == [("on",), ("20",)]
        assert not folder.exists()

    def test_runs_neither_as_root_nor_with_strong_logins(self) -> None:
        with PostgresCluster() as cluster:
            assert Path(f"/proc/{cluster.pid}").stat().st_uid != 0
            with psycopg.connect(cluster.dsn(OWNER)) as owner:
                strong = owner.execute(
                    "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'openroute%' AND (rolsuper OR rolbypassrls)"
                ).fetchone()
        assert strong == (0,)


class TestRedis:
    def test_is_empty_after_a_restart_on_the_same_port(self) -> None:
        with RedisServer() as server, Redis.from_url(server.url) as client:
            client.set("a", 1)
            server.kill()
            server.start()

            assert client.get("a") is None


class TestTheWrapper:
    def test_gives_the_command_both_and_returns_its_exit_code(self) -> None:
        shell = "env | grep -cE '^(DATABASE_URL|DATABASE_OWNER_URL|REDIS_URL)='; exit 7"
        done = subprocess.run([*WRAPPER, "sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False)

        assert (done.returncode, done.stdout.strip()) == (7, "3")

    @pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
    def test_takes_everything_down_with_it(self, tmp_path: Path, signum: signal.Signals) -> None:
        shell = f"echo $$ $PPID > {tmp_path}/pids; exec sleep 60"
        process = subprocess.Popen([*WRAPPER, "sh", "-c", shell], cwd=ROOT)
        end = time.monotonic() + 30
        while not (tmp_path / "pids").exists() and time.monotonic() < end:
            time.sleep(0.05)
        children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        assert len(children) == 3  # PostgreSQL, Redis, the command
        os.kill(process.pid, signum)
        process.wait(30)

        while not all(map(is_gone, children)) and time.monotonic() < end:
            time.sleep(0.05)
        assert [pid for pid in children if not is_gone(pid)] == []
