"""Names of people: a first name of the gazetteer with what follows it, a title, or a phrase that introduces one."""

from collections.abc import Iterator
from typing import NamedTuple

import regex

from apps.privacy.detection import names
from apps.privacy.detection.artifacts import Artifacts
from apps.privacy.detection.recognizers._base import Hit, Scanner
from apps.privacy.detection.recognizers._words import words
from apps.privacy.detection.traits import Traits

EXAMPLES = (
    ("have you heard Laura Carvalho speak yet?", "Laura Carvalho"),
    ("write a reference for Kálmán van der Berg", "Kálmán van der Berg"),
    ("Arztbrief_Maria_Keller.pdf", "Maria_Keller"),
    ("KELLER, MARIA; born 1984", "KELLER, MARIA"),
    ("please ask Frau Oezdemir", "Oezdemir"),
    ("my name is maria keller and I", "maria keller"),
    ("Appelez M. Dupont avant midi", "Dupont"),
    ("Name: Bartholomäus Zweig", "Bartholomäus Zweig"),
    ("Patient name: Jane", "Jane"),
)
NON_EXAMPLES = (
    "the Paris Agreement and the Victoria Falls", "Java Spring and Apache Spark", "Raphael went to buy pens",
    "Will Python run in May?",
    "George Washington University", "Martin Luther King Day", "a Taylor Series", "Mark the Best Answer",
    "Monte Carlo simulation", "Dr. No is the sixth novel", "recipients of the A.M. Turing Award",
    "a book by H. S. M. Coxeter", "Name: Spirit II E-210 gas grill",
    "Name: Jane\nMain points: an architect",
)  # fmt: skip

FULL, CALLED, LOWER, ALONE = 0.6, 0.65, 0.45, 0.15
"""Scores: a full name, somebody introduced, a first name alone. That one counts nowhere: riddles and stories are full
of them, so `trained_names` decides by what stands round it. A name that the whole world knows counts no more, unless
somebody is introduced by it."""

