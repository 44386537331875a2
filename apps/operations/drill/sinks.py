"""Model providers on this machine that answer like the demo models and keep every byte that reaches them."""

import threading
import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from apps.domain.errors import OpenRouteError
from apps.operations.demo_models.app import DemoServer, Receive, Send

HOST: Final = "127.0.0.1"
START_S: Final = 10.0


class NotServed(OpenRouteError):
    """The drill has no sinks and cannot begin; nothing was changed."""

    code, status = "not_served", 503


class Sink:
    """An ASGI application. What it has received may be read from any thread, at any time."""

    def __init__(self, tokens_per_s: float) -> None:
        self._models = DemoServer(tokens_per_s=tokens_per_s)
        self._received: list[bytearray] = []
        self.asked = 0
        """Requests that carry text. Health checks of a worker (GET) do not; they are kept all the same."""
        self.port = 0

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}/v1"

    @property
    def requests(self) -> tuple[bytes, ...]:
        """Each request so far: its line, headers and body."""
        return tuple(bytes(request) for request in self._received)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = bytearray(scope["raw_path"] + b"?" + scope["query_string"] + b"\n")
        for name, value in scope["headers"]:
            request += name + b": " + value + b"\n"
        self._received.append(request)
        self.asked += scope["method"] == "POST"

        async def keep() -> MutableMapping[str, Any]:
            message = await receive()
            request.extend(message.get("body", b""))
            return message

        await self._models(scope, keep, send)


@contextmanager
def served(sink: Sink) -> Iterator[Sink]:
    """The sink on a free port of this machine, in a thread. Raises `NotServed` where none can be had."""
    server = uvicorn.Server(
        uvicorn.Config(
            sink, host=HOST, port=0, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, name="openroute-sink", daemon=True)
    thread.start()
    try:
        sink.port = _port_of(server, thread)
        yield sink
    finally:
        server.should_exit = True
        thread.join(5)


def _port_of(server: uvicorn.Server, thread: threading.Thread) -> int:
    end = time.monotonic() + START_S
    while not server.started:
        if not thread.is_alive() or time.monotonic() > end:
            raise NotServed("No port of this machine could be opened for the sinks of the drill.")
        time.sleep(0.01)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port
