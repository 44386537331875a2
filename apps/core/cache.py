"""Django's cache over Redis that does without Redis: what is counted there (failed sign-ins) is then counted here.

While Redis is away, each process counts for itself, so that limits are laxer by the number of processes, and nobody is
kept from signing in: signing in asks a dozen times, so a Redis that hangs is waited for once and then left alone for a
while. Nothing may stand in a cache that must not be lost.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any, Final

import redis
import structlog
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

AWAY: Final = (redis.RedisError, OSError)
ANSWER_S: Final = 1.0
QUIET_S: Final = 5.0

_quiet_until: dict[str, float] = {}
"""Until when, in monotonic seconds, a server that hung is not asked again. Django has a cache object per thread."""


class SteadyRedisCache(RedisCache):
    """`RedisCache`, and a memory of this process for as long as Redis does not answer."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        # The client's own retries take seconds, which a request does not have.
        quick = {"socket_connect_timeout": ANSWER_S, "socket_timeout": ANSWER_S, "retry": Retry(NoBackoff(), 0)}
        super().__init__(server, {**params, "OPTIONS": {**quick, **params.get("OPTIONS", {})}})
        self._server = server
        self._here = LocMemCache("redis-is-away", {**params, "OPTIONS": {}})

    def _either(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _quiet_until.get(self._server, 0.0):
            try:
                return getattr(RedisCache, verb)(self, *args, **kwargs)
            except AWAY as error:
                log.warning("cache.redis_away", error=type(error).__name__)
                if isinstance(error, redis.TimeoutError | TimeoutError):
                    _quiet_until[self._server] = time.monotonic() + QUIET_S
        return getattr(self._here, verb)(*args, **kwargs)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._either("add", key, value, timeout=timeout, version=version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._either("get", key, default, version=version)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self._either("set", key, value, timeout=timeout, version=version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._either("touch", key, timeout=timeout, version=version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._either("delete", key, version=version))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        return dict(self._either("get_many", list(keys), version=version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._either("has_key", key, version=version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._either("incr", key, delta, version=version))

    def set_many(
        self, data: Mapping[Any, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        return list(self._either("set_many", data, timeout=timeout, version=version))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        self._either("delete_many", list(keys), version=version)

    def clear(self) -> None:
        self._either("clear")
