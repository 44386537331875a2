"""The shape of every recogniser: Presidio's, silent unless the text's traits open its gate."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from apps.privacy.detection.artifacts import LANGUAGE, Artifacts
from apps.privacy.detection.traits import Traits

MAX_HITS = 100
"""Findings of one recogniser in one chunk; Presidio compares them pair by pair. What is left out is still sensitive
company: a masked text is inspected again, and the label does not depend on how many there are."""


class Hit(NamedTuple):
    """What a recogniser found: an entity type, code-point offsets in the view, a score in [0, 1]."""

    type: str
    start: int
    end: int
    score: float


@runtime_checkable
class Recognizer(Protocol):
    """What the loader expects of a `PLUGIN` in this folder."""

    @property
    def name(self) -> str: ...

    supported_entities: list[str]


class Scanner(EntityRecognizer, ABC):
    """Base of the recognisers. Subclasses must give `entities`, `gate` and `scan`, and maybe `context_words`.

    A hit whose score is below `SURE` is raised by the enhancer when a context word stands near it.
    """

    name: str
    entities: ClassVar[tuple[str, ...]]
    context_words: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        super().__init__(
            supported_entities=list(self.entities),
            name=type(self).__module__.rpartition(".")[2],
            supported_language=LANGUAGE,
            context=list(self.context_words),
        )

    def load(self) -> None:
        """Nothing to load: patterns are compiled when the module is imported."""

    @abstractmethod
    def gate(self, traits: Traits) -> bool:
        """A cheap test; False promises that `scan` would find nothing."""

    def opens(self, facts: Artifacts) -> bool:
        """The gate, for a recogniser that needs to know more than the text."""
        return self.gate(facts.traits)

    @abstractmethod
    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        """The hits, in any order. May raise `TimeoutError`."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Presidio's entry point. The engine asks for types, so a type's other recognisers are called as well."""
        assert isinstance(nlp_artifacts, Artifacts)
        if nlp_artifacts.opened is not None and self not in nlp_artifacts.opened:
            return []
        return [self._result(hit) for hit in islice(self.scan(text, nlp_artifacts), MAX_HITS)]

    def _result(self, hit: Hit) -> RecognizerResult:
        why = AnalysisExplanation(recognizer=self.name, original_score=hit.score)
        return RecognizerResult(hit.type, hit.start, hit.end, hit.score, why)
