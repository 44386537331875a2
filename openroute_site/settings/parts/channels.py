"""The channel layer tells other sockets that there is something to read; what they read stands in the database."""

from typing import Any
from urllib.parse import urlsplit

from openroute_site.settings.environment import env

REDIS_URL = env.str("REDIS_URL", default="")
# Redis delivers published messages across its numbered databases, so the number becomes part of every name: two
# installations that share a server under different numbers do not hear each other.
REDIS_PREFIX = f"openroute:{urlsplit(REDIS_URL).path.strip('/') or 0}"
ALLOWED_ORIGINS = [origin.rstrip("/") for origin in env.list("ALLOWED_ORIGINS", default=[])]

CHANNEL_LAYERS: dict[str, dict[str, Any]]
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL], "prefix": REDIS_PREFIX},
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
