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
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.core import login, metrics
from apps.core.http_errors import error_body

log = structlog.get_logger(__name__)

PROBE_TIMEOUT_S = 2.0


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
    """200 when every store is reachable and the database login no stronger than it should be, else 503.

    Why, and more, is told only to holders of the metrics token.
    """
    stores = {name: probe() for name, probe in _probes().items()}
    database_login = _database_login() if stores["database"] else "unknown"
    is_too_strong = database_login == "too_strong" and not settings.OPENROUTE_STRONG_LOGIN_ALLOWED
    ready = all(stores.values()) and not is_too_strong
    body: dict[str, Any] = {"status": "ready" if ready else "not ready"}
    if holds_metrics_token(request):
        body["stores"] = stores
        body["database_login"] = database_login
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


def _details() -> Mapping[str, str]:
    return settings.OPENROUTE_READY_DETAILS


def _probes() -> dict[str, Callable[[], bool]]:
    probes: dict[str, Callable[[], bool]] = {"database": _database_answers}
    if settings.REDIS_URL:
        probes["redis"] = lambda: _redis_answers(settings.REDIS_URL)
    broker = settings.CELERY_BROKER_URL
    if broker.startswith("redis") and broker != settings.REDIS_URL:
        probes["broker"] = lambda: _redis_answers(broker)
    elif broker.startswith("filesystem"):
        folder = settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"]
        probes["broker"] = lambda: os.access(folder, os.W_OK | os.X_OK)
    return probes


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError as error:
        log.warning("readiness.database_away", error=type(error).__name__)
        return False


def _database_login() -> str:
    try:
        return login.strength()
    except DatabaseError as error:
        log.warning("readiness.database_away", error=type(error).__name__)
        return "unknown"


def _redis_answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=PROBE_TIMEOUT_S, socket_connect_timeout=PROBE_TIMEOUT_S)
    try:
        return bool(client.ping())
    except (redis.RedisError, OSError) as error:
        log.warning("readiness.redis_away", host=urlsplit(url).hostname, error=type(error).__name__)
        return False
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
