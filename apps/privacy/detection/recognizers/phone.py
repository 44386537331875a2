"""Telephone numbers: international ones by themselves, national ones by their shape or near their word."""

from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.numbers import Number
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("Call Tom on +44 20 7946 0958 about it", "+44 20 7946 0958"),
    ("ring (212) 555-0187 today", "(212) 555-0187"),
    ("Appelez M. Dupont au 06 12 34 56 78 avant midi", "06 12 34 56 78"),
    ("Telefon: 030 / 1234567", "030 / 1234567"),
    ("phone:\n9469 9966", "9469 9966"),
    ("my mobile is 015123456789", "015123456789"),
    ("0049 151 23456789", "0049 151 23456789"),
    ("{'phone': '+49 151 23456789'}", "+49 151 23456789"),
)
NON_EXAMPLES = (
    "between 2019-10-12 and 2020", "range(1000000, 2000000)", "x = 3.14159265", "the years 1914-1918 and 1939-1945",
    "ISBN 978-3-16-148410-0", "we sold 1,234,567 units", "10 20 30 40 50", "call the function with 1024 2048",
    "+5 -3 +12",
)  # fmt: skip

_NANP = regex.compile(
    r"\+?1?[ .-]{0,2}\(?[2-9]\d{2}\)?[ .-]{1,2}[2-9]\d{2}[ .-]\d{4}|\(?[2-9]\d{2}\)[ .-]?[2-9]\d{2}[ .-]?\d{4}"
)
_FRENCH = regex.compile(r"0[1-9](?:[ .-]\d{2}){4}")
_THREE_GROUPS = regex.compile(r"\d{3}([.-])\d{3}\1\d{4}")
_TRUNK = regex.compile(r"\(?0\d{1,5}\)?(?:[ /-]{1,3}\d{2,8}){1,4}")
_DATE = regex.compile(r"(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ]\d|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)\d\d")
_STRONG, _SHAPED, _WEAK = 0.7, 0.45, 0.1


class Phone(Scanner):
    """Weak numbers are raised by "phone", "call", "Telefon", "mobile" and the like beside them."""

    entities = ("PHONE_NUMBER",)
    context_words = (
        "phone", "tel", "tel.", "mobile", "mobil", "handy", "cell", "call me", "call us", "call him", "call her",
        "fax", "whatsapp",
        "rufnummer", "anruf", "dial", "portable", "téléphone", "teléfono", "telefono", "cellulare", "móvil", "llám",
        "appel", "sms",
        "reach me", "contact number", "hotline", "ring me", "landline", "rückruf", "ruf ", "text me", "pager",
        "answering", "messages to", "reached at", "reach us", "電話", "电话", "전화",
    )  # fmt: skip

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 7

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for number in facts.lines:
            if 7 <= len(number.digits) <= 15:
                score = _score(number, text)
                if score:
                    yield Hit("PHONE_NUMBER", number.start, number.end, score)


def _score(number: Number, text: str) -> float:
    shown, digits = number.text, number.digits
    if shown.startswith(("+", "(+")) or text[max(0, number.start - 1) : number.start] == "+":
        return _STRONG if len(digits) >= 8 and digits[0] != "0" and len(number.spans) < 9 else 0.0
    if _DATE.match(shown) or "_" in shown:
        return 0.0
    if digits.startswith("00") and len(digits) >= 10 and number.spans[0][1] - number.spans[0][0] >= 4:
        return _STRONG
    if _NANP.fullmatch(shown):
        return 0.6
    if _FRENCH.fullmatch(shown):
        return 0.6
    if _THREE_GROUPS.fullmatch(shown):
        return _SHAPED
    if "." not in shown and 9 <= len(digits) <= 12 and digits[0] == "0" and _TRUNK.fullmatch(shown):
        return _SHAPED
    return _WEAK if len(number.spans) <= 7 or set(number.groups) == {1} else 0.0


PLUGIN = Phone()
