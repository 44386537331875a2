"""What uvicorn and daphne serve. Django comes first: the other surfaces import models."""

import os
from typing import Final, cast

import django
from channels.routing import URLRouter
from django.core.exceptions import ImproperlyConfigured

# Production is the default because it refuses to start half-configured; `manage.py` and `make run` name theirs.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.production")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from apps.chat.routing import websocket_urlpatterns  # noqa: E402
from apps.core import login  # noqa: E402
from apps.core.headers import Application  # noqa: E402
from apps.core.threads import in_db  # noqa: E402
from apps.gateway.asgi import application as developer_api  # noqa: E402
from apps.operations.demo import presence as demo  # noqa: E402
from apps.turns import lifespan  # noqa: E402
from openroute_site import twisted_stop  # noqa: E402
from openroute_site.dispatch import Dispatcher, Lifecycle  # noqa: E402
from openroute_site.pages import Pages  # noqa: E402

SETTLE_S: Final = 10.0
"""After running answers were stopped, what they cost and said still has to be written."""


async def _startup() -> None:
    if not settings.OPENROUTE_DEMO_ALLOWED and await in_db(demo.is_present):
        raise ImproperlyConfigured("The database holds the demo company, whose password everybody knows: use another.")
    await in_db(login.check)
    await lifespan.startup()
    twisted_stop.drain_with(lifespan.shutdown, deadline_s=settings.OPENROUTE_DRAIN_S + SETTLE_S)


def _knows_socket(path: str) -> bool:
    return any(route.pattern.match(path.removeprefix("/")) for route in websocket_urlpatterns)


application = Dispatcher(
    lifecycle=Lifecycle(_startup, lifespan.shutdown, deadline_s=settings.OPENROUTE_DRAIN_S + SETTLE_S),
    django=cast(Application, Pages()),
    developer_api=developer_api,
    sockets=URLRouter(websocket_urlpatterns),
    knows_socket=_knows_socket,
    allowed_hosts=lambda: settings.ALLOWED_HOSTS,
)
