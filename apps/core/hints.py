"""Hints between the processes of an installation: "look", "this provider is sick", "so much was used up".

Redis publishes them at most once, in no order and perhaps late, and everything is right without them: a hint only makes
earlier what a poll, a failure of one's own or the next question would bring about. So nothing waits for a hint and none
is ever kept: what cannot be sent now is dropped. Hints carry ids and numbers, never content, and their readers trust
none of them further than they can afford to be wrong. Without REDIS_URL nothing here does anything.

A serving process has one client (`start`): it publishes from any thread without waiting and tells its listeners on the
event loop. Other programs (workers, commands) publish on the spot, for at most `ANSWER_S`, and then not for `QUIET_S`
when Redis did not answer.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Final

import orjson
import redis
import redis.asyncio
import structlog
from django.conf import settings
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.domain.ids import new_id

log = structlog.get_logger(__name__)

AWAY: Final = (redis.RedisError, OSError)
ANSWER_S: Final = 1.0
"""How long Redis may take to connect, and to answer."""
SILENCE_S: Final = 2.0
"""A connection on which nothing was heard for so long is asked whether it still lives."""
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 5.0
QUIET_S: Final = 5.0
MAX_WAITING: Final = 256
MAX_BYTES: Final = 256 * 1024
"""What is longer comes from somebody else."""

Body = dict[str, Any]
Listener = Callable[[Body], None]

_listeners: dict[str, Listener] = {}


def listen(topic: str, listener: Listener) -> None:
    """Call `listener` on the event loop for each hint on this topic. There is one listener per topic, the last.

    It must be quick and doubt what it is told. By a `LookupError`, `TypeError`, `ValueError` or `OverflowError` it says
    that it does not understand.
    """
    _listeners[topic] = listener


def publish(topic: str, body: Body, *, here: bool = False) -> None:
    """Tell the other processes, without waiting, as far as Redis is there. Callable from any thread; never raises.

    Args:
        body: ids and numbers that JSON knows.
        here: tell the listener of this process as well.
    """
    if _client is not None:
        _client.post(topic, body, here=here)
    elif settings.REDIS_URL:
        _publish_on_the_spot(topic, body)


def is_running() -> bool:
    """Whether this process shares hints with others."""
    return _client is not None


async def start() -> None:
    """Subscribe, in the background: Redis may be away. Does nothing without REDIS_URL."""
    global _client
    if settings.REDIS_URL and _client is None:
        _client = Client(settings.REDIS_URL, channel())
        _client.start()


async def stop() -> None:
    """End the client of this process, if there is one; takes a few seconds at most."""
    global _client
    ending, _client = _client, None
    if ending is not None:
        await ending.stop()


def channel() -> str:
    """The channel of this installation; the prefix tells apart those that share a server."""
    return f"{settings.REDIS_PREFIX}:hints"


class Client:
    """One connection that listens and one that publishes, on one event loop, each coming back by itself.

    `chance` gives numbers in [0, 1) for the pauses, so that processes do not come back together.
    """

    def __init__(self, url: str, name: str, *, chance: Callable[[], float] = random.random) -> None:
        self._name = name
        self._boot = str(new_id())
        self._chance = chance
        self._redis = redis.asyncio.Redis.from_url(
            url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S, retry=AsyncRetry(NoBackoff(), 0)
        )
        self._waiting: deque[tuple[str, Body]] = deque(maxlen=MAX_WAITING)
        self._posted = asyncio.Event()
        self._is_ending = False
        self._loop: asyncio.AbstractEventLoop
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.is_subscribed = False

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        work = {"hints-in": self._receive, "hints-out": self._send}
        self._tasks = tuple(self._loop.create_task(self._steadily(run, name), name=name) for name, run in work.items())

    async def stop(self) -> None:
        self._is_ending = True
        for task in self._tasks:
            task.cancel()
        # A cancellation that meets redis-py while it connects is lost: then the loops end by themselves, after a wait.
        await asyncio.wait(self._tasks, timeout=SILENCE_S + 2 * ANSWER_S)
        await self._redis.aclose()

    def post(self, topic: str, body: Body, *, here: bool = False) -> None:
        """Publish as soon as the loop comes to it. Where too much waits, the oldest is dropped."""
        self._waiting.append((topic, body))
        try:
            self._loop.call_soon_threadsafe(self._posted.set)
            if here:
                self._loop.call_soon_threadsafe(_deliver, topic, body)
        except RuntimeError:  # the loop has ended, and this process with it
            return

    async def _steadily(self, work: Callable[[], Awaitable[None]], name: str) -> None:
        failures = 0
        while not self._is_ending:
            began = self._loop.time()
            try:
                await work()
            except AWAY as error:
                failures = failures + 1 if self._loop.time() - began < LONGEST_PAUSE_S else 1
                if failures == 1:
                    log.warning("hints.redis_away", task=name, error=type(error).__name__)
                await asyncio.sleep(pause_before(failures, self._chance()))

    async def _receive(self) -> None:
        try:
            async with self._redis.pubsub() as heard:
                await heard.subscribe(self._name)
                was_asked = False
                while not self._is_ending:
                    message = await heard.get_message(timeout=ANSWER_S if was_asked else SILENCE_S)
                    if message is None and was_asked:
                        raise TimeoutError("Redis hangs.")
                    was_asked = message is None
                    if message is None:
                        await heard.ping()
                    else:
                        self._take(message)
        finally:
            self.is_subscribed = False

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self.is_subscribed = True
            log.info("hints.subscribed")
        elif message["type"] == "message":
            for topic, body in unpacked(message["data"], self._boot):
                _deliver(topic, body)

    async def _send(self) -> None:
        try:
            while not self._is_ending:
                await self._posted.wait()
                self._posted.clear()
                hints = [self._waiting.popleft() for _ in range(len(self._waiting))]
                if hints:
                    async with asyncio.timeout(ANSWER_S):
                        await self._redis.publish(self._name, packed(hints, self._boot))
        finally:
            self._waiting.clear()


_client: Client | None = None


def pause_before(failures: int, chance: float) -> float:
    """Seconds until Redis is tried again: doubled with each failure in a row, up to 5 s, half of it by chance."""
    longest = min(FIRST_PAUSE_S * 2 ** min(failures - 1, 16), LONGEST_PAUSE_S)
    return float(longest * (0.5 + chance / 2))


def packed(hints: list[tuple[str, Body]], boot: str) -> bytes:
    """Hints as one message. `boot` names the sending process."""
    return orjson.dumps({"boot": boot, "hints": hints})


def unpacked(message: bytes, boot: str) -> list[tuple[str, Body]]:
    """The hints of another process; none for an echo of our own, and for what no process of ours would send."""
    if len(message) > MAX_BYTES:
        return []
    try:
        found = orjson.loads(message)
        hints = found["hints"] if found["boot"] != boot else []
        return [(topic, body) for topic, body in hints if isinstance(topic, str) and isinstance(body, dict)]
    except (LookupError, TypeError, ValueError):
        log.warning("hints.misunderstood")
        return []


def _deliver(topic: str, body: Body) -> None:
    listener = _listeners.get(topic)
    if listener is None:  # a newer version speaks of more
        return
    try:
        listener(body)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        log.warning("hints.misunderstood", topic=topic, error=type(error).__name__)


_quiet_until = float("-inf")


def _publish_on_the_spot(topic: str, body: Body) -> None:
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        _blocking(settings.REDIS_URL).publish(channel(), packed([(topic, body)], ""))
    except AWAY as error:
        _quiet_until = time.monotonic() + QUIET_S
        log.warning("hints.redis_away", error=type(error).__name__)


@lru_cache(maxsize=1)
def _blocking(url: str) -> "redis.Redis":
    retry = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, socket_connect_timeout=ANSWER_S, socket_timeout=ANSWER_S, retry=retry)
