"""Django behind the front door: files are sent from the event loop, everything else runs on one thread from end to end.

Django's own handler changes between loop and threads for each middleware, and starts a thread for each request:
measured, 5 of the 9 ms that a refused request of the web API cost.
"""

from typing import Any, Final

from csp.middleware import CSPMiddleware
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from servestatic.middleware import ServeStaticMiddleware  # type: ignore[import-untyped]  # it ships no types

from apps.core.threads import in_page, in_probe

_PROBES: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_GUARDS: Final = (XFrameOptionsMiddleware, CSPMiddleware, SecurityMiddleware)
"""What the middleware of pages adds to a reply, for files too."""


class Pages(ASGIHandler):
    """The ASGI application of all that is neither the developer API nor a websocket. Views must be synchronous."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)  # not its parent's, which would load the middleware for the event loop
        self.load_middleware(is_async=False)
        self._files = ServeStaticMiddleware(self._no_page)
        self._guards = [guard(_never) for guard in _GUARDS]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.handle(scope, receive, send)  # without a thread of the request's own

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The reply, its middleware included."""
        if request.path_info in self._files.files:
            return await self._file(request)
        run = in_probe if request.path_info in _PROBES else in_page
        return await run(self.get_response, request)

    async def _file(self, request: HttpRequest) -> HttpResponseBase:
        reply: HttpResponseBase = await self._files(request)
        for guard in self._guards:
            reply = guard.process_response(request, reply)  # type: ignore[arg-type]  # a file is a response too
        return reply

    @staticmethod
    async def _no_page(request: HttpRequest) -> HttpResponseBase:
        raise LookupError(f"{request.path_info} is no file")


def _never(request: HttpRequest) -> HttpResponseBase:
    raise LookupError(f"{request.path_info} is not asked for here")
