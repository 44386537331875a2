"""What holds for the whole suite: no test reaches further than this machine, and which database it uses."""

import ipaddress
import socket
import sys
from typing import Any

import pytest

from tests.support.databases import ON_POSTGRES

if ON_POSTGRES:
    from tests.support.two_logins import django_db_setup  # noqa: F401 - replaces pytest-django's


class NetworkForbidden(AssertionError):
    """A test tried to reach another machine. No `except OSError` in the code under test can swallow this."""


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    text = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook sees every connection that Python makes, also below `socket.socket`; it cannot be removed."""
    if event in {"socket.connect", "socket.sendto"}:
        sock, address = arguments[0], arguments[-1]
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            raise NetworkForbidden(f"a test tried to reach {address[0]}:{address[1]}")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "names under .invalid never resolve (RFC 6761)")
        if not _is_here(host) and not _is_address(name):
            raise NetworkForbidden(f"a test tried to look {name} up")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


sys.addaudithook(_guard)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `services` say why they do not run."""
    if ON_POSTGRES:
        return
    skip = pytest.mark.skip(reason="needs PostgreSQL and Redis: make test-services")
    for item in items:
        if item.get_closest_marker("services"):
            item.add_marker(skip)
