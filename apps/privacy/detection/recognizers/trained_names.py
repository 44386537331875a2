"""People and addresses that no list and no pattern has, by what stands round them: the model of `detection.ner`."""

from collections.abc import Iterator
from typing import Final

import regex

from apps.privacy.detection import names
from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.ner import model
from apps.privacy.detection.ner.model import Entity
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.recognizers._words import words
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("Please ask Bartosz Wrzesniak whether the invoice was paid.", "Bartosz Wrzesniak"),
    ("Our tenant Oddvar Skjelbred has not paid since March.", "Oddvar Skjelbred"),
    ("Please write to Maria Keller, IBAN DE89 3704 0044 0532 0130 00, about her refund", "Maria Keller"),
    ("She lives at Vestre Torvgate 14, 4006 Stavanger.", "Vestre Torvgate 14"),
)
NON_EXAMPLES = (
    "Explain how Kafka and Jenkins work together in a Spring Boot project.",
    "Tom has five apples and gives two to Mary. How many are left?",
    "Write a short biography of Albert Einstein.",
    "What is the capital of Portugal, and how large is Lisbon?",
    "Anda diminta untuk mewarnai seluruh petak pada baris menjadi merah dengan biaya sekecil mungkin.",
    "Prepare a proposal for a dynamic GenAI chatbot instead of the old one.",
    "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
    "class OrderService:\n    def total(self, order: Order) -> Decimal:\n        return order.total",
)

SURE: Final = 0.99
"""The probability that counts at the default threshold: so that long conversations stay useful, since each of their
messages may be the one that is taken for private."""
SURE_SCORE: Final = 0.4
"""The score of that probability, which is the default threshold."""
LEAST: Final = 0.63
LEAST_SCORE: Final = 0.2
"""The score of the probability `LEAST`: from here on a name counts at the level `any`."""
PUBLIC: Final = 0.15
"""Of somebody whom the world knows: counts nowhere, as long as nobody is introduced by that name."""
_SHORT: Final = 2
_MOST_WORDS: Final = {"PERSON": 6, "STREET_ADDRESS": 16}

# It learnt Latin script alone: of others it knows nothing, and is sure of it.
_FOREIGN = regex.compile(r"[^\P{L}\p{Latin}]")
_COLUMNS = regex.compile(r"\t|\S {2,}\S.* {2,}\S")
"""Of a table that was pasted."""
_JOINED = regex.compile(r"(?<!\p{L})(\p{Lu}?\p{Ll}+)(\p{Lu}\p{L}*)")
"""MarginL, GenAI, YouTube, and McKenzie."""
_PARTICLES: Final = words("mc mac de del da di du la le lo fitz van von st san al el jo o d")
_LABEL = regex.compile(r"[\s,;:(]+(?:IBAN|BIC|SWIFT|SSN|DOB|VAT|PIN|TIN)(?!\p{L})")
_BESIDE: Final = 80
_INITIALS = regex.compile(r"(?<!\p{L})(?:\p{Lu}\. ?)+$")
_BESIDE_WORD = regex.compile(r"(?<!\p{L})\p{Ll}{3,}(?!\p{L})")
_WORD = regex.compile(r"\p{L}{3}")
_INSIDE = regex.compile(r"\d|[\w.+-]*@")
"""What goes on behind a name that is a part of a key or of a mailbox."""
_NO_ADDRESS = regex.compile(r"\d{7}|(?:\D*\d){13}|\w{25}|\p{L}+\d\w{6}|\d\p{L}\w{6}")
"""Numbers of accounts and cards, keys, and words that nobody writes."""


class TrainedNames(Scanner):
    """Costs some 2 ms for 500 characters."""

    entities = ("PERSON", "STREET_ADDRESS", "LOCATION", "ORGANIZATION")

    def gate(self, traits: Traits) -> bool:
        return bool(traits.words)

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        facts.clock.step()
        for entity in model.served().find(text):
            entity = _without_label(text, entity)
            found = text[entity.start : entity.end]
            if (
                _is_plausible(entity, found)
                and not _INSIDE.match(text, entity.end)
                and not (found.islower() and not text.islower() and _is_strange(text, entity))
            ):
                score = _score(entity.probability)
                if entity.label == "PERSON" and _is_public(text, entity):
                    score = min(score, PUBLIC)
                yield Hit(entity.label, entity.start, entity.end, score)


def _is_plausible(entity: Entity, found: str) -> bool:
    """What a name and an address cannot do without. Tables and formulas look like addresses otherwise."""
    if len(found) <= _SHORT or _COLUMNS.search(found) or found.count("\n") > 1 or _FOREIGN.search(found):
        return False
    if entity.label == "PERSON" and (any(map(str.isdigit, found)) or _has_brand(found)):
        return False
    if entity.label == "STREET_ADDRESS":
        has_both = any(map(str.isdigit, found)) and _WORD.search(found) is not None
        if not has_both or _NO_ADDRESS.search(found):
            return False
    return entity.words <= _MOST_WORDS.get(entity.label, entity.words)


def _without_label(text: str, entity: Entity) -> Entity:
    """The name without the label of the number that follows: "Maria Keller, IBAN"."""
    label = _LABEL.search(text, entity.start + 1, entity.end)
    return entity._replace(end=label.start()) if entity.label == "PERSON" and label else entity


def _has_brand(found: str) -> bool:
    """Whether two things that are no names are written together in it, as in products and programs."""
    return any(
        first.lower() not in _PARTICLES and not any(map(_is_listed, (first.lower(), rest.lower())))
        for first, rest in _JOINED.findall(found)
    )


def _is_listed(word: str) -> bool:
    return word in names.first() or word in names.last()


def _is_public(text: str, entity: Entity) -> bool:
    """Whether the world knows the name, with the initials that may stand before it."""
    found = text[entity.start : entity.end]
    initials = _INITIALS.search(text[max(0, entity.start - 12) : entity.start])
    return names.is_public(found) or (initials is not None and names.is_public(initials[0] + found))


def _is_strange(text: str, entity: Entity) -> bool:
    """Whether most words beside it are of a language that the model does not know: there it guesses at ordinary words,
    which only a capital letter tells from names."""
    beside = text[max(0, entity.start - _BESIDE) : entity.start] + "." + text[entity.end : entity.end + _BESIDE]
    words = _BESIDE_WORD.findall(beside)
    return 2 * sum(model.served().is_familiar(word) for word in words) < len(words)


def _score(probability: float) -> float:
    """Two straight lines: below `LEAST_SCORE` up to `LEAST`, from there to `SURE_SCORE` at `SURE`, and above it."""
    if probability < LEAST:
        return LEAST_SCORE * probability
    if probability < SURE:
        return LEAST_SCORE + (SURE_SCORE - LEAST_SCORE - 0.01) * (probability - LEAST) / (SURE - LEAST)
    return SURE_SCORE + 0.25 * (probability - SURE) / (1 - SURE)


PLUGIN = TrainedNames()
