"""Texts with labelled stretches, made from sentences, values and ordinary prompts; no two alike."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from apps.privacy.detection import names
from apps.privacy.detection.ner.network import LABELS, OUTSIDE
from apps.privacy.detection.ner.tokens import Features, features, tokens, word_hash
from apps.privacy.training import prompts
from apps.privacy.training.templates import LABELS as SLOTS
from apps.privacy.training.templates import SLOT, Template
from apps.privacy.training.values import Values

ORDINARY: Final = 0.5
"""Share of texts that begin with something harmless."""
JOINED: Final = 0.3
"""Share of texts that two things are put together for."""
UNLISTED: Final = 0.35
"""Share of names for which the lists of names are not asked: the model must not lean on them."""
FAMILIAR: Final = 4
"""A word that so many sentences and prompts hold is known to the model."""
LONGEST: Final = 220

_BETWEEN: Final = (" ", "\n", "\n\n", ". ", " – ")


class Span(NamedTuple):
    """A stretch of a text, in code points, and what it is."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text and everything that the model shall find in it."""

    text: str
    spans: tuple[Span, ...] = ()

    def and_then(self, between: str, other: "Text") -> "Text":
        """Both, one after the other."""
        shift = len(self.text) + len(between)
        moved = (Span(start + shift, end + shift, label) for start, end, label in other.spans)
        return Text(self.text + between + other.text, (*self.spans, *moved))


class Row(NamedTuple):
    """A text as the network learns from it: features and the number of each token's label."""

    features: Features
    labels: npt.NDArray[np.intp]


class Corpus:
    """An endless supply of texts from one seed.

    Args:
        templates: the sentences; at least one private and one harmless.
        ordinary: prompts and code in which nothing private stands.
    """

    def __init__(self, templates: Sequence[Template], ordinary: Sequence[str], *, seed: int) -> None:
        self.values = Values(seed)
        self.rng = self.values.rng
        self._private = [template for template in templates if template.is_private]
        self._harmless = [template for template in templates if not template.is_private]
        self._ordinary = ordinary

    def text(self) -> Text:
        """The next one."""
        made = self._ordinary_text() if self.rng.random() < ORDINARY else self.private_text()
        if self.rng.random() < JOINED:
            other = self._ordinary_text() if self.rng.random() < 0.6 else self.private_text()
            between = self.rng.choice(_BETWEEN)
            return made.and_then(between, other) if self.rng.random() < 0.5 else other.and_then(between, made)
        return made

    def private_text(self) -> Text:
        """One sentence with somebody or some address in it."""
        return self._varied(self.filled(self.rng.choice(self._private)))

    def plain(self, prompt: str) -> Text:
        """A stretch of a harmless prompt."""
        return Text(prompts.shortened(prompt, self.rng))

    def filled(self, template: Template) -> Text:
        """A sentence with values in its slots. Raises `KeyError` for a kind of slot that nobody knows."""
        made, spans, at = "", [], 0
        for slot in SLOT.finditer(template.text):
            made += template.text[at : slot.start()]
            at = slot.end()
            value = self.values.of(slot["kind"], template.language)
            if slot["case"]:
                value = value.lower() if slot["case"] == "lower" else value.upper()
            if slot["kind"] in SLOTS:
                spans.append(Span(len(made), len(made) + len(value), SLOTS[slot["kind"]]))
            made += value
        return Text(made + template.text[at:], tuple(spans))

    def row(self, text: Text, known: frozenset[int], *, unlisted: float = UNLISTED) -> Row | None:
        """None for a text without tokens."""
        found = tokens(text.text)[:LONGEST]
        if not found:
            return None
        labels = np.full(len(found), OUTSIDE, dtype=np.intp)
        hidden: set[int] = set()
        for start, end, label in text.spans:
            places = [place for place, token in enumerate(found) if token.start < end and token.end > start]
            labels[places] = LABELS.index(label)
            if self.rng.random() < unlisted:
                hidden.update(places)
        return Row(features(found, known, hidden), labels)

    def _ordinary_text(self) -> Text:
        if self.rng.random() < 0.82:
            prompt = prompts.shortened(self.rng.choice(self._ordinary), self.rng)
            return Text(prompt.lower() if self.rng.random() < 0.06 else prompt)
        return self._varied(self.filled(self.rng.choice(self._harmless)))

    def _varied(self, text: Text) -> Text:
        """One text in ten without capitals, one in seventy without small letters."""
        share = self.rng.random()
        varied = text.text.lower() if share < 0.1 else text.text.upper() if share < 0.115 else text.text
        return Text(varied, text.spans) if len(varied) == len(text.text) else text


def familiar(templates: Iterable[Template], ordinary: Iterable[str]) -> frozenset[int]:
    """Hashes of the words that are met often enough to mean something. Words in slots are not among them."""
    counts: Counter[str] = Counter()
    for weight, text in _sources(templates, ordinary):
        for word in {names.plain(token.text.lower()) for token in tokens(text)}:
            counts[word] += weight
    return frozenset(word_hash(word) for word, count in counts.items() if count >= FAMILIAR and word[:1].isalpha())


def _sources(templates: Iterable[Template], ordinary: Iterable[str]) -> Iterator[tuple[int, str]]:
    for template in templates:
        yield 3, SLOT.sub(" ", template.text)
    for prompt in ordinary:
        yield 1, prompt
