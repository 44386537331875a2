"""Wallet addresses: Bitcoin by its checksum (base58check, bech32), Ethereum near its word."""

import hashlib
from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("send it to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT now", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ("my ethereum wallet 0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886E0F7030069857D2E4169EE7"),
)
NON_EXAMPLES = ("1BoatSLRHtKNngkdXEeobR76b53LETtpyU", "the commit 0x52908400098527886E0F7030069857D2E4169EE7 is broken")

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CANDIDATE = regex.compile(
    r"(?<![A-Za-z0-9])(?:(?P<base58>[13][1-9A-HJ-NP-Za-km-z]{25,34}+)|(?P<bech32>bc1[ac-hj-np-z02-9]{11,71}+)|"
    r"(?P<eth>0x[0-9A-Fa-f]{40}+))"
    r"(?![A-Za-z0-9])"
)


class Crypto(Scanner):
    """An Ethereum address looks like any other hash of 20 bytes, so it wants context."""

    entities = ("CRYPTO",)
    context_words = ("wallet", "ethereum", "eth", "ether", "usdt", "usdc", "btc", "bitcoin", "crypto", "metamask")

    def gate(self, traits: Traits) -> bool:
        return traits.longest >= 26 and traits.digits >= 1

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for match in facts.matches(_CANDIDATE):
            if match["eth"]:
                yield Hit("CRYPTO", match.start(), match.end(), 0.2)
            elif _base58check(match["base58"]) if match["base58"] else _bech32(match["bech32"]):
                yield Hit("CRYPTO", match.start(), match.end(), 1.0)


def _base58check(address: str) -> bool:
    number = 0
    for character in address:
        number = number * 58 + _ALPHABET.index(character)
    raw = number.to_bytes(25, "big") if number.bit_length() <= 200 else b""
    return bool(raw) and hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def _bech32(address: str) -> bool:
    """BIP 173 and BIP 350 (bech32m)."""
    prefix = [3, 3, 0, 2, 3]  # "bc", expanded
    state = 1
    for value in (*prefix, *(_BECH32.index(c) for c in address[3:])):
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            state ^= generator if top >> bit & 1 else 0
    return state in (1, 0x2BC830A3)


PLUGIN = Crypto()
