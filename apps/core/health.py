"""Is it alive, can it work, what does it measure: three plain views without DRF, so that probes stay cheap."""

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from apps.core import login, metrics
from apps.core.http_errors import error_body

log = structlog.get_logger(__name__)

PROBE_TIMEOUT_S = 2.0
REDIS_TIMEOUT_S = 1.0


def holds_metrics_token(request: HttpRequest) -> bool:
    """Whether the caller sends `Authorization: Bearer METRICS_TOKEN`. Without a configured token nobody does."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    configured: str = settings.METRICS_TOKEN
    matches = hmac.compare_digest(token.strip().encode(), configured.encode())
    return bool(configured) and scheme.lower() == "bearer" and matches


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers: nothing else is asked, so that a store's outage does not restart every process."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every store is reachable, the process able to use them, and the database login not too strong, else 503.

    Why, and more, is told only to holders of the metrics token.
    """
    stores = {name: probe() for name, probe in _probes().items()}
    database_login = _database_login() if stores["database"] else "unknown"
    is_too_strong = database_login == "too_strong" and not settings.OPENROUTE_STRONG_LOGIN_ALLOWED
    process = {name: bool(import_string(path)()) for name, path in _process_probes().items()}
    ready = all(stores.values()) and all(process.values()) and not is_too_strong
    body: dict[str, Any] = {"status": "ready" if ready else "not ready"}
    if holds_metrics_token(request):
        body["stores"] = stores
        body["process"] = process
        body["database_login"] = database_login
        body |= {name: _redis_state(url) for name, url in _redis_urls().items()}
        body["details"] = {name: _plain(import_string(path)()) for name, path in _details().items()}
    return JsonResponse(body, status=200 if ready else 503)


@never_cache
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """The metrics, for holders of the token."""
    if not holds_metrics_token(request):
        detail = "Send the token of METRICS_TOKEN as `Authorization: Bearer`."
        return JsonResponse(
            error_body("unauthenticated", detail), status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'}
        )
    return HttpResponse(metrics.render(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _process_probes() -> Mapping[str, str]:
    return settings.OPENROUTE_READY_PROBES


def _details() -> Mapping[str, str]:
    return settings.OPENROUTE_READY_DETAILS


def _probes() -> dict[str, Callable[[], bool]]:
    probes: dict[str, Callable[[], bool]] = {"database": _database_answers}
    if settings.CELERY_BROKER_URL.startswith("filesystem"):
        folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]
        probes["broker"] = lambda: os.access(folder, os.W_OK | os.X_OK)
    return probes


def _redis_urls() -> dict[str, str]:
    """What runs on Redis, by name. A dead broker costs delay: beat's sweep finds the jobs."""
    urls = {"redis": settings.REDIS_URL}
    broker = settings.CELERY_BROKER_URL
    if broker.startswith("redis") and broker != settings.REDIS_URL:
        urls["broker"] = broker
    return urls


def _database_answers() -> bool:
    try:
        return bool(_ask_database() == (1,))
    except (DatabaseError, InterfaceError) as error:
        log.warning("readiness.database_away", error=type(error).__name__)
        return False


def _ask_database() -> Any:
    pool = getattr(connection, "pool", None)
    if pool is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()
    pool.open()
    # A request waits longer for a connection than whoever probes would wait for the answer.
    with connection.wrap_database_errors, pool.connection(timeout=PROBE_TIMEOUT_S) as pooled:
        return pooled.execute("SELECT 1").fetchone()


def _database_login() -> str:
    try:
        return login.strength()
    except (DatabaseError, InterfaceError) as error:
        log.warning("readiness.database_away", error=type(error).__name__)
        return "unknown"


def _redis_state(url: str) -> str:
    if not url:
        return "not configured"
    once = Retry(NoBackoff(), 0)  # the client's own retries would keep whoever probes for half a minute
    client = redis.Redis.from_url(
        url, socket_timeout=REDIS_TIMEOUT_S, socket_connect_timeout=REDIS_TIMEOUT_S, retry=once
    )
    try:
        return "ok" if client.ping() else "away"
    except (redis.RedisError, OSError) as error:
        log.warning("readiness.redis_away", host=urlsplit(url).hostname, error=type(error).__name__)
        return "away"
    finally:
        client.close()


def _plain(value: Any) -> Any:
    """Values of `domain` as JSON knows them."""
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(_plain(item)) for item in value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
