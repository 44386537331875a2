"""National identifiers of some fifty countries: shape and check digits, and context where these are not enough."""

import re
from collections.abc import Iterator, Sequence

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.context import is_near
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.recognizers._countries import IDENTIFIERS, Identifier
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("Meine Steuer-ID lautet 86095742719.", "86095742719"),
    ("我的身份证号码是11010519491231002X，请帮我填写表格。", "11010519491231002X"),
    ("NINO AB 12 34 56 C", "AB 12 34 56 C"),
    ("DNI 12345678Z", "12345678Z"),
    ("codice fiscale RSSMRA85T10A562S", "RSSMRA85T10A562S"),
    ("BSN 111222333", "111222333"),
    ("AHV-Nummer 756.9217.0769.85", "756.9217.0769.85"),
    ("my Aadhaar is 2345 6789 0124", "2345 6789 0124"),
    ("CPF 111.444.777-35", "111.444.777-35"),
    ("hetu 131052-308T", "131052-308T"),
    ("NRIC S1234567D", "S1234567D"),
    ("passport number C01X00T47", "C01X00T47"),
    ("driver's license D1234567", "D1234567"),
    ("PESEL 44051401359", "44051401359"),
    ("numéro de sécurité sociale 2 55 08 14 168 025 38", "2 55 08 14 168 025 38"),
    ("NHS number 943 476 5919", "943 476 5919"),
)
NON_EXAMPLES = (
    "order 86095742719", "the id is 12345678901", "commit a1b2c3d4e5", "ISBN 9783161484100", "12345678A",
    "11010519491331002X",
    "uuid 123e4567-e89b-12d3-a456-426614174000", "we made 1112223334 steps", "the patient waited",
)  # fmt: skip

_WORD = regex.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{2} (?=\d\d \d\d \d\d [A-D]))?(?=[A-Za-z]*\d)[A-Za-z0-9]++(?:[./+-][A-Za-z0-9]++){0,6}"
    r"(?: ?(?=\d|[A-Za-z](?![A-Za-z]))[A-Za-z0-9]++){0,9}(?:\([0-9A]\))?"
)
_SEPARATORS = str.maketrans("", "", " ./_-()")
_CERTAIN, _IN_CONTEXT = 0.7, 0.65
_WITH_DIGIT = re.compile(rb"(?<![9Aa])[Aa]*+9")
_LETTERS_APART = b"AA "
"""What stands in the outline before the digits of "AB 12 34 56 C"."""
_BY_LENGTH = {length: tuple(i for i in IDENTIFIERS if length in i.lengths) for length in range(7, 21)}


class NationalId(Scanner):
    """A candidate is tried against every identifier of its shape; the first that is certain or in context wins."""

    entities = ("NATIONAL_ID",)

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 4

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        possible: dict[int, tuple[Identifier, ...]] = {}
        for match in _candidates(text, facts):
            shown = match[0].upper()
            plain = shown.translate(_SEPARATORS)
            length = len(plain)
            if length not in possible:
                possible[length] = _possible(facts.traits, _BY_LENGTH.get(length, ()))
            score = _score(shown, plain, match.span(), facts, possible[length])
            if score:
                yield Hit("NATIONAL_ID", match.start(), match.end(), score)


def _candidates(text: str, facts: Artifacts) -> Iterator["regex.Match[str]"]:
    """Words that hold a digit, with what belongs to them. Found in the outline: the pattern would stop at each word."""
    outline, reached = facts.traits.outline, 0
    for found in _WITH_DIGIT.finditer(outline):
        start = found.start()
        if start < reached:
            continue
        match = None
        if outline[start - 3 : start] == _LETTERS_APART and start - 3 >= reached:
            match = _WORD.match(text, start - 3, timeout=facts.clock.step())
        match = match or _WORD.match(text, start, timeout=facts.clock.step())
        if match is not None:
            reached = match.end()
            yield match


def _possible(traits: Traits, of_length: Sequence[Identifier]) -> tuple[Identifier, ...]:
    """The certain ones, and those whose word occurs at all: a table of numbers asks often."""
    return tuple(identifier for identifier in of_length if identifier.certain or traits.mentions(*identifier.words))


def _score(shown: str, plain: str, span: tuple[int, int], facts: Artifacts, possible: tuple[Identifier, ...]) -> float:
    for identifier in possible:
        candidate = shown if identifier.country == "FI" else plain
        if not identifier.shape.fullmatch(candidate) or not identifier.check(candidate):
            continue
        if identifier.certain:
            return _CERTAIN
        if is_near(facts, *span, identifier.words):
            return _IN_CONTEXT
    return 0.0


PLUGIN = NationalId()
