"""Placeholders instead of values, and the values again while the answer streams. Pure; one `Masker` per request.

Masking follows the values: once one was found, it is replaced wherever it stands in the request, and so are the single
names of a person ("Keller" after "Maria Keller"), which nothing would find by themselves.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import Final

from apps.domain.privacy import Finding

_OPEN, _CLOSE = "[", "]"
SHORTEST_PART: Final = 3
"""Letters of a single name that is masked by itself."""
NO_NAMES: Final = frozenset(
    {
        "mr", "mrs", "ms", "miss", "sir", "madam", "dr", "prof", "herr", "frau", "herrn", "monsieur", "madame", "mme",
        "signor", "signora", "señor", "señora", "don", "doña", "van", "von", "der", "den", "del", "della", "des", "the",
    }
)  # fmt: skip
"""Words that stand with names and are none."""
_LONGEST: Final = 100
"""Characters that a placeholder may have at most, with what Markdown adds."""
_PLACEHOLDER: Final = re.compile(r"\[[\w\\]{1,98}\]|(?<!\w)[A-Z](?:[A-Z0-9]|\\?_)*(?!\w)")
_TAIL: Final = re.compile(r"(?:\[[\w\\]{0,98}|(?<!\w)[A-Z][A-Z0-9_\\]{0,98})\Z")
"""What may become one when more comes."""
_FIRST_WORD: Final = re.compile(r"(\S+)\s+(?=\S)")


def in_text(value: str) -> str:
    """A value as it stands in text."""
    return value


def in_json(value: str) -> str:
    """A value as it stands inside a string of JSON."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


class Restorer:
    """Puts values back into a stream of text, whatever the borders of its chunks.

    Text that may be the beginning of a placeholder is held back until it is decided: at most the longest placeholder.
    Models change the case of a placeholder, escape it for Markdown (`[PERSON\\_1]`), or leave its brackets out: it is
    known all the same. Without brackets it must stand in capitals, as a word of its own.

    Args:
        values: by placeholder.
        written: how a value is written where it is put.
    """

    def __init__(self, values: dict[str, str], written: Callable[[str], str] = in_text) -> None:
        self._values = {placeholder[1:-1]: written(value) for placeholder, value in values.items()}
        self._beginnings = {name[:length] for name in self._values for length in range(len(name) + 1)}
        self._held = ""
        self._before = ""
        """The last character that was told: a name does not begin inside a word."""

    def __repr__(self) -> str:
        return f"Restorer({len(self._values)} values)"

    def feed(self, chunk: str) -> str:
        """The text that is certain so far."""
        text = self._before + self._held + chunk
        end = self._undecided(text)
        self._held = text[end:]
        return self._told(text[:end])

    def flush(self) -> str:
        """What was held back when the stream has ended."""
        text, self._held = self._before + self._held, ""
        return self._told(text)

    def _undecided(self, text: str) -> int:
        """Where the end of the text begins that may still become a placeholder."""
        tail = _TAIL.search(text, max(len(self._before), len(text) - _LONGEST))
        if tail is None or _plain(tail[0]) not in self._beginnings:
            return len(text)
        return tail.start()

    def _told(self, text: str) -> str:
        at = len(self._before)
        pieces: list[str] = []
        for found in _PLACEHOLDER.finditer(text, at):  # unlike `sub`, it knows what stands before
            pieces += (text[at : found.start()], self._value(found))
            at = found.end()
        pieces.append(text[at:])
        self._before = text[-1:]
        return "".join(pieces)

    def _value(self, found: re.Match[str]) -> str:
        return self._values.get(_plain(found[0]), found[0])


def _plain(found: str) -> str:
    """The name inside a placeholder as a model wrote it."""
    name = found.replace("\\", "").strip(_OPEN + _CLOSE)
    return name.upper() if found[0] == _OPEN else name


