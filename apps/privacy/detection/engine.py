"""Presidio's AnalyzerEngine, built once per process, over every view of a text, within a budget of time."""

import logging
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from functools import cached_property

import regex
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerResult
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from apps.domain.limits import MAX_CLASSIFIED_BYTES
from apps.domain.plugins import load
from apps.domain.policy import SensitivitySettings
from apps.domain.privacy import Finding, Sensitivity, Verdict
from apps.privacy.detection.artifacts import LANGUAGE, Artifacts
from apps.privacy.detection.classify import classify
from apps.privacy.detection.clock import Clock
from apps.privacy.detection.context import NearbyWords
from apps.privacy.detection.dictionary import NO_TERMS, Terms
from apps.privacy.detection.ner.model import VERSION as VERSION_OF_NAMES
from apps.privacy.detection.nlp import NlpEngine
from apps.privacy.detection.normalise import gathered, views
from apps.privacy.detection.recognizers._base import Recognizer, Scanner
from apps.privacy.detection.registry import Registry
from apps.privacy.detection.traits import Traits
from apps.privacy.detection.view import View

VERSION = "4"
"""Part of every cached verdict's key: raise it when findings may change."""
OWN_NAMES = "trained_names"
"""The recogniser that an installed spaCy model replaces."""

BUDGET_S = 2.0
"""CPU seconds that one text may cost (promise P19)."""
CHUNK = 4_000
OVERLAP = 320
"""Long texts are looked at in chunks; whatever is shorter than the overlap lies whole in one of them."""

TOO_LONG, TIMEOUT, DETECTOR_ERROR, NOT_LOADED = "too_long", "timeout", "detector_error", "not_loaded"
GUESSED = frozenset({"PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION"})
"""What words alone suggest, and where it ends."""
SPLIT_TYPES = frozenset({"CREDIT_CARD", "US_SSN"})
"""What is looked for in numbers that were put together."""

# What a defect of a recogniser, of Presidio or of spaCy raises. The result is then "not classified", never "clean".
FAULTS = (
    ArithmeticError, AssertionError, AttributeError, ImportError, LookupError, MemoryError, OSError, RuntimeError,
    TypeError, ValueError,
    regex.error,
)  # fmt: skip

logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)  # its debug lines quote the text


@dataclass(frozen=True, slots=True)
class Found:
    """All findings of a text, before any policy; or why there are none."""

    findings: tuple[Finding, ...] = ()
    why: str = ""


class Engine:
    """The detector. Safe to use from several threads; building it takes about a second and no network.

    Args:
        model: an installed spaCy package that finds names, places and organisations instead of the project's own
            recogniser, or empty.
        without: names of recognisers that are left out, to measure what they are worth.

    Raises:
        ModelNotInstalled: the package is not there.
        PluginError: a recogniser's file is not as it must be.
    """

    def __init__(self, model: str = "", *, without: Collection[str] = ()) -> None:
        plugins = load("apps.privacy.detection.recognizers", Recognizer)  # type: ignore[type-abstract]
        self.model = model
        self._nlp = NlpEngine(model)
        left_out = {*without, OWN_NAMES} if model else set(without)
        self._scanners = [
            plugin for name, plugin in plugins.items() if isinstance(plugin, Scanner) and name not in left_out
        ]
        self._has_names = OWN_NAMES not in left_out
        always = [SpacyRecognizer(supported_language=LANGUAGE)] if model else []
        self._always = _types(always)
        self.types = self._always | _types(self._scanners)
        self._analyzer = AnalyzerEngine(
            registry=Registry([*self._scanners, *always], LANGUAGE),
            nlp_engine=self._nlp,
            supported_languages=[LANGUAGE],
            context_aware_enhancer=NearbyWords(),
        )

    @cached_property
    def patterns(self) -> "Engine":
        """A detector without whatever looks for names, which takes most of the time."""
        return Engine(without=[scanner.name for scanner in self._scanners if "PERSON" in scanner.entities])

    @property
    def mode(self) -> str:
        """What is at work: `patterns`, with the project's own model of names or another one: `patterns + MODEL`."""
        names = self.model or (VERSION_OF_NAMES if self._has_names else "")
        return f"patterns + {names}" if names else "patterns"

    @property
    def vocabulary(self) -> Sized:
        """The strings that spaCy remembers: they must not grow with the texts in the mode `patterns`."""
        strings: Sized = self._nlp.pipeline.vocab.strings
        return strings

    def analyse(
        self, text: str, settings: SensitivitySettings, terms: Terms = NO_TERMS, *, budget_s: float = BUDGET_S
    ) -> Verdict:
        """The verdict on one text under a tenant's settings; `UNCLASSIFIED` with `why` when it could not be found."""
        found = self.find(text, terms, budget_s=budget_s)
        if found.why:
            return Verdict(Sensitivity.UNCLASSIFIED, why=found.why)
        return classify(text, found.findings, settings)

    def find(self, text: str, terms: Terms = NO_TERMS, *, budget_s: float = BUDGET_S) -> Found:
        """Every finding with its score, in the order of the text. Never raises for what a text contains."""
        if is_too_long(text):
            return Found(why=TOO_LONG)
        try:
            return Found(_merged(finding for finding, _ in self._scan(text, terms, Clock(budget_s))))
        except TimeoutError:
            return Found(why=TIMEOUT)
        except FAULTS:
            return Found(why=DETECTOR_ERROR)

    def explain(self, text: str, terms: Terms = NO_TERMS, *, budget_s: float = BUDGET_S) -> dict[Finding, list[str]]:
        """As `find`, with the recognisers of each finding; nothing where the text could not be looked at to its end."""
        if is_too_long(text):
            return {}
        try:
            made = set(self._scan(text, terms, Clock(budget_s)))
        except (TimeoutError, *FAULTS):
            return {}
        merged = _merged(finding for finding, _ in made)
        return {finding: sorted({maker for one, maker in made if _covers(finding, one)}) for finding in merged}

    def _scan(self, text: str, terms: Terms, clock: Clock) -> Iterator[tuple[Finding, str]]:
        base: tuple[View, Traits] | None = None
        for view, traits in views(text, clock):
            base = base or (view, traits)
            yield from self._scan_view(view, traits, terms, clock)
        split = gathered(*base, clock) if base else None
        if split is not None:
            together = self._scan_view(split, Traits(split.text), NO_TERMS, clock)
            yield from ((finding, maker) for finding, maker in together if finding.type in SPLIT_TYPES)

    def _scan_view(self, view: View, traits: Traits, terms: Terms, clock: Clock) -> Iterator[tuple[Finding, str]]:
        for offset, chunk in _chunks(traits):
            clock.step()
            facts = self._artifacts(chunk, clock, terms)
            facts.opened = tuple(scanner for scanner in self._scanners if scanner.opens(facts))
            entities = [*self._always, *(type_ for scanner in facts.opened for type_ in scanner.entities)]
            if not entities:
                continue
            for result in self._analyzer.analyze(chunk.text, LANGUAGE, entities=entities, nlp_artifacts=facts):
                start, end = view.origin(offset + result.start, offset + result.end)
                yield Finding(result.entity_type, start, end, round(result.score, 2)), _maker(result)

    def _artifacts(self, traits: Traits, clock: Clock, terms: Terms) -> Artifacts:
        artifacts = Artifacts(traits, clock, self._nlp, terms)
        if self.model:
            understood = self._nlp.process_text(traits.text, LANGUAGE)
            artifacts.entities, artifacts.scores = understood.entities, understood.scores
        return artifacts


