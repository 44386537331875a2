"""The channel layer tells other sockets that there is something to read; what they read stands in the database."""

import socket
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from openroute_site.settings.environment import env

REDIS_URL = env.str("REDIS_URL", default="")
# Redis delivers published messages across its numbered databases, so the number becomes part of every name: two
# installations that share a server under different numbers do not hear each other.
REDIS_PREFIX = f"openroute:{urlsplit(REDIS_URL).path.strip('/') or 0}"
ALLOWED_ORIGINS = [origin.rstrip("/") for origin in env.list("ALLOWED_ORIGINS", default=[])]

CHANNEL_LAYERS: dict[str, dict[str, Any]]
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    # The layer sends one message after the other. With the client's own retries, one to a Redis that hangs would keep
    # the others waiting for a minute; what does not arrive at once is found by the next poll (chat/hub.py).
    _redis_host: dict[str, Any] = {
        "address": REDIS_URL,
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "retry": Retry(NoBackoff(), 0),
    }
    if not REDIS_URL.startswith("unix:"):  # a server that is silently gone is noticed within ten seconds
        _wanted = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}
        _known = {getattr(socket, name): value for name, value in _wanted.items() if hasattr(socket, name)}
        _redis_host |= {"socket_keepalive": True, "socket_keepalive_options": _known}
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [_redis_host], "prefix": REDIS_PREFIX},
        }
    }
    CACHES = {
        "default": {
            "BACKEND": "apps.core.cache.SteadyRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": REDIS_PREFIX,
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
