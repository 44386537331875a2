"""A question takes its files in the transaction that stores it, and later turns of its branch see them."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from apps.chat.attachments import prompt, selectors
from apps.chat.models import Attachment
from apps.chat.values import Said
from apps.core.writes import Read, Rows, WriteSet
from apps.domain.errors import NotFound
from apps.domain.ids import TenantId
from apps.domain.messages import PromptMessage
from apps.domain.turn import ChatRef
from apps.turns.operations import OpenTurn

FIELDS: Final = ("id", "tenant_id", "owner_id", "message_id")


def reads(places: Sequence[ChatRef]) -> Read:
    """The files that these questions take, under lock: two questions cannot take the same one."""
    return Read(Attachment, "id", tuple(file for chat in places for file in chat.attachments), FIELDS)


def take(operation: OpenTurn, rows: Rows, writes: WriteSet) -> None:
    """Give the question its files. Raises `NotFound` when one was taken, removed or is not the asker's."""
    chat, asker = operation.request.chat, operation.request.principal
    if chat is None or chat.question is None:
        return
    known = {row["id"]: row for row in rows.of(Attachment)}
    for file in chat.attachments:
        row = known.get(file)
        mine = row is not None and (row["tenant_id"], row["owner_id"]) == (operation.tenant, asker.user)
        if row is None or not mine or row["message_id"] is not None:
            raise NotFound(selectors.ABSENT)
        row["message_id"] = chat.question  # the next question of this batch finds it taken
        writes.update(Attachment, file, message_id=chat.question)


def files_of(tenant: TenantId, branch: Sequence[Said]) -> Mapping[UUID, tuple[PromptMessage, ...]]:
    """What was attached to the questions of a branch, oldest message first, by question. No query without files."""
    questions = [(message.id, message.label) for message in branch if message.id is not None and message.has_files]
    if not questions:
        return {}
    found = selectors.contents_of(tenant=tenant, messages=[question for question, _ in questions])
    return prompt.of_branch(found, questions)
