"""The views in which a text is looked at. Every finding in a view maps back to code points of the original.

1. folded: NFKC, digits of all scripts, invisible and combining characters, dashes, spaces, look-alike letters;
2. decoded: JSON escapes, URL, HTML, quoted-printable, base64, base32, hex, binary, to depth 2;
3. spoken: spelled-out digits, "(at)" and "dot", spaced addresses, letters for digits;
4. gathered: the digit groups of a text that mentions a card or an SSN, put together.
"""

from collections.abc import Iterator
from itertools import pairwise

import regex

from apps.privacy.detection import _decoding, _speech
from apps.privacy.detection._folding import FIRST_FOREIGN, FOLDED, FOREIGN, LATIN, LOOKALIKES, MIXED_WORD
from apps.privacy.detection.clock import Clock
from apps.privacy.detection.traits import Traits
from apps.privacy.detection.view import Edit, View, rewrite

NORMALISATIONS = (
    "NFKC", "digits of any script", "zero-width, format and combining characters", "dashes and spaces",
    "look-alike letters in mixed script", "(at) and (dot)", "spelled-out digits", "letters for digits",
    "URL, HTML, JSON, quoted-printable, base64, base32, hex and binary encoding, to depth 2",
    "numbers split over a text",
)  # fmt: skip

DEPTH = 2
MARGIN = 80
"""Code points kept on each side of a change, so that context words still stand beside what was uncovered."""
MAX_GROUPS = 24
MAX_SPLIT_DIGITS = 60

_NON_ASCII = regex.compile(r"[^\x00-\x7f]+")
_CONTROL = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_SPLITTABLE = ("card", "karte", "carte", "tarjeta", "carta", "cartão", "ssn", "social security")
_GROUP = regex.compile(r"(?<![\dA-Za-z])\d{2,8}(?![\dA-Za-z])")


def views(text: str, clock: Clock) -> Iterator[tuple[View, Traits]]:
    """The folded text first, then each further view that differs from it; most texts have no other."""
    base = folded(View(text), clock)
    levels = [(base, Traits(base.text))]
    yield levels[0]
    for _ in range(DEPTH):
        view, traits = levels[-1]
        changes = _decoding.edits(traits, clock)
        if not changes:
            break
        view = folded(rewrite(view, changes, margin=MARGIN), clock)
        levels.append((view, Traits(view.text)))
        yield levels[-1]
    for view, traits in levels:
        changes = _speech.edits(traits, clock)
        if changes:
            spoken = rewrite(view, changes, margin=MARGIN)
            yield spoken, Traits(spoken.text)


def folded(view: View, clock: Clock) -> View:
    """The view in plain characters; the same object when nothing changes, which is the rule for ASCII."""
    changes: list[Edit] = []
    if not view.text.isprintable():
        changes = [(m.start(), m.end(), "") for m in _CONTROL.finditer(view.text, timeout=clock.step())]
    if not view.text.isascii():
        changes = sorted([*changes, *_folds(view.text, clock)])
    plain = rewrite(view, changes) if changes else view
    if plain.text.isascii() or max(plain.text) < FIRST_FOREIGN or FOREIGN.search(plain.text) is None:
        return plain
    mixed = list(_lookalikes(plain.text, clock))
    return rewrite(plain, mixed) if mixed else plain


def gathered(view: View, traits: Traits, clock: Clock) -> View | None:
    """Digit groups that stand apart ("starts with 4111 1111 ... ends with 1111 1111"), as one number; or None."""
    if not 9 <= traits.digits <= MAX_SPLIT_DIGITS or not traits.mentions(*_SPLITTABLE):
        return None
    groups = [m.span() for m in _GROUP.finditer(view.text, timeout=clock.step())]
    if not 2 <= len(groups) <= MAX_GROUPS:
        return None
    between = [(a_end, b_start, " ") for (_, a_end), (b_start, _) in pairwise(groups)]
    edits: list[Edit] = [(0, groups[0][0], ""), *between, (groups[-1][1], len(view.text), "")]
    return rewrite(view, [edit for edit in edits if edit[0] < edit[1]])


def _folds(text: str, clock: Clock) -> Iterator[Edit]:
    for run in _NON_ASCII.finditer(text, timeout=clock.step()):
        found = run[0]
        if "".join(map(FOLDED.__getitem__, found)) == found:
            continue
        for at, character in enumerate(found, run.start()):
            plain = FOLDED[character]
            if plain != character:
                yield at, at + 1, plain


def _lookalikes(text: str, clock: Clock) -> Iterator[Edit]:
    for word in MIXED_WORD.finditer(text, timeout=clock.step()):
        if FOREIGN.search(word[0]) is None or LATIN.search(word[0]) is None:
            continue
        for at, (character, plain) in enumerate(zip(word[0], word[0].translate(LOOKALIKES), strict=True), word.start()):
            if plain != character:
                yield at, at + 1, plain
