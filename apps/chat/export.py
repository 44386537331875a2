"""A conversation as a file of its reader: Markdown of one branch, JSON of all branches, or everything as JSON lines.

Written a batch at a time, so that a long conversation needs no more memory than a short one. The label goes along
(promise P17): it stands on the conversation and on each message. Attachments are named; their content stays here.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from apps.chat import inert, selectors
from apps.chat.export_words import Words
from apps.chat.models import Attachment, Conversation, Message
from apps.domain.errors import NotFound
from apps.domain.ids import MessageId, TenantId, TurnId, UserId
from apps.domain.money import MICRO
from apps.domain.privacy import Sensitivity

FORMAT: Final = "openroute-conversation/1"
BATCH: Final = 200
"""Messages, or conversations, that are in memory at one time."""


@dataclass(frozen=True, slots=True)
class Told:
    """A message with what is told beside its text: what the answer cost, and the names of its attachments."""

    message: Message
    cost_microusd: int | None
    attachments: tuple[dict[str, Any], ...]


def branch(*, tenant: TenantId, conversation: Conversation, leaf: MessageId | None) -> tuple[UUID, ...]:
    """The ids of the branch that ends in `leaf`, oldest first; without `leaf` of the newest branch.

    Raises:
        NotFound: `leaf` is not in the conversation.
    """
    rows = Message.objects.for_tenant(tenant).filter(conversation=conversation)
    parents: dict[UUID, UUID | None] = dict(rows.order_by("id").values_list("id", "parent_id"))
    if leaf is not None and leaf not in parents:
        raise NotFound("There is no such message in this conversation.")
    found, at = [], leaf or conversation.leaf_id
    while at is not None and at in parents:
        found.append(at)
        at = parents.pop(at)
    return tuple(reversed(found))


def markdown(
    *, tenant: TenantId, conversation: Conversation, messages: Sequence[UUID], words: Words, at: datetime
) -> Iterator[str]:
    """The file, piece by piece. `messages`: the ids of a branch, oldest first; `at`: the time of the export."""
    title = inert.line(conversation.title) or words.untitled
    label = words.labels[Sensitivity(conversation.label).word]
    yield f"# {title}\n\n"
    yield f"- {words.begun}: {_time(conversation.created_at)}\n- {words.exported}: {_time(at)}\n"
    yield f"- {words.label}: {label}\n"
    keeps_code = True
    for start in range(0, len(messages), BATCH):
        rows = Message.objects.for_tenant(tenant).filter(pk__in=messages[start : start + BATCH]).order_by("id")
        for told in _told(tenant, list(rows)):
            keeps_code = keeps_code and inert.has_clear_code(told.message.text)
            yield _section(told, words, keeps_code=keeps_code)


def as_json(*, tenant: TenantId, conversation: Conversation) -> Iterator[str]:
    """One JSON object on one line, piece by piece: all branches, by `parent` of each message."""
    yield f'{{"format": {_dumped(FORMAT)}, "conversation": {_dumped(_conversation(conversation))}, "messages": ['
    between = ""
    for rows in _batches(tenant, conversation):
        for told in _told(tenant, rows):
            yield between + _dumped(_message(told))
            between = ", "
    yield "]}\n"


def everything(*, tenant: TenantId, user: UserId) -> Iterator[str]:
    """All conversations of one's own, oldest first, each as one line of JSON."""
    own = selectors.own(tenant=tenant, user=user).order_by("pk")
    found = list(own[:BATCH])
    while found:
        for conversation in found:
            yield from as_json(tenant=tenant, conversation=conversation)
        found = list(own.filter(pk__gt=found[-1].pk)[:BATCH])


def _batches(tenant: TenantId, conversation: Conversation) -> Iterator[list[Message]]:
    rows = Message.objects.for_tenant(tenant).filter(conversation=conversation).order_by("id")
    found = list(rows[:BATCH])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1].pk)[:BATCH]) if len(found) == BATCH else []


def _told(tenant: TenantId, rows: Sequence[Message]) -> Iterator[Told]:
    outcomes = selectors.outcomes(tenant=tenant, rows=rows)
    files = _files(tenant, rows)
    for row in rows:
        is_answer = row.role == Message.Role.ASSISTANT and row.turn_id is not None
        outcome = outcomes.get(TurnId(row.turn_id)) if is_answer and row.turn_id else None
        yield Told(row, outcome.cost if outcome else None, tuple(files.get(row.pk, ())))


def _files(tenant: TenantId, rows: Iterable[Message]) -> dict[UUID, list[dict[str, Any]]]:
    """The attachments of these messages, by message, without their content."""
    attached = Attachment.objects.for_tenant(tenant).filter(message_id__in=[row.pk for row in rows]).order_by("pk")
    found: dict[UUID, list[dict[str, Any]]] = {}
    for message, pk, name, media_type, size in attached.values_list(
        "message_id", "pk", "name", "media_type", "size_bytes"
    ):
        if message is not None:
            described = {"id": str(pk), "name": name, "media_type": media_type, "size_bytes": size}
            found.setdefault(message, []).append(described)
    return found


def _conversation(row: Conversation) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "title": row.title,
        "sensitivity": Sensitivity(row.label).word,
        "leaf": None if row.leaf_id is None else str(row.leaf_id),
        "pinned": row.pinned,
        "archived": row.archived,
        "created_at": row.created_at.isoformat(),
        "active_at": row.active_at.isoformat(),
    }


def _message(told: Told) -> dict[str, Any]:
    row = told.message
    return {
        "id": str(row.pk),
        "parent": None if row.parent_id is None else str(row.parent_id),
        "role": row.role,
        "text": row.text,
        "state": row.state,
        "sensitivity": Sensitivity(row.label).word,
        "sensitivity_source": row.label_source,
        "model": row.model,
        "hosting": row.hosting,
        "parts": row.parts or [],
        "finish": row.finish,
        "error": row.error,
        "cost_microusd": told.cost_microusd,
        "attachments": list(told.attachments),
        "created_at": row.created_at.isoformat(),
    }


def _section(told: Told, words: Words, *, keeps_code: bool) -> str:
    row = told.message
    is_answer = row.role == Message.Role.ASSISTANT
    facts = [_time(row.created_at)]
    if is_answer and row.model:
        facts += [_writers(row), words.hosting.get(row.hosting, inert.line(row.hosting))]
    if told.cost_microusd is not None:
        facts.append(f"{words.cost} {_usd(told.cost_microusd)}")
    facts += [words.states[row.state]] if row.state in words.states else []
    facts += [f"**{words.labels[Sensitivity(row.label).word]}**"] if row.label else []
    heading = f"\n## {words.answer if is_answer else words.question}\n\n*{'* · *'.join(facts)}*\n"
    names = ", ".join(inert.line(file["name"]) for file in told.attachments)
    heading += f"\n{words.attachments}: {names}\n" if names else ""
    return f"{heading}\n{inert.text(row.text, keeps_code=keeps_code)}\n" if row.text else heading


def _writers(row: Message) -> str:
    """The models whose text stands in the answer, in order."""
    parts = row.parts or []
    ends = [*(part["at"] for part in parts[1:]), len(row.text)]
    wrote = [part["model"] for part, end in zip(parts, ends, strict=True) if end > part["at"]] if parts else []
    return " → ".join(inert.line(model) for model in wrote or [row.model])


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _usd(micro: int) -> str:
    """Exact: a cent may be thousands of answers."""
    return f"{Decimal(micro) / MICRO:f} USD"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
