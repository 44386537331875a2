"""Where a request comes from: the true client address behind proxies, and what of it may be kept."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final

Network = IPv4Network | IPv6Network

# The order matters: every browser calls itself Safari, most call themselves Chrome.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_PORT = re.compile(r"^\[?([0-9a-fA-F:.]+?)\]?(?::\d{1,5})?$")


def networks(names: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and ranges of `TRUSTED_PROXIES`. Raises `ValueError` for what is neither."""
    return tuple(ip_network(name.strip(), strict=False) for name in names)


def client_address(*, peer: str, forwarded_for: str, trusted: tuple[Network, ...]) -> str:
    """The address that the nearest trusted proxy saw.

    `X-Forwarded-For` is read from its right end, as far as trusted proxies wrote it; what stands further left is the
    client's own invention. Without trusted proxies it is the peer's address.
    """
    address = peer
    for hop in reversed(forwarded_for.split(",") if forwarded_for else []):
        if not _is_in(address, trusted):
            break
        found = _address(hop.strip())
        if found is None:
            break
        address = found
    return address


def truncated(address: str) -> str:
    """The network of an address, /24 or /48: enough to recognise a place, not a person. Empty when unreadable."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def agent_class(user_agent: str) -> str:
    """`Firefox on Linux`: browser and system of a User-Agent header, without versions."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Unknown device"


def _address(text: str) -> str | None:
    if text.count(":") > 1 and not text.startswith("["):  # an IPv6 address without brackets has no port
        candidate = text
    else:
        match = _PORT.match(text)
        candidate = match.group(1) if match else ""
    try:
        return str(ip_address(candidate))
    except ValueError:
        return None


def _is_in(address: str, trusted: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in trusted)
