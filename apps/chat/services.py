"""Verbs on conversations that are no turns: rename, pin, archive, delete, restore, rate.

Each is one transaction with its audit entry, its mark for the mirror, and a word to the sockets of its readers.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.audit import services as audit
from apps.chat import hub, selectors
from apps.chat.events import Changed
from apps.chat.models import Conversation, Feedback, Message
from apps.chat.search import index
from apps.chat.values import ConversationRecord, document_path
from apps.core import db
from apps.core.tenancy import TenantQuerySet
from apps.domain.errors import InvalidRequest, NotFound
from apps.domain.ids import ConversationId, MessageId, TenantId, UserId
from apps.mirror import services as mirror

BATCH = 200
ABSENT = "There is no such conversation."


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person may change of a conversation; None leaves it as it is."""

    title: str | None = None
    pinned: bool | None = None
    archived: bool | None = None


def change(
    *, tenant: TenantId, user: UserId, conversation: ConversationId, changes: Changes, actor: str, at: datetime
) -> ConversationRecord:
    """Rename, pin or archive. What is as wished already is no change: nothing is written.

    Raises:
        NotFound: missing, deleted, or somebody else's.
    """
    wanted: dict[str, Any] = {}
    if changes.title is not None:
        wanted |= {"title": changes.title, "title_source": Conversation.TitleSource.PERSON}
    if changes.pinned is not None:
        wanted["pinned"] = changes.pinned
    if changes.archived is not None:
        wanted["archived"] = changes.archived
    with db.atomic():
        row = locked(tenant, user, conversation)
        changed = [name for name, value in wanted.items() if getattr(row, name) != value]
        if not changed:
            return selectors.conversation_record(row)
        kind = "conversation.titled" if "title" in changed else "conversation.changed"
        body = {"fields": sorted(set(changed) - {"title_source"})}
        audit.append(tenant=tenant, kind=kind, actor=actor, subject=str(conversation), body=body, at=at)
        return save(row, {name: wanted[name] for name in changed}, at)


def set_title(*, tenant: TenantId, conversation: ConversationId, title: str, at: datetime) -> bool:
    """The title that a model found, unless a person named the conversation meanwhile or it is gone."""
    with db.atomic():
        rows = Conversation.objects.for_tenant(tenant).select_for_update()
        row = rows.filter(pk=conversation, deleted_at=None, title_source=Conversation.TitleSource.WORDS).first()
        if row is None:
            return False
        audit.append(
            tenant=tenant, kind="conversation.titled", actor="system", subject=str(conversation), body={}, at=at
        )
        save(row, {"title": title, "title_source": Conversation.TitleSource.MODEL}, at)
        return True


def raise_label(*, tenant: TenantId, conversation: ConversationId, at: datetime) -> None:
    """Bring the conversation's label up to the highest of its messages; here it never falls.

    Every message is marked for the mirror: what was copied before the conversation became private is withdrawn.
    """
    _follow_labels(tenant, conversation, at)
    mark_all(tenant=tenant, conversation=conversation, at=at)


def settle_label(*, tenant: TenantId, conversation: ConversationId, at: datetime) -> None:
    """As `raise_label`, also downwards: after compliance has decided on one of its questions. Open pages look again at
    the labels of its messages, whether or not the conversation's own has changed."""
    if _follow_labels(tenant, conversation, at, anew=True):
        mark_all(tenant=tenant, conversation=conversation, at=at)


def _follow_labels(tenant: TenantId, conversation: ConversationId, at: datetime, *, anew: bool = False) -> bool:
    """Whether the conversation's label has changed. `anew`: it may fall, and is announced in any case."""
    with db.atomic():
        row = Conversation.objects.for_tenant(tenant).select_for_update().filter(pk=conversation).first()
        if row is None:
            return False
        messages = Message.objects.for_tenant(tenant).filter(conversation=row)
        label = messages.aggregate(highest=Max("label"))["highest"] or 0
        before = row.label
        if anew or label > before:
            save(row, {"label": label}, at)
    return bool(row.label != before)


