"""IP addresses that lead to somebody: public ones. Loopback, private, documentation and resolver addresses are not."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("login from 85.214.132.117 failed", "85.214.132.117"),
    ("http://93.184.216.34:8080/x", "93.184.216.34"),
    ("peer 2a01:4f8:c17:b0f::2 is down", "2a01:4f8:c17:b0f::2"),
)
NON_EXAMPLES = (
    "bind to 127.0.0.1 or 0.0.0.0, mask 255.255.255.0", "between 10.5.3 and 10.6.0 of Django", "ping 8.8.8.8",
    "::1", "12:30:45",
    "version 1.2.3.4.5", "router at 192.168.1.1", "std::vector<int>::size()", "section 4.3.2.1",
)  # fmt: skip

_V4 = regex.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}+(?![\w]|\.\d)")
_V6 = regex.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}+[0-9A-Fa-f]{0,4}(?![\w:])")
_RESOLVERS = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "1.2.3.4", "4.3.2.1", "208.67.222.222"})
_PUBLIC, _PRIVATE = 0.6, 0.04


class IpAddress(Scanner):
    """A private address counts only for a tenant that lowers its threshold: it identifies nobody outside."""

    entities = ("IP_ADDRESS",)
    context_words = ("ip address", "ip-adresse", "adresse ip", "ip:", "client ip", "dirección ip", "indirizzo ip")

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 2 and (traits.text.count(".") >= 3 or traits.text.count(":") >= 2)

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for pattern in (_V4, _V6):
            for match in facts.matches(pattern):
                score = _score(match[0])
                if score:
                    yield Hit("IP_ADDRESS", match.start(), match.end(), score)


def _score(shown: str) -> float:
    try:
        address = ip_address(shown)
    except ValueError:
        return 0.0
    if shown in _RESOLVERS or address.is_loopback or address.is_unspecified or address.is_multicast:
        return 0.0
    if isinstance(address, IPv4Address) and _looks_like_a_mask_or_version(address):
        return 0.0
    if isinstance(address, IPv6Address) and shown.count(":") < 3:
        return 0.0
    return _PUBLIC if address.is_global else _PRIVATE


def _looks_like_a_mask_or_version(address: IPv4Address) -> bool:
    parts = address.packed
    return parts[0] == 255 or parts[0] == 0 or max(parts) < 10


PLUGIN = IpAddress()
