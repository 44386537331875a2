"""Redis goes away under running servers: people still sign in, ask and are shown answers, and limits still hold.

And what it is there for: two web processes know of each other at once what they would find out a second later.
"""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

import pytest

from apps.core import hints
from apps.domain.ids import new_id
from apps.turns import rates
from tests.functional.companies import GUARDED, PATIENT, RATED, RESTING
from tests.support.journeys import Api, Browser, Frame, Socket, Transcript, code, within
from tests.support.patience import BUSY
from tests.support.server import RealServer
from tests.support.services import RedisServer
from tests.support.two_processes import Installation, away
from tests.support.upstream import Script, Upstream
from tests.support.world import Company, Model, configuration, prices

pytestmark = [pytest.mark.services, pytest.mark.server]

HOWS = pytest.mark.parametrize("how", ["dead", "hangs"])

PACED = Company("paced", [Model("paced-cloud")], team_rate=2)
EVERYBODY = (GUARDED, PATIENT, RATED, PACED, RESTING)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture(scope="module")
def _upstream() -> Iterator[Upstream]:
    with Upstream(prices=prices(*EVERYBODY)).in_thread() as running:
        yield running


@pytest.fixture
def upstream(_upstream: Upstream) -> Upstream:
    _upstream.reset()
    return _upstream


