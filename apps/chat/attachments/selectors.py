"""Reads of attachments. What is missing, of somebody else, or of a deleted conversation answers alike."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from django.db.models import Q

from apps.chat import readers
from apps.chat.attachments.values import Content
from apps.chat.models import Attachment
from apps.chat.values import AttachmentRecord, MessageRecord
from apps.core.tenancy import TenantQuerySet
from apps.domain.errors import NotFound
from apps.domain.ids import ConversationId, MessageId, TenantId, UserId
from apps.domain.sentences import say

ABSENT: Final = say("no_attachment", "There is no such attachment.")
HAS_FILES: Final = f"EXISTS (SELECT 1 FROM {Attachment._meta.db_table} file WHERE file.message_id = message.id)"  # noqa: S608, SLF001
"""For statements by hand that read `message`; the foreign key's index answers it."""


def attachments(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Attachment]:
    """The files that a person may read, without their content, unordered: what they have not sent yet, and those of
    messages that they may read."""
    shared = readers.shared_with(tenant=tenant, user=user).values("conversation_id")
    unsent = Q(message__isnull=True, owner_id=user)
    own = Q(message__conversation__owner_id=user, message__conversation__deleted_at=None)
    guest = Q(message__conversation__in=shared, message__conversation__deleted_at=None)
    return Attachment.objects.for_tenant(tenant).filter(unsent | own | guest).defer("text", "image")


def attachment(*, tenant: TenantId, user: UserId, attachment: UUID) -> AttachmentRecord:
    """One file that this person may read. Raises `NotFound`."""
    row = attachments(tenant=tenant, user=user).filter(pk=attachment).first()
    if row is None:
        raise NotFound(ABSENT)
    return record(row)


def content(*, tenant: TenantId, user: UserId, attachment: UUID) -> Content:
    """One file that this person may read, with what is kept of it. Raises `NotFound`."""
    row = attachments(tenant=tenant, user=user).defer(None).filter(pk=attachment).first()
    if row is None:
        raise NotFound(ABSENT)
    return _content(row)


def unsent(*, tenant: TenantId, user: UserId) -> int:
    """How many files of this person wait for a question."""
    return Attachment.objects.for_tenant(tenant).filter(owner_id=user, message=None).count()


def usable(
    *,
    tenant: TenantId,
    user: UserId,
    ids: Collection[UUID],
    conversation: ConversationId | None,
    pictures: bool = True,
) -> tuple[Content, ...]:
    """These files with their content, oldest first: unsent ones, and those of messages of this conversation.

    Args:
        pictures: whether the bytes of pictures are wanted too.

    Raises:
        NotFound: one of them is unknown, somebody else's, or belongs to a message elsewhere.
    """
    if not ids:
        return ()
    free = Q(message__isnull=True)
    if conversation is not None:
        free |= Q(message__conversation_id=conversation, message__conversation__deleted_at=None)
    rows = Attachment.objects.for_tenant(tenant).filter(free, owner_id=user, pk__in=ids).order_by("id")
    found = tuple(_content(row) for row in (rows if pictures else rows.defer("image")))
    if len(found) != len(set(ids)):
        raise NotFound(ABSENT)
    return found


def contents_of(*, tenant: TenantId, messages: Collection[UUID]) -> Mapping[UUID, tuple[Content, ...]]:
    """The files of these messages with their content, by message, oldest first. Rights are the caller's matter."""
    rows = Attachment.objects.for_tenant(tenant).filter(message_id__in=messages).order_by("id")
    found: defaultdict[UUID, list[Content]] = defaultdict(list)
    for row in rows:
        if row.message_id is not None:
            found[row.message_id].append(_content(row))
    return {message: tuple(files) for message, files in found.items()}


def of_messages(*, tenant: TenantId, messages: Collection[UUID]) -> Mapping[UUID, tuple[AttachmentRecord, ...]]:
    """The files of these messages without content, by message, oldest first. One query, none without messages."""
    if not messages:
        return {}
    rows = Attachment.objects.for_tenant(tenant).filter(message_id__in=messages).defer("text", "image").order_by("id")
    found: defaultdict[UUID, list[AttachmentRecord]] = defaultdict(list)
    for row in rows:
        if row.message_id is not None:
            found[row.message_id].append(record(row))
    return {message: tuple(files) for message, files in found.items()}


def with_attachments(tenant: TenantId, records: Iterable[MessageRecord]) -> tuple[MessageRecord, ...]:
    """Messages with their files, for frames that show whole messages."""
    known = tuple(records)
    files = of_messages(tenant=tenant, messages=[message.id for message in known if message.role == "user"])
    return tuple(replace(message, attachments=files.get(message.id, ())) for message in known) if files else known


def record(row: Attachment) -> AttachmentRecord:
    return AttachmentRecord(
        id=row.pk,
        message=None if row.message_id is None else MessageId(row.message_id),
        name=row.name,
        kind=row.kind,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        characters=row.characters,
        shortened=row.shortened,
    )


def _content(row: Attachment) -> Content:
    image = None if "image" in row.get_deferred_fields() else row.image
    return Content(record(row), row.text, b"" if image is None else bytes(image))
