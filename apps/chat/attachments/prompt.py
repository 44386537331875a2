"""How files become part of a question: each as a message of its own in front of it, with its name and clear fences.

A file is inspected by itself, name and all, so that its verdict is kept for later turns, and its label is its own; a
model is shown files and question as one message (`domain.prompt.as_one`). The same file always gives the same text.
"""

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from apps.chat.attachments.limits import MAX_MESSAGE_BYTES
from apps.chat.attachments.values import Content
from apps.domain.messages import Image, PromptMessage, Role
from apps.domain.privacy import Sensitivity

_TICKS: Final = re.compile(r"`{3,}")
SHORTENED: Final = " (only its beginning)"
GONE: Final = "The picture is not shown again."


def as_messages(files: Iterable[Content], known: Sensitivity | None = None) -> tuple[PromptMessage, ...]:
    """One message per file.

    Args:
        known: the label that the stored question carries already.
    """
    return tuple(_message(file, known) for file in files)


def of_branch(
    files: Mapping[UUID, Sequence[Content]], messages: Sequence[tuple[UUID, Sensitivity]]
) -> dict[UUID, tuple[PromptMessage, ...]]:
    """The files of earlier questions, by question. Of pictures, the newest are shown again, up to a total of bytes.

    Args:
        messages: the questions with their labels, oldest first.
    """
    left, made = MAX_MESSAGE_BYTES, {}
    for message, label in reversed(messages):
        shown = []
        for file in files.get(message, ()):
            left -= len(file.image)
            shown.append(replace(_message(file, label, without_image=left < 0), stored=message))
        if shown:
            made[message] = tuple(shown)
    return made


def _message(file: Content, known: Sensitivity | None, *, without_image: bool = False) -> PromptMessage:
    name = file.record.name
    if file.record.kind == "image":
        title = f'Attached picture "{name}".'
        if without_image:
            return PromptMessage(Role.USER, f"{title} {GONE}", known=known, attached=True)
        encoded = base64.b64encode(file.image).decode()
        image = Image(f"data:{file.record.media_type};base64,{encoded}")
        return PromptMessage(Role.USER, title, images=(image,), known=known, attached=True)
    fence = _fence(file.text)
    title = f'Attached file "{name}"{SHORTENED if file.record.shortened else ""}:'
    return PromptMessage(Role.USER, f"{title}\n{fence}\n{file.text}\n{fence}", known=known, attached=True)


def _fence(text: str) -> str:
    """Backticks, more than stand anywhere in the text in a row: what the file says cannot end it."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=2)
    return "`" * (longest + 1)
