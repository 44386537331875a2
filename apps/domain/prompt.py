"""The messages of a request as a model is shown them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apps.domain.messages import PromptMessage


def as_one(messages: Iterable[PromptMessage]) -> tuple[PromptMessage, ...]:
    """The messages with every attached file inside the message that it was sent with, in front of its text.

    Models expect questions and answers in turn; many refuse two user messages in a row.
    """
    made: list[PromptMessage] = []
    files: list[PromptMessage] = []
    for message in messages:
        if message.attached:
            files.append(message)
            continue
        made.append(_with_files(message, files) if files else message)
        files = []
    return (*made, *files)


def _with_files(message: PromptMessage, files: Sequence[PromptMessage]) -> PromptMessage:
    text = "\n\n".join(filter(None, (*(file.text for file in files), message.text)))
    images = tuple(image for file in files for image in file.images)
    return replace(message, text=text, images=(*images, *message.images))
