"""Words that stand near a finding and make it certain: "card 4111...", "..., that is my SSN"."""

from collections.abc import Sequence

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts

from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.traits import words_in

BEFORE = 64
AFTER = 40
"""How far words count, in code points."""
SURE = 0.5
"""From this score on a finding needs no context."""
SHORT = 4
"""Words up to this length must stand alone ("sin", "card"); longer ones also count inside compounds."""


def is_near(facts: Artifacts, start: int, end: int, words: Sequence[str]) -> bool:
    """True when one of the lower-cased words stands close before or after `[start, end)`."""
    lower = facts.traits.lower
    if len(lower) != len(facts.traits.text):  # a few capital letters grow when they are lowered
        lower = facts.traits.text.casefold()[: len(facts.traits.text)]
    before, after = lower[max(0, start - BEFORE) : start], lower[end : end + AFTER]
    short: list[str] = []
    for word in words:
        if len(word) <= SHORT and word.isascii():
            short.append(word)
        elif word in before or word in after:
            return True
    present = [word for word in short if word in before or word in after]
    return bool(present) and not words_in(f"{before} {after}").isdisjoint(present)


class NearbyWords(ContextAwareEnhancer):
    """Reads the neighbourhood of each unsure finding.

    Presidio's own enhancer looks a finding up in all tokens of the text, which is quadratic, and wants them from spaCy,
    whose vocabulary keeps every word that it ever saw: the process would grow, and hold what people wrote.
    """

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0.35,
            min_score_with_context_similarity=0.4,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Raise in place the score of each unsure finding that has a context word near it."""
        assert isinstance(nlp_artifacts, Artifacts)
        unsure = [result for result in raw_results if result.score < SURE]
        if not unsure:
            return raw_results
        words = {recognizer.id: recognizer.context or [] for recognizer in recognizers}
        useful: dict[str, list[str]] = {}
        for result in unsure:
            asks = result.recognition_metadata[RecognizerResult.RECOGNIZER_IDENTIFIER_KEY]
            if asks not in useful:
                useful[asks] = [*filter(nlp_artifacts.traits.lower.__contains__, words[asks])]
            stems = useful[asks]
            if stems and is_near(nlp_artifacts, result.start, result.end, stems):
                raised = result.score + self.context_similarity_factor
                result.score = min(1.0, max(raised, self.min_score_with_context_similarity))
        return raw_results
