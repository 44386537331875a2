"""What was typed and not sent, on every device of its author. Content: never logged, never audited, gone with them.

The last writer wins, by the server's time. A draft that was sent or emptied keeps its row without text for a day, so
that other processes see in the table that it went (see `watching`).
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError
from django.db.models import Q

from apps.chat import selectors
from apps.chat.models import Draft
from apps.chat.values import DraftRecord
from apps.core import db
from apps.core.tenancy import TenantQuerySet
from apps.core.writes import Read, Rows, WriteSet
from apps.domain.errors import NotFound, TooLarge
from apps.domain.ids import ConversationId, TenantId, UserId
from apps.turns.operations import OpenTurn

MAX_BYTES: Final = 100_000
MAX_DRAFTS: Final = 200
"""Of one person; the oldest go."""
KEPT_FOR: Final = timedelta(days=90)
EMPTY_KEPT_FOR: Final = timedelta(days=1)
TICK: Final = timedelta(microseconds=1)


def of(*, tenant: TenantId, user: UserId) -> tuple[DraftRecord, ...]:
    """Everything that this person has typed and not sent, the newest first."""
    there = _rows(tenant, user).exclude(size_bytes=0).filter(Q(conversation=None) | Q(conversation__deleted_at=None))
    return tuple(map(_record, there.order_by("-updated_at", "-id")))


def save(
    *, tenant: TenantId, user: UserId, conversation: ConversationId | None, text: str, at: datetime
) -> DraftRecord:
    """Keep the text in place of what was kept; an empty one removes the draft. The same text again changes nothing.

    Args:
        conversation: None for the question that will begin a new one.

    Raises:
        NotFound: the conversation is missing or not this person's own.
        TooLarge: the text has more than `MAX_BYTES` bytes; what was kept stays.
    """
    size = len(text.encode())
    if size > MAX_BYTES:
        raise TooLarge(f"A draft has at most {MAX_BYTES:,} bytes; this one was not kept.", fields={"text": "too large"})
    with db.atomic():
        if conversation is not None:
            mine = selectors.own(tenant=tenant, user=user).filter(pk=conversation)
            if not mine.exists():
                raise NotFound("There is no such conversation.")
        row = _locked(tenant, user, conversation)
        if row is None and not text:
            return DraftRecord(user, conversation, "", at)
        if row is None:
            _make_room(tenant, user)
            row = _added(tenant, user, conversation, text, size, at)
        if row.text != text:
            row.text, row.size_bytes = text, size
            row.updated_at = max(at, row.updated_at + TICK)  # by the clock of another process it may be newer
            row.save(update_fields=["text", "size_bytes", "updated_at"])
        return _record(row)


def changed_since(at: datetime, *, owners: Collection[UserId]) -> list[tuple[TenantId, DraftRecord]]:
    """Drafts of these people that changed at or after `at`, emptied ones too. The scope of tenants is the caller's."""
    recent = Draft.objects.filter(updated_at__gte=at).order_by("updated_at", "id").values_list("pk", "owner_id")
    wanted = [pk for pk, owner in recent if owner in owners]
    rows = Draft.objects.in_bulk(wanted) if wanted else {}
    return [(TenantId(rows[pk].tenant_id), _record(rows[pk])) for pk in wanted if pk in rows]


def erase(tenant: TenantId, user: UserId) -> int:
    """Remove everything that a person has typed and not sent; returns how many. Inside the caller's transaction."""
    return _rows(tenant, user).delete()[0]


def forget_old(*, now: datetime) -> int:
    """Remove drafts that nobody touched for `KEPT_FOR`, and rows without text; returns how many."""
    old = Q(updated_at__lt=now - KEPT_FOR) | Q(size_bytes=0, updated_at__lt=now - EMPTY_KEPT_FOR)
    with db.atomic():
        return Draft.objects.filter(old).delete()[0]


# -- in the batches of the writer: a question that is on record is no draft any more


def reads(opens: Sequence[OpenTurn]) -> Read:
    """The drafts of those who ask; not locked, so that no question waits for somebody who types."""
    askers = tuple({operation.request.principal.user for operation in opens})
    return Read(Draft, "owner_id", askers, ("id", "owner_id", "conversation_id", "size_bytes"), lock=False)


def sent(operation: OpenTurn, rows: Rows, writes: WriteSet, at: datetime) -> None:
    """Empty the draft of a question that was asked now; asking an old one again leaves it."""
    chat = operation.request.chat
    if chat is None or chat.question is None:
        return
    place = operation.request.principal.user, None if chat.is_new else chat.conversation
    for row in rows.of(Draft):
        if row["size_bytes"] and (row["owner_id"], row["conversation_id"]) == place:
            row["size_bytes"] = 0  # two questions of one batch: it is emptied once
            writes.update(Draft, row["id"], text="", size_bytes=0, updated_at=at)


def _rows(tenant: TenantId, user: UserId) -> TenantQuerySet[Draft]:
    return Draft.objects.for_tenant(tenant).filter(owner_id=user)


def _locked(tenant: TenantId, user: UserId, conversation: ConversationId | None) -> Draft | None:
    place = Q(conversation=None) if conversation is None else Q(conversation=conversation)
    return _rows(tenant, user).filter(place).select_for_update().first()


def _make_room(tenant: TenantId, user: UserId) -> None:
    kept = _rows(tenant, user).order_by("-updated_at", "-id").values_list("id", flat=True)
    oldest = list(kept[MAX_DRAFTS - 1 :])
    if oldest:
        _rows(tenant, user).filter(id__in=oldest).delete()


def _added(
    tenant: TenantId, user: UserId, conversation: ConversationId | None, text: str, size: int, at: datetime
) -> Draft:
    """The new row, or the one that another device of this person made at the same moment."""
    row = Draft(
        tenant_id=tenant, owner_id=user, conversation_id=conversation, text=text, size_bytes=size, updated_at=at
    )
    try:
        with db.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        there = _locked(tenant, user, conversation)
        if there is None:
            raise
        return there
    return row


def _record(row: Draft) -> DraftRecord:
    conversation = None if row.conversation_id is None else ConversationId(row.conversation_id)
    return DraftRecord(UserId(row.owner_id), conversation, row.text, row.updated_at)
