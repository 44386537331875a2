"""From a text to an `Intent`: reads the text, asks the heads, and says so when it is not sure."""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from apps.domain.intent import Intent
from apps.routing.engine.intent import features, vectors
from apps.routing.engine.intent.heads import Floats, Heads, load
from apps.routing.engine.intent.spelling import Speller
from apps.routing.engine.intent.text import Reading, read

ARTEFACT: Final = Path(__file__).with_name("intent-v2.npz")
VECTORS: Final = Path(__file__).with_name("words-v1.npz")
UNSURE_BELOW: Final = 0.2
"""A domain with less confidence, or of a text without a known word, is called `general`: the strategies then fall back
to the task alone."""

_HEADS: Final = ("task", "domain", "complexity", "creativity", "length")
_FOLLOW_UP_WORDS: Final = 9
_BARE_WORDS: Final = 3
_SEQUELS: Final = (
    "and but or so now then also again same another more less shorter longer simpler better und aber oder "
    "jetzt nun auch nochmal noch mehr weniger kürzer länger et mais maintenant encore plus moins y "
    "pero ahora más menos e ed ma adesso ancora più meno in auf en"
)
_FOLLOW_UP: Final = frozenset(_SEQUELS.split())
_MIX: Final = {
    "task": (1.0, 0.35),
    "domain": (0.4, 1.0),
    "complexity": (0.6, 0.6),
    "creativity": (1.0, 0.35),
    "length": (1.0, 0.35),
}
"""How much of its own logits and of the previous question's a follow-up ("and in German?") gets."""
_WORDS_OF: Final = {"short": 35, "medium": 150, "long": 450}
_RANGES: Final = {"short": (1, 60), "medium": (61, 250), "long": (251, 10_000)}
_ASKED_SURE: Final = 0.9
_WISH_CHARS: Final = 300
"""A number of words deep inside a pasted text is not a wish."""
_ASKED_WORDS: Final = re.compile(r"\b(\d{1,4})[- ]?(?:words?|wörter\w*|worte\w*|mots|palabras|parole)\b", re.IGNORECASE)
_ASKED_SENTENCES: Final = re.compile(
    r"\b(\d{1,2}|one|two|three|ein(?:em|en)?|zwei|drei|une|deux|trois|una|dos|tres|due|tre)[- ]"
    r"(?:sentences?|sätze\w*|satz|phrases?|frases?|frasi|frase)\b",
    re.IGNORECASE,
)
_SENTENCE_STEMS: Final = ("sentence", "satz", "sätze", "phrase", "fras")
_NUMERALS: Final = {
    "one": 1, "two": 2, "three": 3, "ein": 1, "einem": 1, "einen": 1, "zwei": 2, "drei": 3, "une": 1, "deux": 2,
    "trois": 3, "una": 1, "dos": 2, "tres": 3, "due": 2, "tre": 3,
}  # fmt: skip
_WORDS_A_SENTENCE: Final = 20
_HALF: Final = 0.5


@lru_cache(maxsize=1)
def heads() -> Heads:
    """The artefact of this process, read once. Raises `heads.UnfitArtefact`."""
    return load(ARTEFACT)


@lru_cache(maxsize=1)
def meanings() -> vectors.Vectors:
    """The table of word vectors of this process, read once. Raises `heads.UnfitArtefact`."""
    return vectors.load(VECTORS)


@lru_cache(maxsize=1)
def speller() -> Speller:
    """Corrects by the words that the artefact was trained on."""
    return Speller({word: rank for rank, word in enumerate(heads().known)})


def recognise(text: str, previous: str = "") -> Intent:
    """What the newest user message asks for.

    Args:
        text: the newest message of the user.
        previous: the user's message before it. It only counts when `text` is a short follow-up, which inherits the
            subject: "and shorter?" after a question of law stays a question of law.
    """
    model = heads()
    reading = read(text)
    logits = _logits(model, reading)
    if previous and _follows(reading):
        before = read(previous)
        logits = _with_context(model, logits, _logits(model, before))
        reading = _inherit(reading, before)
    return _intent(model, logits, reading)


