"""What follows an answer, later and never in the request: jobs by name, and the words that a title is made of. Pure."""

import re
import unicodedata
from typing import Final

TITLE: Final = "chat.title"
RELABEL: Final = "chat.relabel"

MAX_TITLE: Final = 80
EXCERPT: Final = 2_000
PROMPT: Final = (
    "Write a title for the conversation below: at most six words, in its language, plain text, no quotation marks, no "
    "full stop. Answer with the title only."
)
_WRAPPING: Final = " \t\"'“”„‘’«»*_#`"


def first_words(text: str) -> str:
    """A title at once, from the question itself: its first line, cut between words."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    return _cut(_plain(line)) or "New conversation"


def title_from(answer: str) -> str | None:
    """The title in what a model wrote; None when there is nothing to use."""
    line = next((line for line in answer.splitlines() if line.strip(_WRAPPING)), "")
    words = _plain(line).strip(_WRAPPING)
    words = re.sub(r"^(?:title|titel)\s*:\s*", "", words, flags=re.IGNORECASE).strip(_WRAPPING)
    return _cut(words.rstrip(".")) or None


def excerpt(question: str, answer: str) -> str:
    """What the model that titles gets to see: the beginnings of both."""
    return f"Question:\n{question[:EXCERPT]}\n\nAnswer:\n{answer[:EXCERPT]}"


def _plain(text: str) -> str:
    """One line without control and format characters, which could turn a title around."""
    visible = "".join(" " if unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} else char for char in text)
    return " ".join(visible.split())


def _cut(text: str) -> str:
    if len(text) <= MAX_TITLE:
        return text
    head = text[: MAX_TITLE - 1]
    words = head.rsplit(" ", 1)[0] if " " in head else head
    return f"{words.rstrip(' ,;:-')}…"
