"""`make run` on PostgreSQL and Redis with two web processes: the same product, and no server with the owner's login."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support import databases
from tests.support.journeys import Browser, Socket
from tests.support.server import RealServer
from tests.support.stores import ROOT, PostgresStore
from tests.support.world import PASSWORD, Company

pytestmark = [pytest.mark.services, pytest.mark.server]

NAME = "openroute_make_run"
PATIENCE_S = 60.0
LATER_S = 20.0


class Demo(Company):
    """The demo's Acme, as `Browser` wants it."""

    def email(self, who: str = "erin") -> str:
        return f"{who}@acme.example"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealServer, "subprocess.Popen[bytes]"]]:
    """Everything that `make run` starts, on an empty database that only the owner's login can fill."""
    databases.create_empty(NAME)
    urls = databases.addresses(NAME)
    server = RealServer(tmp_path_factory.mktemp("run"), config="", store=PostgresStore(urls))
    redis = urlsplit(os.environ["REDIS_URL"])._replace(path="/1001").geturl()
    environment = {**server.environment, **urls, "REDIS_URL": redis, "WEB_PROCESSES": "2", "DEMO_MODELS_PORT": "0"}
    environment["DEMO_PASSWORD"] = PASSWORD
    environment.pop("ALLOWED_ORIGINS")
    with (server.folder / "server.log").open("wb") as log:
        command = [sys.executable, "manage.py", "up", "--port", str(server.port), "--with-parent"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + PATIENCE_S
        while "OpenRoute is ready" not in server.log and time.monotonic() < end and process.poll() is None:
            time.sleep(0.1)
        assert "OpenRoute is ready" in server.log, server.log[-4000:]
        yield server, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        databases.drop(NAME)


def programs(parent: int) -> dict[int, str]:
    """The processes of `up`, each with its command line."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return {int(pid): Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in children}


class TestMakeRun:
    def test_starts_two_web_processes_and_none_that_knows_the_owners_login(
        self, running: tuple[RealServer, "subprocess.Popen[bytes]"]
    ) -> None:
        started = programs(running[1].pid)

        assert sum("openroute_site.serve" in command for command in started.values()) == 2
        for pid in started:
            variables = Path(f"/proc/{pid}/environ").read_text()
            assert "DATABASE_URL=" in variables
            assert "DATABASE_OWNER_URL" not in variables

    async def test_answers_on_every_device_whichever_process_it_reached(
        self, running: tuple[RealServer, "subprocess.Popen[bytes]"]
    ) -> None:
        server, _ = running
        with Browser(server, Demo("acme", []), "erin") as browser:
            sockets = [Socket(server, browser=browser) for _ in range(6)]  # two processes take them in turn
            try:
                for socket in sockets:
                    await socket.__aenter__()
                await sockets[0].answer("What is the capital of France?")
                heard = await asyncio.gather(*(socket.until("conversation", timeout=10) for socket in sockets[1:]))
            finally:
                for socket in sockets:
                    await socket.__aexit__()

        assert len(heard) == 5

    def test_lets_the_worker_do_what_may_happen_later(
        self, running: tuple[RealServer, "subprocess.Popen[bytes]"]
    ) -> None:
        end = time.monotonic() + LATER_S
        question = "select state from core_job where kind = 'chat.title'"
        while (found := running[0].rows(question)) != [{"state": "done"}] and time.monotonic() < end:
            time.sleep(0.2)

        assert found == [{"state": "done"}]
