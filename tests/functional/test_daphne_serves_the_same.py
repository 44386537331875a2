"""Daphne has no lifespan: the process starts with its first request, and Twisted's shutdown drains it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import pytest

from tests.support.journeys import Api, Browser, Socket, is_done, of_type, streamed_text, within
from tests.support.server import RealServer
from tests.support.stores import ROOT
from tests.support.upstream import Script, Upstream
from tests.support.world import Company, Model, configuration, prices

pytestmark = [pytest.mark.server, pytest.mark.any_store]

TWISTED = Company("twisted", [Model("twisted-cloud", "4", 0.95), Model("twisted-inside", "0", 0.4)], signs_in=True)
QUESTION = "How high is the Eiffel tower?"


class DaphneServer(RealServer):
    """The same process under daphne, as an operator starts it or as `runserver` does."""

    command: Sequence[str] = ()

    def start(self) -> Self:
        command = [part.format(port=self.port) for part in self.command]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()
        return self


class Runserver(DaphneServer):
    command = ("manage.py", "runserver", "--noreload", "127.0.0.1:{port}")


class Daphne(DaphneServer):
    command = ("-m", "daphne", "--bind", "127.0.0.1", "--port", "{port}", "openroute_site.asgi:application")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(TWISTED)).in_thread() as running:
        yield running


@pytest.fixture(params=[Daphne, Runserver])
def own_server(request: pytest.FixtureRequest, tmp_path: Path, upstream: Upstream) -> Iterator[DaphneServer]:
    config = configuration(TWISTED, outside=upstream.base_url, inside=upstream.base_url)
    with request.param(tmp_path / "server", config=config) as running:
        yield running


def state_of(server: RealServer, turn: str) -> str:
    rows = server.rows("select id, state from turns_turn")
    return next(str(row["state"]) for row in rows if str(row["id"]).replace("-", "") == turn.replace("-", ""))


async def test_a_question_an_api_call_and_a_sign_in_work_and_a_stop_drains(
    own_server: DaphneServer, upstream: Upstream
) -> None:
    upstream.script("twisted-cloud", Script(tokens=20, delay_s=0.02))
    with await asyncio.to_thread(Browser, own_server, TWISTED) as person:
        async with Socket(own_server, browser=person) as socket:
            _, frames = await socket.answer(QUESTION)
    async with Api(own_server, TWISTED.key()) as api:
        streamed = await api.ask(QUESTION, stream=True)

    assert frames[-1]["type"] == "completed", frames[-1]
    assert len(of_type(frames, "delta")) > 5
    assert is_done(streamed)
    assert streamed_text(streamed)

    upstream.script("twisted-cloud", Script(tokens=60, delay_s=0.05))
    async with Socket(own_server, key=TWISTED.key()) as socket:
        accepted = await socket.ask(QUESTION)
        await socket.until("delta")
        began = time.monotonic()
        own_server.terminate()
        await within(15, lambda: own_server.exit_code is not None)

    assert 1 < time.monotonic() - began < 15, own_server.log[-2000:]
    assert state_of(own_server, accepted["turn"]) == "completed"
