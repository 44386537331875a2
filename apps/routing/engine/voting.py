"""Which of several answers to one question is shown (strategy `vote`). Pure: texts in, a winner and who agreed out.

Answers that end in something short (a number, a name, a sentence) are counted: self-consistency (Wang et al. 2023,
arXiv:2203.11171), with the normalisation of SQuAD (Rajpurkar et al. 2016, arXiv:1606.05250) extended to five languages
and to numbers. Free text cannot be counted: there the answer wins that is on average most like the others, the medoid,
which is minimum Bayes risk decoding (Kumar and Byrne 2004) under the cosine of hashed word n-grams (Weinberger et al.
2009, arXiv:0902.2206).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

import numpy as np
import orjson
from numpy.typing import NDArray

from apps.domain.turn import ToolCall

SHORT_WORDS: Final = 60
"""Answers up to here are counted as they are; of a longer one only what it names as its answer is."""
DIMENSIONS: Final = 4096
ALIKE: Final = 0.5
"""Cosine from which on two free texts are said to agree."""
LONGEST: Final = 20_000
"""Code points of an answer that are compared."""

MAJORITY, MEDOID, CALLS, ALONE = "majority", "medoid", "calls", "alone"

_NAMED: Final = re.compile(
    r"(?:\b(?:the )?(?:final )?answer(?: is|:)|\b(?:die )?(?:antwort|lösung)(?: ist| lautet|:)|\bla réponse(?: est|:)"
    r"|\bla respuesta(?: es|:)|\bla risposta(?: è|:)|\\boxed\{)[ \t:*]*([^\n]{1,200})",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\d.,'’\u00a0\u202f]*")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:[.,'’\u00a0\u202f]\d{3})+")
_ARTICLES: Final = frozenset(
    {"a", "an", "the", "der", "die", "das", "ein", "eine", "le", "la", "les", "un", "une", "el", "los", "las", "una"}
    | {"il", "lo", "gli"}
)
_WORD: Final = re.compile(r"[^\W_]+(?:\.\d+)?|[%€$£°]")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One answer. `score` is that of the ranking: it breaks ties."""

    score: float
    text: str = field(repr=False)
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Election:
    """`winner` is the place of a ballot. `clusters` gives each ballot a number; equal numbers agree.

    `way`: `majority` (equal short answers), `medoid` (free text), `calls` (equal tool calls), `alone` (one ballot).
    """

    winner: int
    clusters: tuple[int, ...]
    way: str

    @property
    def agreed(self) -> int:
        """How many ballots say what the winner says, itself included."""
        return self.clusters.count(self.clusters[self.winner])


def elect(ballots: Sequence[Ballot]) -> Election:
    """The winner of at least one ballot. The same ballots give the same election; ties go by score, then place."""
    if len(ballots) == 1:
        return Election(0, (0,), ALONE)
    callers = [place for place, ballot in enumerate(ballots) if ballot.calls]
    if 2 * len(callers) >= len(ballots):  # tools were offered, and half of them found that they are needed
        return _counted(ballots, [_called(ballot) for ballot in ballots], CALLS)
    keys = [f"\0{place}" if ballot.calls else counted_as(ballot.text, place) for place, ballot in enumerate(ballots)]
    if len(set(keys)) < len(keys):
        return _counted(ballots, keys, MAJORITY)
    return _nearest(ballots)


def _counted(ballots: Sequence[Ballot], keys: Sequence[str], way: str) -> Election:
    """The largest group of equal keys, of equally large ones that of the better score; in it, the best score."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        groups[key].append(place)

    def weight(group: list[int]) -> tuple[bool, int, float, int]:
        may_win = way != CALLS or bool(ballots[group[0]].calls)
        return may_win, len(group), max(ballots[place].score for place in group), -group[0]

    best = max(groups.values(), key=weight)
    winner = max(best, key=lambda place: (ballots[place].score, -place))
    numbers = {key: number for number, key in enumerate(groups)}
    return Election(winner, tuple(numbers[key] for key in keys), way)


def _called(ballot: Ballot) -> str:
    """Equal calls are equal text: names and arguments in one order, whatever the ids."""
    return "\n".join(sorted(f"{call.name} {_canonical(call.arguments)}" for call in ballot.calls))


def _canonical(arguments: str) -> str:
    try:
        value: Any = orjson.loads(arguments or "{}")
    except orjson.JSONDecodeError:
        return arguments
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def counted_as(text: str, place: int = 0) -> str:
    """What is compared of an answer: what it names as its answer, else all of a short one; a long one is its own."""
    named = _NAMED.findall(text[-LONGEST:])
    if named:
        sentence = named[-1].split("}")[0]
        return normalised(re.split(r"[.;](?:\s|$)", sentence.strip())[0]) or f"\0{place}"
    if len(text.split(maxsplit=SHORT_WORDS)) > SHORT_WORDS:
        return f"\0{place}"
    return normalised(text) or f"\0{place}"


def normalised(text: str) -> str:
    """Without case, punctuation, markup and articles, numbers in one form: "The **1,234.50** €." is "1234.5 €"."""
    plain = _NUMBER.sub(_in_one_form, unicodedata.normalize("NFKC", text).casefold())
    return " ".join(word for word in _WORD.findall(plain) if word not in _ARTICLES)


def _in_one_form(match: "re.Match[str]") -> str:
    found = match[0].rstrip(".,'’\u00a0\u202f")
    whole, mark, part = _split(found)
    digits = re.sub(r"\D", "", whole).lstrip("0") or "0"
    part = part.rstrip("0")
    return f" {digits}.{part} " if mark and part else f" {digits} "


def _split(number: str) -> tuple[str, str, str]:
    """Before and behind the decimal mark: the last one, where it is not one of thousands."""
    if _THOUSANDS.fullmatch(number):
        marks = {char for char in number if not char.isdigit()}
        if len(marks) == 1:
            return number, "", ""
    at = max(number.rfind("."), number.rfind(","))
    behind = number[at + 1 :]
    if at < 0 or not behind.isdigit():
        return number, "", ""
    return number[:at], number[at], behind


def _nearest(ballots: Sequence[Ballot]) -> Election:
    """The medoid. Two are equally near each other: there the score decides."""
    vectors = np.stack([vector(ballot.text) for ballot in ballots])
    likeness = vectors @ vectors.T
    nearness = (likeness.sum(axis=1) - np.diag(likeness)) / (len(ballots) - 1)
    winner = max(
        range(len(ballots)),
        key=lambda place: (not ballots[place].calls, round(float(nearness[place]), 6), ballots[place].score, -place),
    )
    clusters, next_number = [], 1
    for place in range(len(ballots)):
        if place == winner or likeness[place, winner] >= ALIKE:
            clusters.append(0)
        else:
            clusters.append(next_number)
            next_number += 1
    return Election(winner, tuple(clusters), MEDOID)


def vector(text: str) -> NDArray[np.float64]:
    """Unit vector of hashed word 1- and 2-grams, dampened by the logarithm of their frequency; zero without words."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST]).casefold())
    grams = [*words, *(f"{one} {two}" for one, two in pairwise(words))]
    places = np.fromiter((crc32(gram.encode()) % DIMENSIONS for gram in grams), dtype=np.int64, count=len(grams))
    counts = np.log1p(np.bincount(places, minlength=DIMENSIONS).astype(np.float64))
    length = float(np.linalg.norm(counts))
    return counts / length if length else counts