def mark_all(*, tenant: TenantId, conversation: ConversationId, at: datetime) -> None:
    """Mark every message for the mirror: what is copied of it hangs on the conversation's label."""
    messages = Message.objects.for_tenant(tenant).filter(conversation=conversation)
    known = list(messages.order_by("id").values_list("id", flat=True))
    for start in range(0, len(known), BATCH):
        with db.atomic():  # small ones: other writers must not wait for a long conversation
            # Locked, so that the mark of an answer that ends meanwhile comes after this one, with its newer version.
            locked = messages.filter(id__in=known[start : start + BATCH]).order_by("id").select_for_update()
            for message, version in locked.values_list("id", "version"):
                mirror.mark(tenant=tenant, path=document_path(conversation, message), version=version, at=at)


def delete(*, tenant: TenantId, user: UserId, conversation: ConversationId, actor: str, at: datetime) -> None:
    """Out of every list at once; `restore` brings it back until retention removes it for good. Raises `NotFound`."""
    with db.atomic():
        row = locked(tenant, user, conversation)
        audit.append(tenant=tenant, kind="conversation.deleted", actor=actor, subject=str(conversation), body={}, at=at)
        save(row, {"deleted_at": at}, at)


def restore(
    *, tenant: TenantId, user: UserId, conversation: ConversationId, actor: str, at: datetime
) -> ConversationRecord:
    """Undo a deletion. A conversation that is not deleted stays as it is. Raises `NotFound`."""
    with db.atomic():
        row = _rows(tenant, user).filter(pk=conversation).first()
        if row is None:
            raise NotFound(ABSENT)
        if row.deleted_at is None:
            return selectors.conversation_record(row)
        body = {"fields": ["deleted_at"]}
        audit.append(
            tenant=tenant, kind="conversation.changed", actor=actor, subject=str(conversation), body=body, at=at
        )
        return save(row, {"deleted_at": None}, at)


def rate(
    *, tenant: TenantId, user: UserId, message: MessageId, verdict: str, reason: str, actor: str, at: datetime
) -> None:
    """Thumbs up or down on an answer; a second verdict of the same person replaces the first.

    Raises:
        NotFound: the message is missing or not this person's.
        InvalidRequest: it is a question.
    """
    with db.atomic():
        answer = selectors.own_message(tenant=tenant, user=user, message=message)
        if answer.role != Message.Role.ASSISTANT:
            raise InvalidRequest("Only answers can be rated.", fields={"message": "is a question"})
        audit.append(
            tenant=tenant, kind="feedback.given", actor=actor, subject=str(message), body={"verdict": verdict}, at=at
        )
        rating = Feedback(tenant_id=tenant, message_id=message, user_id=user, verdict=verdict, reason=reason, at=at)
        Feedback.objects.for_tenant(tenant).bulk_create(
            [rating],
            update_conflicts=True,
            unique_fields=["message", "user"],
            update_fields=["verdict", "reason", "at"],
        )


def _rows(tenant: TenantId, user: UserId) -> TenantQuerySet[Conversation]:
    return Conversation.objects.for_tenant(tenant).select_for_update().filter(owner_id=user)


def locked(tenant: TenantId, user: UserId, conversation: ConversationId) -> Conversation:
    """One's own conversation, locked until the commit. Raises `NotFound`, also for one that is only shared with one."""
    row = _rows(tenant, user).filter(pk=conversation, deleted_at=None).first()
    if row is None:
        raise NotFound(ABSENT)
    return row


def save(row: Conversation, values: dict[str, Any], at: datetime) -> ConversationRecord:
    """Write the values and a new version, mark the document, and tell the readers' sockets after the commit."""
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1
    row.updated_at = at
    row.save(update_fields=[*values, "version", "updated_at"])
    if "title" in values:
        index.retitle(row)
    tenant = TenantId(row.tenant_id)
    mirror.mark(tenant=tenant, path=document_path(row.pk), version=row.version, at=at)
    change = Changed(tenant=tenant, owner=UserId(row.owner_id), conversation=ConversationId(row.pk))
    transaction.on_commit(lambda: hub.announce(change))
    return selectors.conversation_record(row)
