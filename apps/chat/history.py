"""What went before, as a model is shown it. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final
from uuid import UUID

from apps.chat.models import Message
from apps.chat.values import Said
from apps.domain.messages import PromptMessage, Role

ANSWERED: Final = frozenset({Message.State.OK, Message.State.PARTIAL, Message.State.STOPPED})
NO_FILES: Final[Mapping[UUID, tuple[PromptMessage, ...]]] = MappingProxyType({})


def as_prompt(
    branch: Sequence[Said], *, again: bool, files: Mapping[UUID, tuple[PromptMessage, ...]] = NO_FILES
) -> tuple[PromptMessage, ...]:
    """The branch as a model sees it: without refused questions and without answers that never came.

    Args:
        branch: oldest first.
        again: the last message is a question that is asked once more, even if it was refused the first time.
        files: what was attached to its questions, by their ids.
    """
    made: list[PromptMessage] = []
    for message in branch:
        if _counts(message) or (again and message is branch[-1]):
            made += files.get(message.id, ()) if message.id else ()
            made.append(
                PromptMessage(
                    role=Role(message.role),
                    text=message.text,
                    known=message.label,
                    outside=message.outside and message.role == Message.Role.ASSISTANT,
                    stored=message.id if message.role == Message.Role.USER else None,
                )
            )
    return tuple(made)


def _counts(message: Said) -> bool:
    if message.role == Message.Role.USER:
        return message.state != Message.State.REFUSED
    return bool(message.text) and message.state in ANSWERED
