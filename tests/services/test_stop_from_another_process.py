"""A second device, connected to another web process, stops an answer: at once, and without Redis a little later."""

import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.functional.companies import GUARDED, PATIENT
from tests.support.journeys import Frame, Socket
from tests.support.patience import BUSY
from tests.support.services import RedisServer
from tests.support.two_processes import Installation, away
from tests.support.upstream import Script, Upstream
from tests.support.world import configuration, prices

pytestmark = [pytest.mark.services, pytest.mark.server]

ENDLESS = Script(tokens=3000, delay_s=0.02)
PROMISED_S = 0.5
POLL_S = 1.0


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(GUARDED, PATIENT)).in_thread() as running:
        running.script("patient-cloud", ENDLESS)
        yield running


@pytest.fixture(scope="module")
def two(redis: RedisServer, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    config = configuration(GUARDED, PATIENT, outside=upstream.base_url, inside=upstream.base_url)
    folder, database = tmp_path_factory.mktemp("two"), f"openroute_stop_{os.getpid()}"
    with Installation(folder, config=config, redis=redis, database=database) as running:
        yield running


async def told(socket: Socket) -> Frame:
    """The frame that ends the answer."""
    return (await socket.until("completed", timeout=10))[-1]


@pytest.mark.parametrize(("is_away", "bound_s"), [(False, PROMISED_S), (True, POLL_S + PROMISED_S)])
async def test_stops_the_answer(redis: RedisServer, two: Installation, is_away: bool, bound_s: float) -> None:
    key = PATIENT.key("nora")
    async with Socket(two.one, key=key) as laptop, Socket(two.other, key=key) as phone:
        with away(redis, "dead") if is_away else nullcontext():
            accepted = await laptop.ask("Tell me a story.")
            await laptop.until("delta")
            began = time.monotonic()
            await phone.send("stop", turn=accepted["turn"])
            end = await told(laptop)
            took = time.monotonic() - began
    print(f"stopped after {took:.2f} s")

    assert end["finish"] == "stopped"
    assert took < BUSY * bound_s


async def test_is_for_the_asker_alone(two: Installation) -> None:
    async with Socket(two.one, key=PATIENT.key("nora")) as asker, Socket(two.other, key=GUARDED.key()) as stranger:
        accepted = await asker.ask("Tell me a story.")
        await asker.until("delta")
        await stranger.send("stop", turn=accepted["turn"])
        refused = (await stranger.until("error"))[-1]
        await asyncio.sleep(2 * POLL_S)
        await asker.send("stop", turn=accepted["turn"])
        frames = await asker.until("completed", timeout=10)

    assert refused["code"] == "not_found"
    assert sum(frame["type"] == "delta" for frame in frames) > POLL_S / ENDLESS.delay_s