_NO_TRIGGERS = frozenset({"URL", "DATE_TIME", "UUID"})


def _types(recognizers: Sequence[EntityRecognizer]) -> frozenset[str]:
    return frozenset(type_ for recognizer in recognizers for type_ in recognizer.supported_entities) - _NO_TRIGGERS


def _maker(result: RecognizerResult) -> str:
    """The recogniser's name, as Presidio has noted it."""
    noted = result.recognition_metadata or {}
    return str(noted.get(RecognizerResult.RECOGNIZER_NAME_KEY, ""))


def _covers(finding: Finding, part: Finding) -> bool:
    """Whether `part` is what the finding was merged from."""
    return part.type == finding.type and finding.start <= part.start < finding.end


def is_too_long(text: str) -> bool:
    """Longer than what is classified; most texts are decided without encoding them."""
    if len(text) * 4 <= MAX_CLASSIFIED_BYTES:
        return False
    return len(text) > MAX_CLASSIFIED_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_CLASSIFIED_BYTES


def _chunks(traits: Traits) -> Iterator[tuple[int, Traits]]:
    """The text itself, or overlapping pieces of it that begin and end at white space where there is any."""
    text = traits.text
    if len(text) <= CHUNK + OVERLAP:
        yield 0, traits
        return
    start = 0
    while start < len(text):
        end = min(len(text), start + CHUNK)
        if end < len(text):
            gap = text.rfind(" ", start + CHUNK - OVERLAP, end)
            end = gap if gap > 0 else end
        yield start, Traits(text[start:end])
        if end == len(text):
            return
        start = end - OVERLAP


def _merged(findings: Iterator[Finding]) -> tuple[Finding, ...]:
    """One finding per type and stretch: several views and overlapping chunks see the same thing."""
    kept: dict[str, Finding] = {}
    merged: list[Finding] = []
    for finding in sorted(set(findings), key=lambda f: (f.start, -f.end, -f.score, f.type)):
        last = kept.get(finding.type)
        if last is not None and finding.start < last.end:
            joined = Finding(finding.type, last.start, max(last.end, finding.end), max(last.score, finding.score))
            merged[merged.index(last)] = kept[finding.type] = joined
            continue
        kept[finding.type] = finding
        merged.append(finding)
    return _apart(merged)


def _apart(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """What was guessed from words ends where an identifier begins: "Maria Keller, IBAN DE" is no name.

    Else somebody who hides the name alone would cut the identifier, and what is left of it would not be found.
    """
    hard = [finding for finding in findings if finding.type not in GUESSED]
    starts = [finding.start for finding in hard]
    return tuple(_cut(finding, hard, starts) if finding.type in GUESSED else finding for finding in findings)


def _cut(guessed: Finding, hard: Sequence[Finding], starts: Sequence[int]) -> Finding:
    last = bisect_left(starts, guessed.end) - 1
    if last >= 0 and guessed.start < hard[last].start and guessed.end <= hard[last].end:
        return replace(guessed, end=hard[last].start)
    return guessed
