"""International bank account numbers (ISO 13616): the country's length and check digits decide, spacing does not."""

import re
from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.recognizers._checksums import iban
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("IBAN for the refund: DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 00"),
    ("to GB82WEST12345698765432 please", "GB82WEST12345698765432"),
    ("IBAN D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0"),
    ("fr14 2004 1010 0505 0001 3m02 606", "fr14 2004 1010 0505 0001 3m02 606"),
    ("NL91-ABNA-0417-1643-00.", "NL91-ABNA-0417-1643-00"),
)
NON_EXAMPLES = ("DE89 3704 0044 0532 0130 01", "part no. AB12 3456 7890 1234 5678", "an IBAN starts with DE89")

# Lengths by country, from the SWIFT registry.
_LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24,
    "FI": 18,
    "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28,
    "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20,
    "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28,
    "NL": 18,
    "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31,
    "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26,
    "UA": 29,
    "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
_SEPARATOR = r"[ .\-_/\n]?"
_START = regex.compile(rf"(?<![A-Za-z0-9])([A-Za-z]){_SEPARATOR}([A-Za-z]){_SEPARATOR}\d")
_MAYBE = re.compile(rb"(?<![9Aa])[Aa][ ._/-]?[Aa][ ._/-]?9")
_CANDIDATE = regex.compile(rf"(?:[A-Za-z0-9]{_SEPARATOR}){{14,34}}+")
_ALNUM = regex.compile(r"[A-Za-z0-9]")


class Iban(Scanner):
    """Certain by its checksum: no context is needed."""

    entities = ("IBAN_CODE",)

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 8 and _MAYBE.search(traits.outline) is not None

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for start in facts.matches(_START, overlapped=True):
            if f"{start[1]}{start[2]}".upper() not in _LENGTHS:
                continue
            match = _CANDIDATE.match(text, start.start())
            end = _end(match[0], start.start()) if match else 0
            if end:
                yield Hit("IBAN_CODE", start.start(), end, 1.0)


def _end(shown: str, start: int) -> int:
    """Where the number that begins here ends; 0 when it is none."""
    places = [found.start() for found in _ALNUM.finditer(shown)]
    code = "".join(shown[at] for at in places).upper()
    length = _LENGTHS.get(code[:2], 0)
    valid = 0 < length <= len(code) and code[2:4].isdecimal() and iban(code[:length])
    return start + places[length - 1] + 1 if valid else 0


PLUGIN = Iban()
