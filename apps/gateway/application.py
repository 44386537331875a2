"""The developer API as plain ASGI with guards of its own: Django's middleware costs more than a whole answer may.

    Host header -> route and method -> bearer (cookies are ignored) -> body within bounds -> handler

Whatever goes wrong is answered as JSON in the form of the route; a defect too, which then rises to the server's log.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError
from django.http.request import split_domain_port, validate_host

from apps.core.headers import Receive, Scope, Send
from apps.core.snapshot import UNREACHABLE
from apps.domain.errors import InvalidRequest, OpenRouteError, Overloaded, Unauthenticated
from apps.gateway import catalogue, completions
from apps.gateway.backend import Backend, Caller
from apps.gateway.errors import Broken, MethodNotAllowed, NotOffered
from apps.gateway.exchange import Exchange
from apps.gateway.jsonbody import ClientGone

log = structlog.get_logger(__name__)

Handler = Callable[[Exchange, Caller, Backend], Awaitable[None]]

ROUTES: Final[Mapping[str, tuple[str, Handler]]] = {
    completions.SURFACE: ("POST", completions.create),
    "/v1/models": ("GET", catalogue.list_models),
}
ONE_MODEL: Final[tuple[str, Handler]] = ("GET", catalogue.get_model)
NOT_YET: Final = frozenset({"/v1/embeddings", "/v1/responses", "/v1/messages"})
"""Part of the published API, not served yet."""


class Gateway:
    """The application. `allowed_hosts` is asked for each request, so that settings may change in tests."""

    def __init__(self, backend: Backend, *, allowed_hosts: Callable[[], list[str]]) -> None:
        self._backend = backend
        self._allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        try:
            handler = self._route(exchange)
            caller = await self._backend.authenticate(_bearer(exchange))
            await handler(exchange, caller, self._backend)
        except OpenRouteError as error:
            await exchange.refuse(error)
        except ClientGone:
            exchange.finished = True
        except (OperationalError, InterfaceError) as error:  # as for pages: come again, and no defect
            log.warning("gateway.store_away", error=type(error).__name__)
            await exchange.refuse(Overloaded(UNREACHABLE))
        finally:
            await exchange.refuse(Broken())  # does nothing unless a defect passes by on its way to the server's log

    def _route(self, exchange: Exchange) -> Handler:
        """Who answers. Raises what is wrong with the address, before anybody's key is looked at."""
        domain, _ = split_domain_port(exchange.header(b"host"))
        if not domain or not validate_host(domain, self._allowed_hosts()):
            raise InvalidRequest("The Host header names a host that is not served here.")
        path = exchange.path
        if path in NOT_YET:
            raise NotOffered(f"{path} is not offered by this installation yet. Use {completions.SURFACE}.")
        named = path.startswith(catalogue.PREFIX) and len(path) > len(catalogue.PREFIX)
        route = ONE_MODEL if named else ROUTES.get(path)
        if route is None:
            raise NotOffered(f"Nothing is served here. The developer API has {', '.join(ROUTES)}.")
        method, handler = route
        if exchange.method != method:
            raise MethodNotAllowed(method)
        return handler


def _bearer(exchange: Exchange) -> str:
    given = exchange.headers(b"authorization")
    if len(given) > 1:
        raise Unauthenticated("Send one API key, in one Authorization header.")
    scheme, _, value = (given[0] if given else "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise Unauthenticated("Send an API key: `Authorization: Bearer or-...`.")
    return value.strip()
