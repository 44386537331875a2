"""Licence numbers of the US Drug Enforcement Administration, by their check digit."""

from collections.abc import Iterator

import regex

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (("prescriber DEA number BB1388568", "BB1388568"),)
NON_EXAMPLES = ("DEA number BB1388569", "part BB1388568 is out of stock")

_CANDIDATE = regex.compile(r"(?<![A-Za-z0-9])[ABCDEFGHJKLMPRSTUX][A-Z9]\d{7}(?![A-Za-z0-9])")


class MedicalLicense(Scanner):
    """One in ten random numbers passes the check, so the word has to stand near."""

    entities = ("MEDICAL_LICENSE",)
    context_words = ("dea", "prescrib", "medical license", "physician", "doctor", "practitioner", "certificate")

    def gate(self, traits: Traits) -> bool:
        return traits.digits >= 7

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for match in facts.matches(_CANDIDATE):
            digits = list(map(int, match[0][2:]))
            if (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]:
                yield Hit("MEDICAL_LICENSE", match.start(), match.end(), 0.3)


PLUGIN = MedicalLicense()
