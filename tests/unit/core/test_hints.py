"""Hints between processes: who hears what, and that nobody waits for a Redis that is away."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
import pytest_asyncio

from apps.core import hints
from tests.support.patience import BUSY
from tests.support.server import free_port

Heard = list[dict[str, Any]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    found: Heard = []
    monkeypatch.setattr(hints, "_listeners", {"news": found.append})
    return found


class TestUnpacking:
    def test_gives_the_hints_of_another_process(self) -> None:
        sent = [("news", {"a": 1}), ("more", {})]

        assert hints.unpacked(hints.packed(sent, "theirs"), "ours") == sent

    def test_gives_none_of_our_own(self) -> None:
        assert hints.unpacked(hints.packed([("news", {})], "ours"), "ours") == []

    @pytest.mark.parametrize(
        "message",
        [
            b"", b"\xff", b"[]", b"3", b"{}", b'{"boot": "x"}', b'{"boot": "x", "hints": 3}',
            b'{"boot": "x", "hints": [1]}', b'{"boot": "x", "hints": [["news"]]}', b" " * (hints.MAX_BYTES + 1),
        ],
    )  # fmt: skip
    def test_survives_what_no_process_of_ours_would_send(self, message: bytes) -> None:
        assert hints.unpacked(message, "ours") == []

    def test_leaves_out_what_is_no_hint(self) -> None:
        message = orjson.dumps({"boot": "x", "hints": [[3, {}], ["news", 3], ["news", {"a": 1}]]})

        assert hints.unpacked(message, "ours") == [("news", {"a": 1})]


class TestListeners:
    def test_that_do_not_understand_hurt_nobody(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def confused(body: dict[str, Any]) -> None:
            body["missing"]

        monkeypatch.setattr(hints, "_listeners", {"news": confused})

        hints._deliver("news", {})
        hints._deliver("unheard of", {})


class TestPauses:
    def test_double_up_to_five_seconds_and_differ_by_chance(self) -> None:
        longest = [hints.pause_before(failures, 1.0) for failures in (1, 2, 3, 4, 5, 6, 100)]

        assert longest == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
        assert hints.pause_before(6, 0.0) == 2.5


class TestWithoutRedis:
    async def test_nothing_is_started_or_sent(self, settings: Any) -> None:
        settings.REDIS_URL = ""

        await hints.start()
        hints.publish("news", {})

        assert not hints.is_running()
        await hints.stop()


class Silent:
    """A server that takes connections and never answers, like a Redis that hangs."""

    def __init__(self) -> None:
        self.connections = 0

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def _take(self, _: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        self.connections += 1


@pytest_asyncio.fixture
async def _ended() -> AsyncIterator[None]:
    yield
    await hints.stop()


@pytest.mark.usefixtures("_ended")
class TestAServingProcess:
    async def test_waits_for_nothing_while_redis_hangs(self, settings: Any, heard: Heard) -> None:
        async with Silent() as url:
            settings.REDIS_URL = url
            began = time.monotonic()
            await hints.start()
            for _ in range(10_000):
                hints.publish("news", {"n": 1})
            took = time.monotonic() - began
            await asyncio.sleep(0.05)
            await hints.stop()

        assert took < BUSY * 1.0
        assert time.monotonic() - began < BUSY * 5.0

    async def test_hears_itself_at_once_where_it_asks_to(self, settings: Any, heard: Heard) -> None:
        settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
        await hints.start()

        await asyncio.to_thread(hints.publish, "news", {"n": 1}, here=True)
        hints.publish("news", {"n": 2})
        await asyncio.sleep(0)

        assert heard == [{"n": 1}]

    async def test_keeps_no_more_than_a_handful(self, settings: Any) -> None:
        settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
        await hints.start()
        client = hints._client
        assert client is not None

        for number in range(2 * hints.MAX_WAITING):
            hints.publish("news", {"n": number})

        assert len(client._waiting) == hints.MAX_WAITING


class TestAnotherProgram:
    @pytest.fixture(autouse=True)
    def _not_quiet(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(hints, "_quiet_until", float("-inf"))

    async def test_waits_a_second_for_a_redis_that_hangs_and_then_leaves_it_alone(self, settings: Any) -> None:
        async with Silent() as url:
            settings.REDIS_URL = url
            first, second = [await asyncio.to_thread(_seconds, lambda: hints.publish("news", {})) for _ in range(2)]

        assert 0.5 < first < 2.0
        assert second < 0.1


def _seconds(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