class Masker:
    """Gives each value of a request one placeholder, such as `[PERSON_1]`, the same in all its messages.

    The single names of a person are told by a letter: `[PERSON_1A]`.

    Args:
        texts: everything that the request will send: no placeholder may occur in it by itself.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._taken = "\n".join(texts).upper()
        self._by_value: dict[tuple[str, str], str] = {}
        self._parts: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self.values: dict[str, str] = {}
        """What each placeholder stands for."""

    def __repr__(self) -> str:
        return f"Masker({len(self.values)} values)"

    def note(self, found: Iterable[tuple[str, Iterable[Finding]]]) -> None:
        """Give the findings of texts their placeholders, so that the values are known in texts that stand before as
        well. Whole names come first: single ones are then known as parts of them."""
        values = [
            (type_, text[start:end])
            for text, findings in found
            for type_, start, end in disjoint(_named(text, finding) for finding in findings)
        ]
        for type_, value in sorted(values, key=lambda entry: entry[0] == "PERSON" and " " not in entry[1]):
            self._placeholder(type_, value)

    def mask(self, text: str, findings: Iterable[Finding] = ()) -> str:
        """The text with a placeholder for each finding, and for every value that was noted; overlapping ones become
        one, of the type that begins first. Placeholders that a finding overlaps are taken up by its own."""
        pieces: list[str] = []
        at = 0
        named = (_named(text, finding) for finding in findings)
        spans = [self._whole(text, finding) for finding in (*named, *self._again(text))]
        for type_, start, end in disjoint(spans):
            pieces += (text[at:start], self._placeholder(type_, text[start:end]))
            at = end
        pieces.append(text[at:])
        return "".join(pieces)

    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many values of each type have a placeholder; single names count with their person."""
        return tuple(sorted(Counter(type_ for type_, _ in self._by_value).items()))

    def restorer(self) -> Restorer:
        """For one stream: every value that was masked so far."""
        return Restorer(self.values)

    def _again(self, text: str) -> list[Finding]:
        """Where values stand that are known already, as the types under which they were found."""
        if not self.values:
            return []
        found = [
            Finding(self._type_of[_key(match[0])], match.start(), match.end(), 1.0)
            for match in self._pattern.finditer(text)
        ]
        if self._parts:
            found += [Finding("PERSON", m.start(), m.end(), 1.0) for m in self._part_pattern.finditer(text)]
        return found

    @cached_property
    def _type_of(self) -> dict[str, str]:
        return {_key(value): type_ for type_, value in reversed(self._by_value)}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """Every value, the longest first, white space as it comes."""
        values = sorted(self._type_of, key=len, reverse=True)
        return re.compile("|".join(map(_bounded, values)), re.IGNORECASE)

    @cached_property
    def _part_pattern(self) -> re.Pattern[str]:
        """Single names, as they are written or in capitals, which common words are not; a genitive's ending stays."""
        names = "|".join(re.escape(form) for name in self._parts for form in (name, name.upper()))
        return re.compile(rf"(?<!\w)(?:{names})(?=(?:['’]s|s)?(?!\w))")

    def _whole(self, text: str, finding: Finding) -> Finding:
        """The finding with all of each placeholder of ours that it overlaps."""
        start, end = finding.start, finding.end
        for placeholder in self.values:
            at = text.find(placeholder, max(0, start - len(placeholder) + 1))
            while 0 <= at < end:
                start, end = min(start, at), max(end, at + len(placeholder))
                at = text.find(placeholder, at + 1)
        return Finding(finding.type, start, end, finding.score)

    def _placeholder(self, type_: str, value: str) -> str:
        known = self._by_value.get((type_, value)) or (self._parts.get(value) if type_ == "PERSON" else None)
        if known is not None:
            return known
        while True:
            number = self._counts[type_] = self._counts.get(type_, 0) + 1
            name = f"{type_}_{number}"
            if name not in self._taken:
                break
        placeholder = self._by_value[type_, value] = f"{_OPEN}{name}{_CLOSE}"
        self.values[placeholder] = self._unmasked(value)
        if type_ == "PERSON":
            self._note_parts(name, value)
        for pattern in ("_type_of", "_pattern", "_part_pattern"):
            self.__dict__.pop(pattern, None)
        return placeholder

    def _note_parts(self, name: str, value: str) -> None:
        words = re.findall(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*", value)
        if len(words) < 2:
            return
        for place, word in enumerate(words[:26]):
            is_name = len(word) >= SHORTEST_PART and word[0].isupper() and word.casefold() not in NO_NAMES
            if is_name and word not in self._parts:
                placeholder = self._parts[word] = f"{_OPEN}{name}{chr(ord('A') + place)}{_CLOSE}"
                self.values[placeholder] = word

    def _unmasked(self, value: str) -> str:
        for placeholder, inner in self.values.items():
            value = value.replace(placeholder, inner)
        return value


def _named(text: str, finding: Finding) -> Finding:
    """The name of a person without what stands around it: "Ms Keller's" is who "Keller" is."""
    if finding.type != "PERSON":
        return finding
    start, end = finding.start, finding.end
    while (word := _FIRST_WORD.match(text, start, end)) and word[1].rstrip(".").casefold() in NO_NAMES:
        start = word.end()
    end -= 2 if end - start > 3 and text[end - 2 : end] in {"'s", "’s"} else 0
    return finding if (start, end) == (finding.start, finding.end) else replace(finding, start=start, end=end)


def _key(value: str) -> str:
    return " ".join(value.split()).casefold()


def _bounded(value: str) -> str:
    """A value as a pattern; where it begins or ends with a letter or digit, no other one may be next to it."""
    pattern = r"\s+".join(map(re.escape, value.split()))
    before = r"(?<!\w)" if value[:1].isalnum() else ""
    after = r"(?!\w)" if value[-1:].isalnum() else ""
    return f"{before}{pattern}{after}"


def disjoint(findings: Iterable[Finding]) -> list[tuple[str, int, int]]:
    """Type, start and end of each stretch, in the order of the text; overlapping ones become one, of the type that
    begins first."""
    spans: list[tuple[str, int, int]] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if spans and finding.start < spans[-1][2]:
            type_, start, end = spans[-1]
            spans[-1] = (type_, start, max(end, finding.end))
        else:
            spans.append((finding.type, finding.start, finding.end))
    return spans
