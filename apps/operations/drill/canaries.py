"""Made-up private values, fresh for each use, so that a byte of them at a sink can only have come from there."""

import base64
import json
import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

_FOREIGN_BANK: Final = "99999999"
"""No German bank has this code: the account number cannot be anybody's."""
_INVISIBLE: Final = re.compile(rb"\xe2\x80\x8b|\\u200b")
_LETTERS: Final = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Canary:
    """One private value and a sentence that a person might write round it. `kind` is the type that detectors name."""

    kind: str
    value: str = field(repr=False)
    sentence: str = field(repr=False)

    def is_in(self, sent: bytes) -> bool:
        """Whether these bytes hold the value: as it is, with blanks or invisible letters, for URLs, or in base64."""
        bare = b"".join(_INVISIBLE.sub(b"", sent).split())
        return any(spelling in sent or spelling in bare for spelling in self._spellings())

    def _spellings(self) -> frozenset[bytes]:
        plain = {self.value, self.value.replace(" ", ""), quote(self.value), json.dumps(self.value)[1:-1]}
        whole = {text.encode() for text in plain}
        # Base64 of a part differs by where it begins; two of three bytes at each end depend on their neighbours.
        shifted = {base64.b64encode(b"\0" * shift + self.value.encode())[4:-4] for shift in range(3)}
        return frozenset(whole | shifted)


def iban() -> Canary:
    account = f"{secrets.randbelow(10**10):010d}"
    check = 98 - int(f"{_FOREIGN_BANK}{account}131400") % 97
    value = f"DE{check:02d}{_FOREIGN_BANK}{account}"
    return Canary("IBAN_CODE", value, f"Please pay the refund to {value} by Friday.")


def card() -> Canary:
    digits = f"400000{secrets.randbelow(10**9):09d}"
    value = digits + _luhn(digits)
    return Canary("CREDIT_CARD", value, f"Charge the card {value} for the hotel.")


def secret() -> Canary:
    value = "ghp_" + "".join(secrets.choice(_LETTERS) for _ in range(36))
    return Canary("SECRET", value, f"The build runs with the token {value} at the moment.")


def email() -> Canary:
    name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
    value = f"{name}@private-canary.com"
    return Canary("EMAIL_ADDRESS", value, f"Write to {value} that the contract is ready.")


KINDS: Final = (iban, secret, card, email)


def _luhn(digits: str) -> str:
    """The check digit of a card number (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 * (value > 9) for value in doubled) % 10)
