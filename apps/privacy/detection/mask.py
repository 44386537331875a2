"""Placeholders instead of values, and the values again while the answer streams. Pure; one `Masker` per request."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.domain.privacy import Finding

_OPEN, _CLOSE = "[", "]"


class Restorer:
    """Puts values back into a stream of text, whatever the borders of its chunks.

    Text that may be the beginning of a placeholder is held back until it is decided: at most the longest placeholder.
    """

    def __init__(self, values: dict[str, str]) -> None:
        self._values = dict(values)
        self._longest = max(map(len, values), default=0)
        self._held = ""

    def __repr__(self) -> str:
        return f"Restorer({len(self._values)} values)"

    def feed(self, chunk: str) -> str:
        """The text that is certain so far."""
        text, self._held = self._held + chunk, ""
        ready: list[str] = []
        at = 0
        while (opening := text.find(_OPEN, at)) >= 0:
            ready.append(text[at:opening])
            closing = text.find(_CLOSE, opening, opening + self._longest)
            nested = text.find(_OPEN, opening + 1, closing if closing >= 0 else opening + self._longest)
            if closing >= 0 and nested < 0:
                found = text[opening : closing + 1]
                ready.append(self._values.get(found, found))
                at = closing + 1
            elif closing < 0 and nested < 0 and len(text) - opening < self._longest:
                self._held = text[opening:]
                return "".join(ready)
            else:
                ready.append(_OPEN)
                at = opening + 1
        ready.append(text[at:])
        return "".join(ready)

    def flush(self) -> str:
        """What was held back when the stream has ended."""
        held, self._held = self._held, ""
        return held


class Masker:
    """Gives each value of a request one placeholder, such as `[PERSON_1]`, the same in all its messages.

    Args:
        texts: everything that the request will send: no placeholder may occur in it by itself.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._taken = "\n".join(texts)
        self._by_value: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Masker({len(self._by_value)} values)"

    def mask(self, text: str, findings: Iterable[Finding]) -> str:
        """The text with a placeholder for each finding; overlapping ones become one, of the type that begins first."""
        pieces: list[str] = []
        at = 0
        for type_, start, end in _disjoint(findings):
            pieces += (text[at:start], self._placeholder(type_, text[start:end]))
            at = end
        pieces.append(text[at:])
        return "".join(pieces)

    def restorer(self) -> Restorer:
        """For one stream: every value that was masked so far."""
        return Restorer({placeholder: value for (_, value), placeholder in self._by_value.items()})

    def _placeholder(self, type_: str, value: str) -> str:
        known = self._by_value.get((type_, value))
        if known is not None:
            return known
        while True:
            number = self._counts[type_] = self._counts.get(type_, 0) + 1
            placeholder = f"{_OPEN}{type_}_{number}{_CLOSE}"
            if placeholder not in self._taken:
                self._by_value[type_, value] = placeholder
                return placeholder


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A stretch of a text, in code points, and the `text` that people may put there instead."""

    type: str
    start: int
    end: int
    text: str


def placeholders(text: str, findings: Iterable[Finding]) -> tuple[Placeholder, ...]:
    """What people may write instead of the findings, in the order of the text: `<IBAN_CODE>`; where there are several
    values of a type, or the text has that placeholder already, `<IBAN_CODE_1>`. The same value gets the same one."""
    spans = _disjoint(findings)
    values: dict[str, dict[str, str]] = {}
    for type_, start, end in spans:
        values.setdefault(type_, {}).setdefault(text[start:end], "")
    for type_, named in values.items():
        _name(type_, named, text)
    return tuple(Placeholder(type_, start, end, values[type_][text[start:end]]) for type_, start, end in spans)


def replaced(text: str, made: Iterable[Placeholder]) -> str:
    """The text with these placeholders in it."""
    for span in sorted(made, key=lambda span: span.start, reverse=True):
        text = text[: span.start] + span.text + text[span.end :]
    return text


def _name(type_: str, values: dict[str, str], text: str) -> None:
    single = f"<{type_}>"
    if len(values) == 1 and single not in text:
        values[next(iter(values))] = single
        return
    number = 0
    for value in values:
        number += 1
        while f"<{type_}_{number}>" in text:
            number += 1
        values[value] = f"<{type_}_{number}>"


def _disjoint(findings: Iterable[Finding]) -> list[tuple[str, int, int]]:
    spans: list[tuple[str, int, int]] = []
    for finding in sorted(findings, key=lambda f: (f.start, -f.end)):
        if spans and finding.start < spans[-1][2]:
            type_, start, end = spans[-1]
            spans[-1] = (type_, start, max(end, finding.end))
        else:
            spans.append((finding.type, finding.start, finding.end))
    return spans
