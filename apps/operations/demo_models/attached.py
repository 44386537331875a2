"""Files that come with a question: a real model reads them; a demo model names them and answers the question."""

import re
from dataclasses import dataclass, field
from typing import Final

_FILE: Final = re.compile(
    r'\s*Attached (?:file|picture) "([^"\n]{1,255})"[^\n]{0,40}(?:\n(`{3,})\n.*?\n\2(?=\n|\Z))?', re.DOTALL
)
MAX_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Split:
    """The names of the files in front of a question, and the question."""

    names: tuple[str, ...] = field(repr=False)
    question: str = field(repr=False)


def split(text: str) -> Split:
    """Take the files from the beginning of a message."""
    names, at = [], 0
    while found := _FILE.match(text, at):
        names.append(found[1])
        at = found.end()
    return Split(tuple(names), text[at:].lstrip("\n") if names else text)


def seen(names: tuple[str, ...], *, is_german: bool) -> str:
    """A sentence that says which files arrived; nothing without files."""
    if not names:
        return ""
    shown = ", ".join(f"„{name}“" if is_german else f"“{name}”" for name in names[:MAX_NAMED])
    more = len(names) - MAX_NAMED
    if is_german:
        return f"Mitgeschickt: {shown}{f' und {more} weitere' if more > 0 else ''}.\n\n"
    return f"Received: {shown}{f' and {more} more' if more > 0 else ''}.\n\n"
