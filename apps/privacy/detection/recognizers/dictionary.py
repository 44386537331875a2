"""A tenant's own terms: project names, customers, code words."""

from collections.abc import Iterator

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("status of project  FALCON?", "project  FALCON"),
    ("Bluebird's budget", "Bluebird"),
)
NON_EXAMPLES = ("bluebirds are birds", "a project about falcons")


class Dictionary(Scanner):
    """The terms come with the request, compiled once per policy version."""

    entities = ("DICTIONARY",)

    def gate(self, traits: Traits) -> bool:
        return True

    def opens(self, facts: Artifacts) -> bool:
        return bool(facts.terms)

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        for start, end in facts.terms.find(text, facts.clock.step()):
            yield Hit("DICTIONARY", start, end, 1.0)


PLUGIN = Dictionary()