@pytest.fixture(scope="module")
def two(redis: RedisServer, _upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    config = configuration(*EVERYBODY, outside=_upstream.base_url, inside=_upstream.base_url)
    folder, database = tmp_path_factory.mktemp("two"), f"openroute_two_{os.getpid()}"
    with Installation(folder, config=config, redis=redis, database=database) as running:
        yield running


class TestAServer:
    @HOWS
    async def test_goes_on_without_redis(self, redis: RedisServer, two: Installation, how: str) -> None:
        with away(redis, how):
            started = time.monotonic()
            with Browser(two.one, GUARDED) as browser:
                assert browser.http.get("/api/v1/me/").status_code == 200
                async with Socket(two.one, browser=browser) as socket:
                    await socket.answer("What is the capital of France?")
            async with Api(two.one, GUARDED.key()) as api:
                assert (await api.ask("And of Spain?")).status_code == 200
                ready = await api.client.get("/readyz")
            took = time.monotonic() - started

        assert took < BUSY * 5
        assert ready.status_code == 200


class TestASecondDevice:
    """It is connected to the other web process."""

    @HOWS
    async def test_misses_nothing_while_redis_is_away_and_hears_at_once_when_it_is_back(
        self, redis: RedisServer, two: Installation, upstream: Upstream, how: str
    ) -> None:
        upstream.script("patient-cloud", Script(tokens=150, delay_s=0.04))
        key = PATIENT.key("nora")
        async with Socket(two.one, key=key) as laptop, Socket(two.other, key=key) as phone:
            first, _ = await laptop.answer("Hello?")
            await phone.send("subscribe", conversation=first["conversation"])
            await phone.until("state")
            accepted = await laptop.ask("Tell me a story.", conversation=first["conversation"])
            seen = asyncio.create_task(phone.until("completed", timeout=40))
            await laptop.until("delta")
            with away(redis, how):
                mine, gap = await self._to_the_end(laptop)
                later, frames = await laptop.answer("And another one.", conversation=first["conversation"])
                theirs = await seen
                theirs_later = await phone.until("completed", timeout=40)
            upstream.script("patient-cloud", Script(tokens=2))
            took = await within(10, lambda: self._hears_at_once(laptop, phone, first["conversation"]))
            print(f"live again after {took:.1f} s; longest gap {gap:.2f} s")

        assert gap < 1.0
        text = self._answer(two.one, accepted["turn"])
        assert Transcript().take(*of_turn(theirs, accepted)).text == text
        assert mine[-1]["type"] == "completed"
        assert Transcript().take(*of_turn(theirs_later, later)).text == Transcript().take(*frames).text

    async def _to_the_end(self, laptop: Socket) -> tuple[list[Frame], float]:
        """The frames to the end of the answer and the longest time between two, in seconds."""
        frames: list[Frame] = []
        at = [time.monotonic()]
        while not frames or frames[-1]["type"] != "completed":
            frames.append(await laptop.next())
            at.append(time.monotonic())
        return frames, max(after - before for before, after in pairwise(at))

    async def _hears_at_once(self, laptop: Socket, phone: Socket, conversation: str) -> bool:
        """Whether the question is there sooner than any look into the database would bring it."""
        for _ in range(3):
            await laptop.ask("And now?", conversation=conversation)
            began = time.monotonic()
            await phone.until("message", timeout=5)
            took = time.monotonic() - began
            await laptop.until("completed")
            await phone.until("completed")
            if took > 0.3:
                return False
        return True

    @staticmethod
    def _answer(server: RealServer, turn: str) -> str:
        sql = "select text from chat_message where role = 'assistant' and turn_id = ?"
        (row,) = server.rows(sql, turn.replace("-", ""))
        return str(row["text"])


def of_turn(frames: list[Frame], accepted: Frame) -> list[Frame]:
    return [frame for frame in frames if frame.get("turn") == accepted["turn"] and frame["type"] != "message"]


@pytest.fixture(scope="class")
def _settled(two: Installation) -> None:
    """Redis is there, and both processes have noticed."""
    time.sleep(hints.LONGEST_PAUSE_S + 1)


async def revoked_after_s(two: Installation) -> list[float]:
    """Seconds from the request that revokes a key to the first one that the other process refuses, five times."""
    with Browser(two.one, GUARDED, "otto") as browser:
        return [await _revoked(two, browser) for _ in range(5)]


async def _revoked(two: Installation, browser: Browser) -> float:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    order = {"name": f"key {new_id()}", "scopes": ["chat", "models"], "expires_at": soon}
    issued = browser.send("POST", "/api/v1/keys/", order).json()
    async with Api(two.other, issued["value"]) as api:
        await within(5, lambda: _is_known(api))
        await asyncio.sleep(0.2 + random.random() * 0.8)
        began = time.monotonic()
        answer = await asyncio.to_thread(browser.send, "DELETE", f"/api/v1/keys/{issued['id']}/")
        assert answer.status_code == 204
        while await _is_known(api):
            assert time.monotonic() - began < BUSY * 5
            await asyncio.sleep(0.01)
    return time.monotonic() - began


async def _is_known(api: Api) -> bool:
    return (await api.client.get("/v1/models")).status_code == 200


async def _is_well(api: Api) -> bool:
    return (await api.ask("Hello?")).status_code == 200


def told_in_ms(waits: list[float]) -> str:
    return ", ".join(f"{1000 * wait:.0f}" for wait in waits) + " ms"


@pytest.mark.usefixtures("_settled")
class TestTheOtherProcess:
    async def test_refuses_a_revoked_key_at_once(self, two: Installation) -> None:
        waits = await revoked_after_s(two)
        print(f"revoked after {told_in_ms(waits)}")

        assert median(waits) < 0.3
        assert max(waits) < 5.0

    async def test_ends_a_running_answer_of_a_revoked_key(self, two: Installation, upstream: Upstream) -> None:
        upstream.script("guarded-cloud", Script(tokens=3000, delay_s=0.02))
        with Browser(two.one, GUARDED, "kemal") as browser:
            (key,) = browser.http.get("/api/v1/keys/").json()["results"]
            async with Socket(two.other, key=GUARDED.key("kemal")) as socket:
                accepted = await socket.ask("Tell me a story.")
                await socket.until("delta")
                answer = await asyncio.to_thread(browser.send, "DELETE", f"/api/v1/keys/{key['id']}/")
                assert answer.status_code == 204
                stopped = await within(5, lambda: self._state(two.one, accepted["turn"]) == "stopped")
                closed = await socket.closed(5)
        print(f"running answer stopped after {1000 * stopped:.0f} ms")

        assert closed == 4408

    @staticmethod
    def _state(server: RealServer, turn: str) -> str:
        (row,) = server.rows("select state from turns_turn where id = ?", turn.replace("-", ""))
        return str(row["state"])

    async def test_lets_a_sick_provider_rest_too_and_hears_when_it_is_well(
        self, two: Installation, upstream: Upstream
    ) -> None:
        async with Api(two.one, RESTING.key()) as one, Api(two.other, RESTING.key()) as other:
            assert (await other.ask("Hello?")).status_code == 200
            upstream.script("resting-cloud", Script(status=500))
            for _ in range(6):
                await one.ask("Hello?")
            calls = len(upstream.calls())
            await asyncio.sleep(0.3)
            refused = await other.ask("Hello?")

            assert (refused.status_code, len(upstream.calls())) == (502, calls)
            upstream.script("resting-cloud", Script(text="Well again."))
            await within(15, lambda: _is_well(other))
            await within(5, lambda: _is_well(one))

    async def test_keeps_a_published_rate_together_with_this_one(self, two: Installation) -> None:
        async with Api(two.one, RATED.key()) as one, Api(two.other, RATED.key()) as other:
            first = [(await one.ask("Hello?")).status_code for _ in range(2)]
            await asyncio.sleep(4 * rates.GOSSIP_S)
            then = await other.ask("Hello?")

        assert first == [200, 200]
        assert (then.status_code, code(then)) == (429, "rate_limited")


class TestTheOtherProcessWhileRedisIsAway:
    async def test_refuses_a_revoked_key_within_five_seconds(self, redis: RedisServer, two: Installation) -> None:
        with away(redis, "dead"):
            waits = await revoked_after_s(two)
        print(f"without Redis revoked after {told_in_ms(waits)}")

        assert max(waits) < 5.0

    async def test_keeps_a_published_rate_for_itself(self, redis: RedisServer, two: Installation) -> None:
        statuses = []
        with away(redis, "dead"):
            for server in (two.one, two.other):
                async with Api(server, PACED.key()) as api:
                    statuses += [(await api.ask("Hello?")).status_code for _ in range(4)]

        assert statuses == 2 * [200, 200, 429, 429]
