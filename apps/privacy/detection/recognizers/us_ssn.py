"""US social security numbers: the grouping 3-2-4, or nine digits near their word."""

from collections.abc import Iterator

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.numbers import Number
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("ssn 536_22_8134", "536_22_8134"),
    ("VALUES ('1984-03-12','536-22-8134')", "536-22-8134"),
    ("his social security number is 536228134", "536228134"),
    ("536.22.8134. That is my SSN", "536.22.8134"),
    ("SSN: 5 3 6 2 2 8 1 3 4", "5 3 6 2 2 8 1 3 4"),
)
NON_EXAMPLES = (
    "666-12-3456 cannot be one",
    "000-12-3456",
    "build 536228134",
    "2023-10-2024",
    "123-45-6789 is the usual example",
)

_ADVERTISED = frozenset({"123456789", "078051120", "219099999", "987654321", "111223333"})


class UsSsn(Scanner):
    """Three groups are probable by themselves; everything else wants the word."""

    entities = ("US_SSN",)
    context_words = ("ssn", "ssns", "social security", "social-security", "ss#", "soc sec", "itin", "taxpayer")

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 9

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for number in facts.lines:
            if len(number.digits) < 9:
                continue
            groups = number.groups
            for first in range(len(groups) - 2):
                if groups[first : first + 3] == (3, 2, 4):
                    part = number.part(first, first + 2)
                    if _tight(part) and _possible(part.digits):
                        yield Hit("US_SSN", part.spans[0][0], part.end, 0.5)
            if len(number.digits) == 9 and len(set(groups)) == 1 and _possible(number.digits):
                yield Hit("US_SSN", number.spans[0][0], number.end, 0.1)


def _possible(digits: str) -> bool:
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    taken = area in ("000", "666") or group == "00" or serial == "0000"
    return not taken and digits not in _ADVERTISED and len(set(digits)) > 1


def _tight(number: Number) -> bool:
    """One and the same separator between the groups: columns of a table are no number."""
    (_, a), (b, c), (d, _) = number.spans
    between = number.text[a - number.start : b - number.start], number.text[c - number.start : d - number.start]
    return between[0] == between[1] and len(between[0]) == 1


PLUGIN = UsSsn()
