"""Redis goes away under a running server: people still sign in, ask and are shown answers, and limits still hold."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.core.cache import SteadyRedisCache
from tests.functional.companies import GUARDED
from tests.support import databases
from tests.support.journeys import Api, Browser, Socket
from tests.support.server import RealServer
from tests.support.services import RedisServer
from tests.support.stores import PostgresStore
from tests.support.upstream import Upstream
from tests.support.world import configuration, prices

pytestmark = [pytest.mark.services, pytest.mark.server]


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

        assert time.monotonic() - started < 1
        assert cache.get("b") is None
        cache.clear()

    def test_waits_a_second_for_a_redis_that_hangs(self, cache: SteadyRedisCache, redis: RedisServer) -> None:
        cache.get("d")
        redis.pause()
        started = time.monotonic()
        try:
            cache.set("d", 1)
        finally:
            redis.resume()

        assert 0.5 < time.monotonic() - started < 2.5


class TestAServer:
    async def test_goes_on_without_redis(self, redis: RedisServer, tmp_path: Path) -> None:
        store = PostgresStore(databases.create("openroute_without_redis"))
        with Upstream(prices=prices(GUARDED)).in_thread() as upstream:
            config = configuration(GUARDED, outside=upstream.base_url, inside=upstream.base_url)
            environment = {"REDIS_URL": redis.url}
            with RealServer(tmp_path / "server", config=config, environment=environment, store=store) as server:
                redis.kill()
                try:
                    started = time.monotonic()
                    with Browser(server, GUARDED) as browser:
                        assert browser.http.get("/api/v1/me/").status_code == 200
                        async with Socket(server, browser=browser) as socket:
                            await socket.answer("What is the capital of France?")
                    async with Api(server, GUARDED.key()) as api:
                        assert (await api.ask("And of Spain?")).status_code == 200
                    took = time.monotonic() - started
                finally:
                    redis.start()
        databases.drop("openroute_without_redis")

        assert took < 15
