"""Redis is away: what speaks to it waits for a second at most, and goes on by itself when it is back."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio
from celery import Celery
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis import Redis

from apps.chat import events
from apps.core import hints
from apps.core.cache import SteadyRedisCache
from apps.core.waking import Waker
from apps.domain.ids import ConversationId, TenantId, UserId, new_id
from tests.support.journeys import within
from tests.support.patience import BUSY
from tests.support.services import RedisServer
from tests.support.two_processes import away

pytestmark = pytest.mark.services

HOWS = pytest.mark.parametrize("how", ["dead", "hangs"])


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with RedisServer() as running:
        yield running


@pytest.fixture
def cache(redis: RedisServer) -> SteadyRedisCache:
    return SteadyRedisCache(redis.url, {"KEY_PREFIX": "test"})


class TestTheCache:
    def test_keeps_things_in_redis(self, cache: SteadyRedisCache, redis: RedisServer) -> None:
        cache.set("a", 1)
        cache.incr("a")

        assert SteadyRedisCache(redis.url, {"KEY_PREFIX": "test"}).get_many(["a", "b"]) == {"a": 2}
        assert SteadyRedisCache(redis.url, {"KEY_PREFIX": "other"}).get("a") is None

    def test_remembers_by_itself_while_redis_is_away_and_loses_no_time(
        self, cache: SteadyRedisCache, redis: RedisServer
    ) -> None:
        redis.kill()
        started = time.monotonic()
        try:
            assert cache.add("b", 1)
            assert not cache.add("b", 1)
            assert (cache.incr("b"), cache.get("b"), "b" in cache) == (2, 2, True)
            cache.set_many({"c": 3})
            assert cache.get_many(["b", "c"]) == {"b": 2, "c": 3}
            cache.delete_many(["b"])
            assert (cache.get("b"), cache.delete("c"), cache.touch("c")) == (None, True, False)
        finally:
            redis.start()

        assert time.monotonic() - started < BUSY * 1
        assert cache.get("b") is None
        cache.clear()

    def test_waits_a_second_for_a_redis_that_hangs_and_then_leaves_it_alone(
        self, cache: SteadyRedisCache, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("apps.core.cache.QUIET_S", 0.5)
        cache.get("d")
        with away(redis, "hangs"):
            started = time.monotonic()
            for number in range(20):
                cache.set("d", number)
            took = time.monotonic() - started
            assert cache.get("d") == 19
        time.sleep(0.6)

        assert 0.5 < took < BUSY * 2.5  # twenty waits would be 20 s
        assert cache.get("d") in {None, 0}  # what was on its way to Redis when it hung may have got there


class TestHints:
    """Two clients, as two processes have them."""

    @pytest.fixture
    async def heard(self, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        monkeypatch.setattr(hints, "_listeners", {"news": found.append})
        return found

    @pytest_asyncio.fixture
    async def sender(self, redis: RedisServer, heard: Any) -> AsyncIterator[hints.Client]:
        clients = [hints.Client(redis.url, "test:hints") for _ in range(2)]
        for client in clients:
            client.start()
        await within(5, lambda: all(client.is_subscribed for client in clients))
        yield clients[0]
        for client in clients:
            await client.stop()

    async def test_reach_the_other_process_and_not_their_own(
        self, sender: hints.Client, heard: list[dict[str, Any]]
    ) -> None:
        sender.post("news", {"n": 1})
        await within(5, lambda: bool(heard))
        await asyncio.sleep(0.2)

        assert heard == [{"n": 1}]

    async def test_come_from_programs_without_a_loop_of_their_own(
        self, sender: hints.Client, heard: list[dict[str, Any]], redis: RedisServer, settings: Any
    ) -> None:
        settings.REDIS_URL, settings.REDIS_PREFIX = redis.url, "test"
        await asyncio.to_thread(hints.publish, "news", {"n": 2})

        await within(5, lambda: heard == [{"n": 2}, {"n": 2}])

    @HOWS
    async def test_come_again_by_themselves_within_ten_seconds(
        self, sender: hints.Client, heard: list[dict[str, Any]], redis: RedisServer, how: str
    ) -> None:
        with away(redis, how):
            began = time.monotonic()
            sender.post("news", {"n": "lost"})
            assert time.monotonic() - began < BUSY * 0.05
            await asyncio.sleep(5)
        heard.clear()

        def comes() -> bool:
            sender.post("news", {"n": "new"})
            return {"n": "new"} in heard

        print(f"hints after {await within(10, comes):.1f} s")


class TestTheChannelLayer:
    """As the hub of a web process uses it."""

    @pytest.fixture
    def layer(self, redis: RedisServer, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
        (host,) = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
        shared = RedisPubSubChannelLayer(hosts=[{**host, "address": redis.url}], prefix="test")
        monkeypatch.setattr(events, "layer", lambda: shared)
        monkeypatch.setattr(events._Away, "until", float("-inf"))
        return shared

    async def test_keeps_nobody_waiting_for_a_redis_that_hangs(self, redis: RedisServer, layer: Any) -> None:
        event = events.Changed(TenantId(1), UserId(2), ConversationId(new_id()))
        await events.send(event, "ours")
        with away(redis, "hangs"):
            began = time.monotonic()
            await asyncio.gather(*(events.send(event, "ours") for _ in range(200)))
            many = time.monotonic() - began
            began = time.monotonic()
            await events.send(event, "ours")
            one_more = time.monotonic() - began

        assert many < 2.5
        assert one_more < 0.1

    @HOWS
    @pytest.mark.parametrize("begins", ["before", "while it is away"])
    async def test_brings_events_again_within_ten_seconds(
        self, redis: RedisServer, layer: Any, how: str, begins: str
    ) -> None:
        heard: list[events.Event] = []

        async def listen() -> None:
            async for event in events.of_others("ours"):
                heard.append(event)  # noqa: PERF401 - there is no end

        event = events.Changed(TenantId(1), UserId(2), ConversationId(new_id()))
        listening = asyncio.create_task(listen())
        if begins == "before":
            await within(5, lambda: bool(heard) or self._sent(event))
        with away(redis, how):
            await asyncio.sleep(4)
        heard.clear()
        took = await within(10, lambda: bool(heard) or self._sent(event))
        print(f"events after {took:.1f} s")
        channels = len(layer.channels)
        listening.cancel()
        await asyncio.wait([listening], timeout=5)

        assert channels == 1

    async def _sent(self, event: events.Event) -> bool:
        await events.send(event, "theirs")
        return False


class TestWakeUpsOfTheWorker:
    @HOWS
    def test_keep_nobody_waiting_and_arrive_when_redis_is_back(self, redis: RedisServer, how: str) -> None:
        app = Celery("test", broker=redis.url, set_as_current=False)
        app.conf.update(task_publish_retry=False, task_default_queue=f"wake-{how}")
        app.conf.update(broker_transport_options={"socket_connect_timeout": 2, "socket_timeout": 5})
        waker = Waker(lambda: app.send_task("anything"), every_s=0.2)
        with away(redis, how):
            began = time.monotonic()
            for _ in range(100):
                waker.wake()
            took = time.monotonic() - began
            time.sleep(1)
        with closing(Redis.from_url(redis.url)) as client:
            end = time.monotonic() + 20
            while not client.llen(f"wake-{how}") and time.monotonic() < end:
                waker.wake()
                time.sleep(0.1)
            waiting = client.llen(f"wake-{how}")
            client.flushdb()

        assert took < BUSY * 0.5
        assert waiting >= 1
