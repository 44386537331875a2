"""What the hub reads once a second, for all its people at once. Every function here spans tenants by itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.chat import drafts, readers, selectors
from apps.chat.models import Conversation, Message
from apps.chat.values import ConversationRecord, DraftRecord
from apps.core.tenancy import all_tenants
from apps.domain.ids import ConversationId, MessageId, TenantId, TurnId, UserId
from apps.domain.privacy import Sensitivity
from apps.identity import sessions
from apps.identity.values import Principal

Person = tuple[TenantId, UserId]


@dataclass(frozen=True, slots=True)
class Shown:
    """A conversation that changed, and who may see that besides its owner.

    `labels` are those of its messages that an exception of compliance ever changed.
    """

    tenant: TenantId
    record: ConversationRecord
    readers: frozenset[UserId]
    shared: bool
    labels: tuple[tuple[MessageId, Sensitivity], ...] = ()


@dataclass(slots=True)
class Announced:
    """What the sockets here were told: a thing and the time of its change, so that each look tells news only."""

    _told: dict[object, datetime] = field(default_factory=dict)

    def is_news(self, thing: object, at: datetime) -> bool:
        """Whether nobody has asked for this change of the thing yet."""
        if self._told.get(thing) == at:
            return False
        self._told[thing] = at
        return True

    def forget(self, before: datetime) -> None:
        """Drop what no look can find any more."""
        self._told = {thing: at for thing, at in self._told.items() if at >= before}


def may_stay(principals: list[Principal]) -> list[bool]:
    """Whether the proofs of these people still count."""
    with all_tenants():
        return [sessions.still_valid(principal) for principal in principals]


def changed(since: datetime, people: Collection[Person]) -> tuple[list[Shown], list[tuple[TenantId, DraftRecord]]]:
    """Conversations that these people may see and drafts of theirs that changed at or after `since`, oldest first.

    Deleted conversations are among them, and drafts that were sent or emptied.
    """
    here = {user for _, user in people}
    with all_tenants():
        # Few things change in a second and many people may be here: the statements do not list them.
        heads = Conversation.objects.filter(updated_at__gte=since).order_by("updated_at", "id")
        owners = {ConversationId(key): UserId(owner) for key, owner in heads.values_list("pk", "owner_id")}
        reading = readers.of(owners) if owners else {}
        wanted = [key for key in owners if not here.isdisjoint({owners[key], *_readers(reading, key)})]
        rows = Conversation.objects.in_bulk(wanted) if wanted else {}
        labels = _touched_labels(wanted) if wanted else {}
        shown = [_shown(rows[key], reading, labels) for key in wanted if key in rows]
        return shown, drafts.changed_since(since, owners=here)


def conversation(tenant: TenantId, conversation: ConversationId) -> Shown | None:
    """A conversation whoever owns it and even if it is deleted, with its readers."""
    with all_tenants():
        row = Conversation.objects.for_tenant(tenant).filter(pk=conversation).first()
        return None if row is None else _shown(row, readers.of([conversation]), _touched_labels([conversation]))


def guests(conversations: Collection[ConversationId]) -> dict[ConversationId, frozenset[UserId]]:
    """Who may read these conversations by a share now; those that are deleted nobody."""
    with all_tenants():
        rows = Conversation.objects.filter(pk__in=conversations, deleted_at=None)
        there = [ConversationId(key) for key in rows.values_list("pk", flat=True)]
        return {key: found.everybody for key, found in readers.of(there).items()}


def answers_since(
    first: UUID, *, conversations: Iterable[ConversationId]
) -> list[tuple[TenantId, UserId, ConversationId, TurnId, MessageId]]:
    """The answers in these conversations, running ones included, whose id is `first` or later, oldest first."""
    wanted = set(conversations)
    columns = "tenant_id", "conversation__owner_id", "conversation_id", "turn_id", "id"
    with all_tenants():
        rows = Message.objects.filter(conversation_id__in=wanted, id__gte=first, role=Message.Role.ASSISTANT)
        found = list(rows.exclude(turn_id=None).order_by("id").values_list(*columns))
    return [
        (TenantId(tenant), UserId(owner), ConversationId(conversation), TurnId(turn), MessageId(answer))
        for tenant, owner, conversation, turn, answer in found
        if turn is not None
    ]


def _touched_labels(
    conversations: Collection[ConversationId],
) -> Mapping[UUID, Sequence[tuple[MessageId, Sensitivity]]]:
    rows = Message.objects.filter(conversation__in=conversations, found__isnull=False).order_by("id")
    found: defaultdict[UUID, list[tuple[MessageId, Sensitivity]]] = defaultdict(list)
    for conversation, message, label in rows.values_list("conversation_id", "id", "label"):
        found[conversation].append((MessageId(message), Sensitivity(label)))
    return found


def _shown(
    row: Conversation,
    reading: Mapping[ConversationId, readers.Readers],
    labels: Mapping[UUID, Sequence[tuple[MessageId, Sensitivity]]],
) -> Shown:
    record = selectors.conversation_record(row)
    others = _readers(reading, record.id) - {record.owner}
    return Shown(
        TenantId(row.tenant_id), record, others, shared=record.id in reading, labels=tuple(labels.get(record.id, ()))
    )


def _readers(reading: Mapping[ConversationId, readers.Readers], conversation: ConversationId) -> frozenset[UserId]:
    return reading.get(conversation, readers.NOBODY).everybody
