"""One web process: uvicorn over a socket that the supervisor holds, or over an address of its own in a container.

The supervisor keeps the listening socket, so a web process that dies and is started again drops no new connection: they
wait in the backlog. Several web processes share the socket.
"""

import argparse
import os
import socket
import sys

import uvicorn
from django.conf import settings

from apps.domain.limits import MAX_FRAME_BYTES


def config(*, host: str | None = None, port: int = 0) -> uvicorn.Config:
    """What `make run` and production serve with. Access lines are counted (core/metrics.py), not printed."""
    return uvicorn.Config(
        "openroute_site.asgi:application",
        host=host or "127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        lifespan="on",
        log_config=None,  # Django's settings configure all loggers
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        backlog=2048,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,  # a delta is shorter than what deflate would cost each of a thousand sockets
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        timeout_graceful_shutdown=round(settings.OPENROUTE_DRAIN_S),
    )


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM: finish what runs, within a deadline, then end."""
    parser = argparse.ArgumentParser(prog="python -m openroute_site.serve", description=main.__doc__)
    parser.add_argument("--fd", type=int, help="an inherited listening socket")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args(arguments)
    sockets = [socket.socket(fileno=options.fd)] if options.fd is not None else None
    uvicorn.Server(config(host=options.host, port=options.port)).run(sockets=sockets)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.production")
    main(sys.argv[1:])