_FIRST, _LAST, _AMBIGUOUS = names.first(), names.last(), names.ambiguous()
_TITLES = words(
    """
    m mr mrs ms miss mister dr doctor prof professor sir madam herr herrn frau mme mlle monsieur madame señor
    señora sr sra srta signor signora sig dott don doña mevrouw meneer pan pani
    """
)
_CALLS = words(
    """
    name named names called patient employee colleague customer client dear hi hello regards sincerely cheers
    signed m called heiße heisse bin kollege kollegin mitarbeiter kunde patientin sehr geehrter liebe lieber
    gruß appelle llamo chiamo nome nombre nom naam beneficiary applicant recipient sender author candidate
    contact tenant spouse manager boss interviewee cardholder
    """
)
_WORD = r"(?:\p{Lu}[\p{L}'’]*\p{Ll}[\p{L}'’]*(?:-\p{Lu}[\p{L}]+)*|\p{Lu}{2,}(?:-\p{Lu}{2,})*)"
_LINK = (
    r"(?:[ _\u00a0]|\s{1,2}(?:\p{Lu}\.?\s?){1,2}(?=\p{Lu}\p{L})|[ _](?:(?:de|da|dos|del|della|di|la|van|von|der|den|"
    r"ter|bin|ibn|al|el|zu|af|y|e)[ _]){1,3}|[ ]al-|[ ][OD]['’])"
)
_RUN = regex.compile(rf"(?<![\p{{L}}\d@.]){_WORD}(?:{_LINK}{_WORD}){{0,5}}(?!\p{{L}})")
_PART = regex.compile(_WORD)
_INVERTED = regex.compile(rf"(?<![\p{{L}}\d]){_WORD},\s({_WORD})(?:\s\p{{Lu}}\.)?(?!\p{{L}})")
_TITLED = regex.compile(
    r"(?<![\p{L}\d])(?:Mrs?\.?|Ms\.?|Miss|Mister|Dr\.?(?:\smed\.?)?|Prof\.?(?:\sDr\.?)?|Professor|Sir|Herrn?|Frau|"
    r"Mme\.?|Mlle|(?<!\p{Lu}\.\s?)M\.|Monsieur|Madame|Señora?|Sra?\.|"
    rf"Signora?|Sig\.(?:ra)?|Dott\.|Doña|Mevrouw|Meneer|Pani?)\s(?P<who>{_WORD}(?:{_LINK}{_WORD}){{0,3}})"
)
_INTRODUCED = regex.compile(
    r"(?<![\p{L}\d])(?:(?P<sure>(?i:(?:my|his|her|their|maiden|full|last|first) name is|my name's|people call me|"
    r"call me|mein name ist|ich heiße|ich heisse|je m'appelle|"
    r"me llamo|mi chiamo|(?:patient |customer |employee )name\s?:|(?P<label>(?:full |first |last |maiden )?name\s?:)))|"
    r"(?i:i am called|this is|i'm|name\s?=|surname\s?[:=]|"
    r"['\"](?:first_?|last_?|full_?|customer_?|user_?)?name['\"]\s?[:=]|ich bin|nome\s?:|nombre\s?:|nom\s?:|naam\s?:|"
    r"(?:the )?(?:patient|employee|beneficiary|applicant|account holder|cardholder|insured|claimant|defendant|"
    r"plaintiff|client|kunde|patientin?|mitarbeiter(?:in)?)(?: named| called|:| is)?|"
    r"(?:a |my )?(?:colleague|coworker|boss|manager|wife|husband|son|daughter|neighbo(?:u)?r|friend|kollege|kollegin|"
    r"chef)(?: named| called)?|dear|kind regards|best regards|regards|sincerely|cheers|signed))[,:]?\s{1,3}['\"]?"
    rf"(?P<who>{_WORD}(?:{_LINK}{_WORD}){{0,3}})"
)
_MODEL = regex.compile(r" (?=[\p{L}-]*\d)\p{L}")
"""Behind what may be a name stands a word with a number in it: "Spirit II E-210" is something that is sold."""
_LOWER = regex.compile(
    r"(?<!\p{L})(?:my name is|mein name ist|ich heiße|je m'appelle|me llamo|mi chiamo|"
    r"name:)\s(?P<a>\p{L}{2,20})\s(?P<b>\p{L}{2,20})(?!\p{L})",
    regex.I,
)
_LOWER_WORD = regex.compile(r"(?<![\p{L}\d@._/'-])\p{Ll}{4,}(?= )")
_LOWER_NEXT = regex.compile(r" (?:\p{Ll}\.? )?(?P<last>\p{Ll}{4,})(?![\p{L}\d@_/(=-])")
_NO_NAMES = words(
    """
    agreement investment investments investor precision inspire distribution copula algorithm mode format style
    agreement award awards avenue bank bay beach bridge building bureau business canyon carlo castle center
    centre championship church city clinic club code college committee company conference contract corporation
    council county court cup day department district effect equation estate exam expo falls field foundation
    framework function gallery game games garden gate group hall hill hospital hotel house inc index institute
    island isle journal karenina king lake law laws league library limited ltd llc gmbh ag magazine market
    matrix media method mine model mountain museum network north office orchestra palace paradox park party pass
    path peninsula plan plaza point port press prize problem process program project protocol queen railway
    republic research restaurant review river road rule saga school sea series server service simulation society
    software south square stadium state states station store street studio studios summit symphony system
    technology test theater theatre theorem times tower town trail transform treaty trust union university
    valley version village wall war way web week west who will with works world year zone answer question and or
    the a an is are was were has had have in on of to for from by at as if not but his her their our your my
    this that these those what when where which why how he she it they we you i can could would should may might
    must do does did said says went goes also then than so because after before during while until since about
    into over under again please thank thanks dear best regards sincerely hello hi january february march april
    may june july august september october november december monday tuesday wednesday thursday friday saturday
    sunday english french german spanish italian american british european asian african chinese japanese phone
    tel email e-mail mail fax address website url date age iban ssn card account number id name title born team no
    """
)


# "George Washington University", "Martin Luther King Day": named after somebody.
_INSTITUTIONS = words(
    """
    university day award bridge airport hospital college school foundation street avenue park institute center centre
    museum prize theorem stadium library
    """
)


class _Part(NamedTuple):
    text: str
    start: int
    end: int


class Person(Scanner):
    """The gate compares the text's words with the gazetteer once; most texts then need no pattern."""

    entities = ("PERSON",)

    def gate(self, traits: Traits) -> bool:
        words = traits.words
        return not (words.isdisjoint(_FIRST) and words.isdisjoint(_TITLES) and words.isdisjoint(_CALLS))

    def scan(self, text: str, facts: Artifacts) -> Iterator[Hit]:
        words = facts.traits.words
        first = words & _FIRST
        if not first <= _AMBIGUOUS:
            yield from _lower_case_pairs(facts)
        if first:
            for run in facts.matches(_RUN):
                parts = [_Part(m[0], m.start(), m.end()) for m in _PART.finditer(text, run.start(), run.end())]
                yield from _in_run(text, parts)
            if ", " in text:
                yield from _inverted(facts)
        if not words.isdisjoint(_TITLES):
            yield from _introduced(facts, _TITLED, titled=True)
        if not words.isdisjoint(_CALLS):
            yield from _introduced(facts, _INTRODUCED, titled=False)
            yield from _lower_case(facts)


