"""Verbs on attachments: add, remove, make ready for a question. The recorder writes which question took them."""

import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.audit import services as audit
from apps.chat.attachments import extraction, limits, names, selectors
from apps.chat.attachments.errors import TooManyUnsent, file_too_large, images_too_large
from apps.chat.attachments.values import Content
from apps.chat.models import Attachment
from apps.chat.values import AttachmentRecord
from apps.core import db
from apps.core.tenancy import all_tenants
from apps.domain.errors import NotFound
from apps.domain.ids import ConversationId, TenantId, UserId, uuid7

BATCH = 100


def add(*, tenant: TenantId, user: UserId, name: str, data: bytes, actor: str, at: datetime) -> AttachmentRecord:
    """Read a file and keep its text, or the picture. It waits a day for a question that takes it.

    Raises:
        TooLarge: more than `limits.MAX_FILE_BYTES`.
        UnsupportedAttachment: it cannot be read; the reason says why.
        TooManyUnsent: the person has too many files waiting.
        Overloaded: too many files are being read at this moment.
    """
    if len(data) > limits.MAX_FILE_BYTES:
        raise file_too_large()
    _check_room(tenant, user)  # before the work; counted again below, where it is decided
    kept = names.safe(name)
    read = extraction.read(data, kept)
    row = Attachment(
        id=_id_at(0),
        tenant_id=tenant,
        owner_id=user,
        kind=read.kind,
        name=kept,
        media_type=read.media_type,
        size_bytes=len(data),
        characters=len(read.text),
        shortened=read.shortened,
        text=read.text,
        image=read.image,
        created_at=at,
    )
    with db.atomic():
        _check_room(tenant, user)
        body = {"kind": read.kind, "size": len(data)}
        audit.append(tenant=tenant, kind="attachment.added", actor=actor, subject=str(row.pk), body=body, at=at)
        row.save(force_insert=True)
    return selectors.record(row)


def remove(*, tenant: TenantId, user: UserId, attachment: UUID, actor: str, at: datetime) -> None:
    """Remove a file that no question has taken. Raises `NotFound`, also for one that was sent."""
    with db.atomic():
        rows = Attachment.objects.for_tenant(tenant).filter(owner_id=user, pk=attachment, message=None)
        if not rows.delete()[0]:
            raise NotFound(selectors.ABSENT)
        audit.append(tenant=tenant, kind="attachment.removed", actor=actor, subject=str(attachment), body={}, at=at)


def ready(
    *, tenant: TenantId, user: UserId, ids: Sequence[UUID], conversation: ConversationId | None, at: datetime
) -> tuple[Content, ...]:
    """Files that a question can take, oldest first.

    What a message of the same conversation has already, as when a question is edited, is copied: a message keeps its
    files whatever becomes of another. A copy that no question takes goes like any unsent file.

    Raises:
        NotFound: one of them is unknown, somebody else's, or belongs to a message elsewhere.
        TooLarge: its pictures are too large together.
    """
    found = selectors.usable(tenant=tenant, user=user, ids=ids, conversation=conversation)
    _check_pictures(found)
    if all(content.record.message is None for content in found):
        return found
    with db.atomic():
        made = [_copy(tenant, user, content, place, at) for place, content in enumerate(found)]
        Attachment.objects.for_tenant(tenant).bulk_create([row for row, _ in made if row is not None])
    return tuple(content for _, content in made)


def checked(
    *, tenant: TenantId, user: UserId, ids: Sequence[UUID], conversation: ConversationId | None
) -> tuple[Content, ...]:
    """As `ready`, for a look ahead: nothing is written, pictures come without their bytes. Raises likewise."""
    found = selectors.usable(tenant=tenant, user=user, ids=ids, conversation=conversation, pictures=False)
    _check_pictures(found)
    return found


def remove_unsent(*, before: datetime) -> int:
    """Remove files of all companies that were uploaded before this time and never sent; returns how many."""
    removed = 0
    with all_tenants():
        while True:
            with db.atomic():
                old = Attachment.objects.filter(message=None, created_at__lt=before).order_by("created_at", "id")
                batch = list(old.values_list("pk", flat=True)[:BATCH])
                # Once more with the condition: a question may take one of them at this very moment.
                gone = Attachment.objects.filter(pk__in=batch, message=None).delete()[0] if batch else 0
            removed += gone
            if len(batch) < BATCH:
                return removed


def unsent_until(at: datetime) -> datetime:
    """What was uploaded before this time and not sent is old at `at`."""
    return at - timedelta(seconds=limits.UNSENT_FOR_S)


def _check_pictures(files: Sequence[Content]) -> None:
    pictures = (file.record for file in files if file.record.kind == Attachment.Kind.IMAGE)
    if sum(picture.size_bytes for picture in pictures) > limits.MAX_MESSAGE_BYTES:
        raise images_too_large()


def _check_room(tenant: TenantId, user: UserId) -> None:
    if selectors.unsent(tenant=tenant, user=user) >= limits.MAX_UNSENT:
        raise TooManyUnsent


def _copy(
    tenant: TenantId, user: UserId, content: Content, place: int, at: datetime
) -> tuple[Attachment | None, Content]:
    record = content.record
    if record.message is None:
        return None, content
    row = Attachment(
        id=_id_at(place),
        tenant_id=tenant,
        owner_id=user,
        kind=record.kind,
        name=record.name,
        media_type=record.media_type,
        size_bytes=record.size_bytes,
        characters=record.characters,
        shortened=record.shortened,
        text=content.text,
        image=content.image or None,
        created_at=at,
    )
    return row, Content(selectors.record(row), content.text, content.image)


def _id_at(place: int) -> UUID:
    """Ids are time-ordered, and files are shown in their order: copies keep that of their originals."""
    return uuid7(now_ms=time.time_ns() // 1_000_000 + place, randomness=os.urandom(10))
