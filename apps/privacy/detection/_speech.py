"""Text that avoids the usual writing: spelled-out digits, "(at)" and "dot", spaced addresses, letters for digits."""

from collections.abc import Iterator

import regex

from apps.privacy.detection.clock import Clock
from apps.privacy.detection.traits import Traits
from apps.privacy.detection.view import Edit

_DIGITS = {
    "0": "zero oh null cero zéro nul", "1": "one eins ein un une uno una um een",
    "2": "two zwei zwo deux dos due dois twee",
    "3": "three drei trois tres tre três drie", "4": "four vier quatre cuatro quattro quatro",
    "5": "five fünf fuenf cinq cinco cinque vijf", "6": "six sechs seis sei zes",
    "7": "seven sieben sept siete sette sete zeven",
    "8": "eight acht huit ocho otto oito", "9": "nine neun neuf nueve nove negen",
}  # fmt: skip
_VALUE = {word: digit for digit, words in _DIGITS.items() for word in words.split()}
_REPEATS = {"double": 2, "doppel": 2, "doble": 2, "triple": 3, "dreifach": 3}
_DISTINCT = frozenset(
    word for word in _VALUE if word not in {"a", "due", "six", "um", "un", "uno", "sei", "tre", "dos"}
)
_WORD = "(?:" + "|".join(sorted((*_VALUE, *_REPEATS), key=len, reverse=True)) + r"|\d)"
_SPELLED = regex.compile(
    rf"(?<!\w){_WORD}(?!\w)(?:[\s,;.\-–]{{1,3}}+(?:(?:and|und|then)\s)?{_WORD}(?!\w)){{3,}}+", regex.I
)
_SPOKEN_TOKEN = regex.compile(r"\w+")

_DOTS = frozenset({"dot", "punkt", "punto", "ponto", "point"})
_BRACKETABLE = _DOTS | {"at", "ät", "arroba", "arobase", "chiocciola", "klammeraffe"}
_AT = r"(?:at|ät|arroba|arobase|chiocciola|klammeraffe)"
_DOT = r"(?:dot|punkt|punto|ponto|point)"
_BRACKETED = regex.compile(rf"\s?[\(\[\{{<]\s?(?:(?P<at>{_AT}|@|a)|(?P<dot>{_DOT}|\.))\s?[\)\]\}}>]\s?", regex.I)
_SPOKEN_MAILS = tuple(
    regex.compile(
        rf"(?<![\w.])[\w.+-]{{1,40}}?(?:[\s_-]+{dot}[\s_-]+(?!{at}\b)[a-z0-9-]{{1,30}}){{0,3}}[\s_-]+{at}[\s_-]+"
        rf"[a-z0-9-]{{1,40}}(?:(?:[\s_-]+{dot}[\s_-]+|\.)[a-z0-9-]{{2,30}}){{1,3}}(?!\w)",
        regex.I,
    )
    for at, dot in (("(?:at|ät)", "(?:dot|punkt)"), ("(?:arroba|arobase|chiocciola|klammeraffe)", _DOT))
)  # not any "at" with any "dot": "at this point in" is no address
_MAIL_WORDS = regex.compile(rf"[\s_-]+(?:(?P<at>{_AT})|(?P<dot>{_DOT}))[\s_-]+", regex.I)
_SPACED_MAIL = regex.compile(
    r"(?<!\w)\w[\w+-]{0,30}(?:\s?\.\s?\w[\w+-]{0,30}){0,3}+\s?@\s?[a-z0-9][a-z0-9-]{0,40}(?:\s?\.\s?[a-z0-9-]{2,30}){1,3}(?!\w)"
)
_LETTERED = regex.compile(
    r"(?<![A-Za-z0-9])(?=[lIOo|]{0,3}\d)[\dlIOo|]{3,6}+(?:[ .-]?[\dlIOo|]{2,6}+){2,5}(?![A-Za-z0-9])"
)
_LETTER_DIGITS = str.maketrans("lI|Oo", "11100")
_DIGIT_BY_LETTER = (b"9A", b"9a", b"9|", b"A9", b"a9", b"|9")
_STRUNG = 6
_STRUNG_OUT = regex.compile(rf"(?<!\S)\S(?: \S(?!\S)){{{_STRUNG - 1},}}+")
_SPACE = regex.compile(r"\s+")


def edits(traits: Traits, clock: Clock) -> list[Edit]:
    """What reading the text aloud, or generously, would change: sorted, without overlaps."""
    kept: list[Edit] = []
    for edit in sorted(_found(traits, clock)):
        if not kept or edit[0] >= kept[-1][1]:
            kept.append(edit)
    return kept


def _found(traits: Traits, clock: Clock) -> Iterator[Edit]:
    text, words = traits.text, traits.words
    if not words.isdisjoint(_DISTINCT):
        yield from _spelled(text, clock)
    if traits.has_at and (" @" in text or "@ " in text or " ." in text):
        yield from _spaced_mails(text, clock)
    if traits.singles >= _STRUNG:
        for match in _STRUNG_OUT.finditer(text, timeout=clock.step()):
            yield from _without_spaces(text, match.span())
    if not words.isdisjoint(_BRACKETABLE) or "[.]" in text or "[@]" in text or "(@)" in text:
        yield from _bracketed(text, clock)
    if not words.isdisjoint(_DOTS):
        yield from _spoken_mails(text, clock)
    if traits.digits >= 4 and any(map(traits.outline.__contains__, _DIGIT_BY_LETTER)):
        yield from _lettered(text, clock)


def _spelled(text: str, clock: Clock) -> Iterator[Edit]:
    for match in _SPELLED.finditer(text, timeout=clock.step()):
        digits, repeat = "", 1
        for token in _SPOKEN_TOKEN.findall(match[0].lower()):
            repeat = _REPEATS.get(token, repeat)
            value = token if token.isdecimal() else _VALUE.get(token, "")
            if value:
                digits, repeat = digits + value * repeat, 1
        if not match[0].replace(" ", "").isdecimal():
            yield match.start(), match.end(), digits


def _bracketed(text: str, clock: Clock) -> Iterator[Edit]:
    for match in _BRACKETED.finditer(text, timeout=clock.step()):
        yield match.start(), match.end(), "@" if match["at"] else "."


def _spoken_mails(text: str, clock: Clock) -> Iterator[Edit]:
    for match in (m for pattern in _SPOKEN_MAILS for m in pattern.finditer(text, timeout=clock.step())):
        plain = _MAIL_WORDS.sub(lambda word: "@" if word["at"] else ".", match[0])
        if plain.count("@") == 1:
            yield match.start(), match.end(), plain


def _spaced_mails(text: str, clock: Clock) -> Iterator[Edit]:
    for match in _SPACED_MAIL.finditer(text, timeout=clock.step()):
        yield from _without_spaces(text, match.span())


def _without_spaces(text: str, span: tuple[int, int]) -> Iterator[Edit]:
    """One edit per space, so that offsets between them stay exact."""
    for space in _SPACE.finditer(text, *span):
        yield space.start(), space.end(), ""


def _lettered(text: str, clock: Clock) -> Iterator[Edit]:
    for match in _LETTERED.finditer(text, timeout=clock.step()):
        plain = match[0].translate(_LETTER_DIGITS)
        if plain != match[0] and sum(map(str.isdecimal, match[0])) >= 4:
            yield match.start(), match.end(), plain
