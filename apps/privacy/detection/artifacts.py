"""What Presidio hands to every recogniser of one view: the text's traits, its numbers, the terms, the time left."""

from collections.abc import Iterator
from functools import cached_property

import regex
from presidio_analyzer import EntityRecognizer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from apps.privacy.detection.clock import Clock
from apps.privacy.detection.dictionary import NO_TERMS, Terms
from apps.privacy.detection.numbers import Number, lines, numbers
from apps.privacy.detection.traits import Traits

LANGUAGE = "en"
"""Presidio wants a language; the patterns are independent of it."""


class Artifacts(NlpArtifacts):
    """Presidio's artifacts without tokens: making them for 400 characters costs more than all patterns together."""

    def __init__(self, traits: Traits, clock: Clock, nlp_engine: NlpEngine, terms: Terms = NO_TERMS) -> None:
        super().__init__([], [], [], [], None, LANGUAGE)  # type: ignore[arg-type]  # no tokens, no Doc
        self.nlp_engine = nlp_engine
        self.traits = traits
        self.clock = clock
        self.terms = terms
        self.opened: tuple[EntityRecognizer, ...] | None = None
        """Those whose gate is open; None: nobody has asked."""

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """The digit clusters of the text, found once for all recognisers of numbers."""
        return tuple(numbers(self.traits.text, self.clock)) if self.traits.digits else ()

    @cached_property
    def lines(self) -> tuple[Number, ...]:
        """The same cut at line breaks, commas and the like."""
        return tuple(line for number in self.numbers for line in lines(number))

    def matches(self, pattern: "regex.Pattern[str]", *, overlapped: bool = False) -> Iterator["regex.Match[str]"]:
        """Every match in the text. Raises `TimeoutError` when the pattern, or the text as a whole, takes too long."""
        found: Iterator[regex.Match[str]] = pattern.finditer(
            self.traits.text, timeout=self.clock.step(), overlapped=overlapped
        )
        return found