def _in_run(text: str, parts: list[_Part]) -> Iterator[Hit]:
    at = 0
    while at < len(parts):
        last = _full_name(parts, at)
        if last > at:
            end = parts[last].end - (2 if parts[last].text.endswith(("'s", "’s")) else 0)
            is_public = names.is_public(text[parts[at].start : end])
            yield Hit("PERSON", parts[at].start, end, ALONE if is_public else FULL)
            at = last
        elif _is_sure_first(_key(parts[at])) and len(parts[at].text) > 2 and not parts[at].text.isupper():
            yield Hit("PERSON", parts[at].start, parts[at].end, ALONE)
        at += 1


def _full_name(parts: list[_Part], at: int) -> int:
    """Index of the last part of a full name that begins at `at`; `at` itself when there is none."""
    first = _key(parts[at])
    if (
        first not in _FIRST
        or (parts[at].text.isupper() and first in _NO_NAMES)
        or parts[at].text.endswith(("'s", "’s"))
        or at + 1 >= len(parts)
        or any(_key(p) in _NO_NAMES for p in parts[at + 1 : at + 2])
    ):
        return at
    second = _key(parts[at + 1])
    sure_first, sure_last = _is_sure_first(first), _is_sure_last(second)
    shouted = parts[at].text.isupper() or parts[at + 1].text.isupper()
    if not (
        (sure_first and (sure_last or (not shouted and second not in _AMBIGUOUS) or second in _LAST))
        or (sure_last and not shouted)
    ):
        return at
    last = at + 1
    while (
        last + 1 < len(parts)
        and last < at + 3
        and _is_known(_key(parts[last + 1]))
        and _key(parts[last + 1]) not in _NO_NAMES
    ):
        last += 1
    return at if any(_key(part) in _INSTITUTIONS for part in parts[last + 1 : last + 3]) else last


def _inverted(facts: Artifacts) -> Iterator[Hit]:
    """ "Keller, Maria"."""
    for match in facts.matches(_INVERTED):
        last, first = match[0].partition(",")[0].lower(), match[1].lower()
        if (
            _is_sure_last(names.plain(last))
            and _is_sure_first(names.plain(first))
            and not _is_sure_first(names.plain(last))
            and not (match[1].isupper() and first in _NO_NAMES)
        ):
            yield Hit("PERSON", match.start(), match.end(), FULL)


def _introduced(facts: Artifacts, pattern: "regex.Pattern[str]", *, titled: bool) -> Iterator[Hit]:
    for match in facts.matches(pattern):
        words = [names.plain(word.lower()) for word in regex.findall(r"[\p{L}'’-]{2,}", match["who"])]
        known = sum(_is_known(word) for word in words)
        if not words or words[0] in _NO_NAMES or (not known and _MODEL.match(facts.traits.text, match.end())):
            continue
        introduced = titled or (match["sure"] is not None and words[0] not in _AMBIGUOUS)
        if not titled and match["label"] and len(words) == 1 and words[0] in _FIRST and words[0] not in _LAST:
            continue  # "Name: Jane": a first name alone, as in what is made up
        if introduced or (
            known >= 1 and (_is_sure_first(words[0]) or _is_sure_last(words[0]) or (len(words) > 1 and known > 1))
        ):
            yield Hit("PERSON", match.start("who"), match.end("who"), CALLED)


def _lower_case_pairs(facts: Artifacts) -> Iterator[Hit]:
    """Full names typed without capitals: both parts must be sure."""
    for match in facts.matches(_LOWER_WORD):
        if _is_sure_first(match[0]) and len(match[0]) > 3:
            following = _LOWER_NEXT.match(facts.traits.text, match.end())
            if following is not None and _is_sure_last(following["last"]) and following["last"] not in _NO_NAMES:
                yield Hit("PERSON", match.start(), following.end(), LOWER)


def _lower_case(facts: Artifacts) -> Iterator[Hit]:
    for match in facts.matches(_LOWER):
        if match["a"].lower() in _FIRST and match["b"].lower() in _LAST:
            yield Hit("PERSON", match.start("a"), match.end("b"), CALLED)


def _is_sure_first(word: str) -> bool:
    return word in _FIRST and word not in _AMBIGUOUS


def _is_sure_last(word: str) -> bool:
    return word in _LAST and word not in _AMBIGUOUS


def _is_known(word: str) -> bool:
    return word in _FIRST or word in _LAST


def _key(part: _Part) -> str:
    return names.plain(part.text.lower().removesuffix("'s").removesuffix("’s"))


PLUGIN = Person()