def _logits(model: Heads, reading: Reading) -> Floats:
    spelt = replace(reading, words=speller().correct(reading.words))
    return model.logits(features.blocks(spelt), meanings().read(spelt.words))


def _follows(reading: Reading) -> bool:
    """Whether a text leans on the one before: a few bare words, or a short sentence that begins like a sequel."""
    words = [word for word in reading.words if word not in "?!;"]
    if len(words) <= _BARE_WORDS:
        return True
    return len(words) <= _FOLLOW_UP_WORDS and words[0] in _FOLLOW_UP


def _with_context(model: Heads, logits: Floats, before: Floats) -> Floats:
    found = logits.copy()
    for name, (own, inherited) in _MIX.items():
        place = model.places[name]
        found[place] = own * logits[place] + inherited * before[place]
    return found


def _inherit(reading: Reading, before: Reading) -> Reading:
    language = before.language if reading.language == "und" else reading.language
    return Reading(reading.text, reading.words, language, reading.has_code or before.has_code, reading.wants_json)


def _intent(model: Heads, logits: Floats, reading: Reading) -> Intent:
    task, task_sure = _top(model.probabilities(logits, "task"))
    domain, domain_sure = _top(model.probabilities(logits, "domain"))
    levels = model.probabilities(logits, "complexity")
    complexity = _median(levels)
    creativity, creativity_sure = _top(model.probabilities(logits, "creativity"))
    length, words, length_sure = _length(model.probabilities(logits, "length"), reading.text)
    sure = (task_sure, domain_sure, levels[str(complexity)], creativity_sure, length_sure)
    return Intent(
        task=task,
        domain=domain if domain_sure >= UNSURE_BELOW and not speller().is_strange(reading.words) else "general",
        complexity=complexity,
        creativity=creativity,
        length=length,
        words=words,
        confidence=tuple((name, round(value, 3)) for name, value in zip(_HEADS, sure, strict=True)),
        language=reading.language,
        wants_json=reading.wants_json,
        has_code=reading.has_code,
    )


def _top(probabilities: dict[str, float]) -> tuple[str, float]:
    """The likeliest class and its calibrated probability; equal ones by name."""
    highest = max(probabilities.values())
    return min(name for name, share in probabilities.items() if share == highest), highest


def _median(levels: dict[str, float]) -> int:
    """The middle of an ordered scale: half of the probability lies at or below it. The mean would avoid both ends."""
    below = 0.0
    for level in sorted(levels, key=int):
        below += levels[level]
        if below >= _HALF:
            return int(level)
    return max(map(int, levels))


def _length(shares: dict[str, float], text: str) -> tuple[str, int, float]:
    """Bucket, words and confidence of the expected answer; what the text asks for beats what is usual."""
    asked = _asked_words(text[:_WISH_CHARS]) or _asked_words(text[-_WISH_CHARS:])
    if asked:
        return _bucket(asked), asked, max(shares[_bucket(asked)], _ASKED_SURE)
    length, sure = _top(shares)
    low, high = _RANGES[length]
    mean = round(sum(_WORDS_OF[name] * share for name, share in shares.items()))
    return length, min(max(mean, low), high), sure


def _bucket(words: int) -> str:
    return next(name for name, (_, high) in _RANGES.items() if words <= high)


def _asked_words(text: str) -> int:
    """The length that the text itself asks for, in words; 0 if it does not."""
    if found := _ASKED_WORDS.search(text):
        return int(found[1])
    lowered = text.lower()
    if any(stem in lowered for stem in _SENTENCE_STEMS) and (found := _ASKED_SENTENCES.search(text)):
        count = found[1].lower()
        return _WORDS_A_SENTENCE * (int(count) if count.isdecimal() else _NUMERALS[count])
    return 0
