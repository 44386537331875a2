"""What people may write instead of what was found in their text, and still be understood. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.domain.privacy import Finding
from apps.privacy.detection.mask import disjoint


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
    spans = disjoint(findings)
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
