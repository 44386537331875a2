"""The only way out: pooled HTTP sessions that reach public addresses, or hosts that the operator has listed (P20).

TLS is verified; redirects, proxies from the environment and cookies are off; nothing is decompressed, so a few bytes
cannot become many. A POST is never repeated: the provider may have begun to work and to bill.
"""

import asyncio
import errno
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import aiohttp
from yarl import URL

from apps.providers.adapters._errors import ProviderTimeout, ProviderUnavailable
from apps.providers.adapters._protocol import Endpoint

KEEPALIVE_S = 15.0
DRAIN_S = 0.2
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}


class Outbound:
    """One pool for public addresses and one for listed hosts, per event loop."""

    def __init__(self, allow_hosts: Iterable[str] = ()) -> None:
        """`allow_hosts` holds `host` (any port) or `host:port`; IPv6 addresses in brackets."""
        self._listed = frozenset(host.strip().lower() for host in allow_hosts if host.strip())
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[bool, aiohttp.ClientSession]] = (
            WeakKeyDictionary()
        )
        self._known: dict[str, bool] = {}

    def is_listed(self, base_url: str) -> bool:
        """Whether the operator has named this host, so that it may have an internal address and speak plain HTTP."""
        known = self._known.get(base_url)
        if known is None:
            known = self._known[base_url] = self._look_up(base_url)
        return known

    def session(self, base_url: str) -> aiohttp.ClientSession:
        """The pooled session that may reach this address. Must be called on the event loop that will use it."""
        pools = self._pools.setdefault(asyncio.get_running_loop(), {})
        listed = self.is_listed(base_url)
        session = pools.get(listed)
        if session is None or session.closed:
            session = pools[listed] = _new_session(public_only=not listed)
        return session

    async def close(self) -> None:
        """Close the sessions of this event loop."""
        for session in self._pools.pop(asyncio.get_running_loop(), {}).values():
            await session.close()

    def _look_up(self, base_url: str) -> bool:
        try:
            parts = urlsplit(base_url.lower())
            host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError:  # no address at all
            return False
        return bool({host, f"{host}:{port}"} & self._listed)


def _new_session(*, public_only: bool) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,  # bounded per provider by its circuit, so that one cannot use up the connections of another
            keepalive_timeout=KEEPALIVE_S,
            socket_factory=_public_socket if public_only else _listed_socket,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept"),
        headers={"Accept-Encoding": "identity", "User-Agent": "OpenRoute"},
        timeout=aiohttp.ClientTimeout(total=None),
    )


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also when IPv6 only wraps an internal IPv4 address."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    return ip.is_global and not ip.is_multicast


def _public_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for the very address that is about to be connected to: no name can be resolved differently later."""
    return _socket(info, permitted=is_public(info[4][0]))


def _listed_socket(info: tuple[Any, ...]) -> socket.socket:
    """A listed host may have any address but a link-local one: that is where clouds keep their machines' secrets."""
    return _socket(info, permitted=not ipaddress.ip_address(info[4][0]).is_link_local)


def _socket(info: tuple[Any, ...], *, permitted: bool) -> socket.socket:
    if not permitted:
        raise OSError(errno.ECONNREFUSED, "refused")  # looks like a closed port
    made = socket.socket(*info[:3])
    made.setblocking(False)
    return made


class Exchange:
    """One request and its answer, bounded in time and size, with every failure as a `ProviderError`."""

    def __init__(self, endpoint: Endpoint, *, max_bytes: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._name = endpoint.name
        self._timeouts = endpoint.timeouts
        self._started = self._loop.time()
        self._end = self._started + self._timeouts.total_s
        self._deadline = min(self._started + self._timeouts.first_token_s, self._end)
        self._left = max_bytes
        self._progress = False
        self._alarm: asyncio.TimerHandle | None = None
        self._waiting = False
        self._response: aiohttp.ClientResponse | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._response is not None:
            self._response.release()  # back to the pool when it was read to its end, closed otherwise

    @property
    def response(self) -> aiohttp.ClientResponse:
        assert self._response is not None, "nothing was sent"
        return self._response

    async def send(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> int:
        """Send the request and wait for the status. Redirects are refused: the key belongs to one host."""
        limits = aiohttp.ClientTimeout(total=None, connect=self._timeouts.connect_s)
        try:
            async with asyncio.timeout_at(self._deadline):
                self._response = await session.request(
                    method, url, data=body, headers=headers, allow_redirects=False, timeout=limits
                )
        except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
            raise self._unreachable(unsent=True) from error
        except TimeoutError as error:
            raise self._too_late() from error
        except (aiohttp.ClientError, OSError) as error:
            raise self._unreachable() from error
        status = self._response.status
        if 300 <= status < 400:
            detail = (
                f"{self._name} answered with a redirect, which is not followed. The operator must correct its address."
            )
            raise ProviderUnavailable(detail, upstream_status=status)
        return status

    async def read(self) -> bytes:
        """What the next socket read brings; empty at the end of the answer."""
        content = self.response.content
        if self._alarm is None:
            self._set_alarm()
        self._waiting = True
        try:
            received: bytes = await content.readany()
        except TimeoutError as error:
            raise self._too_late() from error
        except (aiohttp.ClientError, OSError) as error:
            raise ProviderUnavailable(f"The connection to {self._name} broke off.") from error
        finally:
            self._waiting = False
        self._left -= len(received)
        if self._left < 0:
            raise ProviderUnavailable(f"{self._name} sent more than was asked for.")
        return received

    async def read_all(self) -> bytes:
        """The whole answer, within the bounds of `read`."""
        pieces = []
        while received := await self.read():
            pieces.append(received)
        return b"".join(pieces)

    def progressed(self) -> None:
        """A token came: the time for the next one starts."""
        self._progress = True
        self._deadline = min(self._loop.time() + self._timeouts.between_tokens_s, self._end)
        if self._alarm is not None and self._deadline < self._alarm.when():  # a later deadline is met by `_look`
            self._set_alarm()

    async def drain(self) -> None:
        """Read what is left of a finished answer, so that the connection can be used again."""
        self._deadline = min(self._deadline, self._loop.time() + DRAIN_S)
        self._set_alarm()
        try:
            await self.read_all()
        except (ProviderTimeout, ProviderUnavailable):
            self.response.close()

    def _set_alarm(self) -> None:
        """One timer per answer follows the deadline: a time-out round each read would cost as much as a token."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        self._alarm = None  # the next read sets it again, if there is one
        if self._loop.time() < self._deadline:
            self._set_alarm()
        elif self._waiting:
            self.response.content.set_exception(TimeoutError())

    def _unreachable(self, *, unsent: bool = False) -> ProviderUnavailable:
        error = ProviderUnavailable(f"{self._name} could not be reached.")
        error.unsent = unsent
        return error

    def _too_late(self) -> ProviderTimeout:
        limits = self._timeouts
        if self._loop.time() >= self._end:
            detail = f"{self._name} did not finish within {limits.total_s:g} s."
            return ProviderTimeout(detail, sick=not self._progress)
        if self._progress:
            return ProviderTimeout(f"{self._name} fell silent for {limits.between_tokens_s:g} s.")
        return ProviderTimeout(f"{self._name} did not begin to answer within {limits.first_token_s:g} s.")
