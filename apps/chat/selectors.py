"""Reads. A conversation that is deleted, or that one may not read, answers like one that does not exist.

`own` is what a person may change and ask in; `conversations` is what they may read: their own and what is shared with
them (see `readers`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Case, Max, OuterRef, Q, Subquery, Value, When

from apps.chat import readers
from apps.chat.attachments import selectors as attachments
from apps.chat.models import Conversation, Message
from apps.chat.values import (
    Answered,
    Branch,
    ConversationFacts,
    ConversationRecord,
    MessageFacts,
    MessageRecord,
    Said,
)
from apps.core.reading import batches
from apps.core.tenancy import TenantQuerySet, all_tenants
from apps.domain.catalogue import Hosting
from apps.domain.errors import NotFound
from apps.domain.ids import ConversationId, MessageId, TeamId, TenantId, TurnId, UserId
from apps.domain.privacy import Sensitivity
from apps.turns import selectors as turns
from apps.turns.selectors import Outcome

NOT_THERE = "There is no such message in this conversation."

# Walks up the tree from a leaf of one's own conversation, one look-up by primary key per message. `depth` counts from
# the leaf. Written by hand because the ORM has no recursive queries; names come from the models.
PATH = """
WITH RECURSIVE path(id, parent_id, depth) AS (
    SELECT leaf.id, leaf.parent_id, 1 FROM {message} leaf JOIN {conversation} owned ON owned.id = leaf.conversation_id
    WHERE leaf.id = %s AND owned.id = %s AND owned.tenant_id = %s AND owned.owner_id = %s AND owned.deleted_at IS NULL
    UNION ALL
    SELECT above.id, above.parent_id, path.depth + 1 FROM {message} above JOIN path ON above.id = path.parent_id
    WHERE path.depth < %s
)
SELECT {columns} FROM {message} message JOIN path ON path.id = message.id ORDER BY path.depth DESC
"""


def conversation(*, tenant: TenantId, user: UserId, conversation: ConversationId) -> ConversationRecord:
    """One conversation that this person may read. Raises `NotFound`."""
    row = conversations(tenant=tenant, user=user).filter(pk=conversation).first()
    if row is None:
        raise NotFound("There is no such conversation.")
    return conversation_record(row)


def own(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Conversation]:
    """A person's own conversations that are not deleted, unordered."""
    return Conversation.objects.for_tenant(tenant).filter(owner_id=user, deleted_at=None)


def conversations(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Conversation]:
    """The conversations that a person may read, own and shared ones, and that are not deleted; unordered."""
    shared = readers.shared_with(tenant=tenant, user=user).values("conversation_id")
    rows = Conversation.objects.for_tenant(tenant).filter(deleted_at=None)
    return rows.filter(Q(owner_id=user) | Q(pk__in=shared))


def shared(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Conversation]:
    """The conversations of others that a person may read and that are not deleted, unordered."""
    shares = readers.shared_with(tenant=tenant, user=user).values("conversation_id")
    rows = Conversation.objects.for_tenant(tenant).filter(deleted_at=None, pk__in=shares)
    return rows.exclude(owner_id=user)


def messages(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Message]:
    """The messages of those conversations, unordered."""
    shared = readers.shared_with(tenant=tenant, user=user).values("conversation_id")
    rows = Message.objects.for_tenant(tenant).filter(conversation__deleted_at=None)
    return rows.filter(Q(conversation__owner_id=user) | Q(conversation_id__in=shared))


def own_messages(*, tenant: TenantId, user: UserId) -> TenantQuerySet[Message]:
    """The messages of a person's own conversations, unordered."""
    return Message.objects.for_tenant(tenant).filter(conversation__owner_id=user, conversation__deleted_at=None)


def own_message(*, tenant: TenantId, user: UserId, message: MessageId) -> MessageRecord:
    """One message of this person's own conversations. Raises `NotFound`."""
    row = own_messages(tenant=tenant, user=user).filter(pk=message).first()
    if row is None:
        raise NotFound("There is no such message.")
    return message_record(row)


def said(
    *, tenant: TenantId, user: UserId, conversation: ConversationId, leaf: MessageId, limit: int
) -> tuple[Said, ...]:
    """The branch that ends in `leaf`, oldest first: at most the last `limit` messages, never none. One query.

    Raises:
        NotFound: the conversation is not this person's, or `leaf` is not in it.
    """
    outside = f"message.hosting = '{Hosting.COMMERCIAL}' AND message.parts IS NULL"
    columns = (
        f"message.role, message.text, message.state, message.label, message.id, {attachments.HAS_FILES}, {outside}"
    )
    with connection.cursor() as cursor:
        cursor.execute(_statement(columns), [_stored(leaf), _stored(conversation), tenant, user, limit])
        found = cursor.fetchall()
    if not found:
        raise NotFound(NOT_THERE)
    is_whole = len(found) < limit  # else an answer may repeat what stands in no message that is seen here
    return tuple(
        Said(role, text, state, Sensitivity(label), UUID(str(pk)), bool(has_files), bool(is_whole and is_outside))
        for role, text, state, label, pk, has_files, is_outside in found
    )


def path(*, tenant: TenantId, user: UserId, conversation: ConversationId, leaf: MessageId, limit: int) -> list[Message]:
    """As `said`, as whole rows for a list, also of a conversation that is shared with this person."""
    readable = conversations(tenant=tenant, user=user).filter(pk=conversation)
    owner = readable.values_list("owner_id", flat=True).first()
    values = [_stored(leaf), _stored(conversation), tenant, owner, limit]
    found = list(Message.objects.for_tenant(tenant).raw(_statement("message.*"), values))
    if not found:
        raise NotFound(NOT_THERE)
    return found


def last_outcomes(*, tenant: TenantId, rows: Iterable[Conversation]) -> dict[MessageId, Outcome]:
    """The outcomes of the newest answers of these conversations, by `leaf_id`. Two queries, however many there are."""
    leaves = {row.leaf_id for row in rows if row.leaf_id is not None}
    newest = Message.objects.for_tenant(tenant).filter(pk__in=leaves).exclude(turn_id=None)
    by_leaf = {MessageId(leaf): TurnId(turn) for leaf, turn in newest.values_list("id", "turn_id") if turn}
    found = turns.outcomes(tenant, by_leaf.values())
    return {leaf: found[turn] for leaf, turn in by_leaf.items() if turn in found}


def outcomes(*, tenant: TenantId, rows: Iterable[Message]) -> Mapping[TurnId, Outcome]:
    """The outcomes of the answers among these messages, by turn. One query, none when there is no answer."""
    answers = [row for row in rows if row.role == Message.Role.ASSISTANT and row.turn_id is not None]
    return turns.outcomes(tenant, (TurnId(row.turn_id) for row in answers if row.turn_id))


def branch(*, tenant: TenantId, user: UserId, conversation: ConversationId) -> Branch:
    """Where a question without a parent goes on in this conversation. Raises `NotFound`."""
    newest = Message.objects.for_tenant(tenant).filter(pk=OuterRef("leaf_id"))
    rows = own(tenant=tenant, user=user).filter(pk=conversation)
    question, leaf_state = Subquery(newest.values("parent_id")), Subquery(newest.values("state"))
    known = rows.values_list("team_id", "leaf_id", question, leaf_state).first()
    if known is None:
        raise NotFound("There is no such conversation.")
    team, leaf, question, state = known
    return Branch(
        team=_team(team),
        leaf=None if leaf is None else MessageId(leaf),
        question=None if question is None else MessageId(question),
        is_running=state == Message.State.STREAMING,
    )


def answered(*, tenant: TenantId, user: UserId, answer: MessageId) -> Answered:
    """The question of an answer of this person. Raises `NotFound`, also for what is no answer."""
    rows = own_messages(tenant=tenant, user=user).filter(pk=answer, role=Message.Role.ASSISTANT).exclude(parent=None)
    known = rows.values_list("conversation_id", "parent_id", "conversation__team_id").first()
    if known is None or known[1] is None:
        raise NotFound("There is no such answer.")
    return Answered(conversation=ConversationId(known[0]), question=MessageId(known[1]), team=_team(known[2]))


def of_turn(*, tenant: TenantId, user: UserId, turn: TurnId) -> tuple[MessageRecord, ...]:
    """What a turn stored, question first; a regenerated answer has no question of its own. Empty: not to be read."""
    mine = list(own_messages(tenant=tenant, user=user).filter(turn_id=turn).order_by("id"))
    rows = mine or messages(tenant=tenant, user=user).filter(turn_id=turn).order_by("id")
    return attachments.with_attachments(tenant, map(message_record, rows))


def conversation_record(row: Conversation) -> ConversationRecord:
    return ConversationRecord(
        id=ConversationId(row.pk),
        owner=UserId(row.owner_id),
        team=_team(row.team_id),
        title=row.title,
        title_source=row.title_source,
        label=Sensitivity(row.label),
        leaf=None if row.leaf_id is None else MessageId(row.leaf_id),
        version=row.version,
        pinned=row.pinned,
        archived=row.archived,
        created_at=row.created_at,
        active_at=row.active_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
    )


def message_record(row: Message) -> MessageRecord:
    return MessageRecord(
        id=MessageId(row.pk),
        conversation=ConversationId(row.conversation_id),
        parent=None if row.parent_id is None else MessageId(row.parent_id),
        turn=None if row.turn_id is None else TurnId(row.turn_id),
        role=row.role,
        author=None if row.author_id is None else UserId(row.author_id),
        text=row.text,
        state=row.state,
        label=Sensitivity(row.label),
        label_source=row.label_source,
        model=row.model,
        hosting=row.hosting,
        finish=row.finish,
        error=row.error,
        version=row.version,
        created_at=row.created_at,
    )


def _statement(columns: str) -> str:
    message, conversation = (connection.ops.quote_name(model._meta.db_table) for model in (Message, Conversation))  # noqa: SLF001
    return PATH.format(message=message, conversation=conversation, columns=columns)


def _team(value: int | None) -> TeamId | None:
    return None if value is None else TeamId(value)


def _stored(value: UUID) -> Any:
    """The form in which this database keeps a UUID."""
    field = Message._meta.pk  # noqa: SLF001
    assert field is not None
    return field.get_db_prep_value(value, connection, prepared=False)


_FACTS: Final = (
    "conversation_id", "parent_id", "parent__conversation_id", "parent__label", "turn_id", "role", "state", "label",
    "version", "created_at", "parent__parent__label", "parent__parent__state", "follows_text",
)  # fmt: skip
_SHOWN: Final = frozenset({Message.State.OK, Message.State.PARTIAL, Message.State.STOPPED})
"""States of answers that models are shown afterwards (see `history.as_prompt`)."""


def message_facts(tenant: TenantId, turns: Collection[TurnId] | None = None) -> Iterator[tuple[MessageFacts, ...]]:
    """Every message of a tenant, or those of these turns, in the order of ids, a bounded number at a time."""
    has_text = Case(When(parent__parent__text="", then=Value(False)), default=Value(True))
    rows = Message.objects.for_tenant(tenant).annotate(follows_text=has_text)
    if turns is not None:
        rows = rows.filter(turn_id__in=turns)
    for batch in batches(rows, *_FACTS):
        yield tuple(map(_facts, batch))


def conversation_facts(tenant: TenantId) -> Iterator[tuple[ConversationFacts, ...]]:
    """Every conversation of a tenant, deleted ones too, a bounded number at a time."""
    for batch in batches(Conversation.objects.for_tenant(tenant), "label", "version", "created_at"):
        rows = Message.objects.for_tenant(tenant).filter(conversation__in=[row["pk"] for row in batch])
        found = dict(rows.order_by("conversation").values_list("conversation").annotate(highest=Max("label")))
        yield tuple(
            ConversationFacts(
                id=ConversationId(row["pk"]),
                label=Sensitivity(row["label"]),
                highest=Sensitivity(found.get(row["pk"], 0)),
                version=row["version"],
                created_at=row["created_at"],
            )
            for row in batch
        )


def owners_of(conversations: Collection[ConversationId]) -> dict[ConversationId, TenantId]:
    """The tenants of these conversations, whoever has them: for checks that nothing stands in a foreign one's name."""
    with all_tenants():
        rows = Conversation.objects.filter(pk__in=conversations).order_by("pk")
        return {ConversationId(found): TenantId(tenant) for found, tenant in rows.values_list("pk", "tenant_id")}


def _facts(row: Mapping[str, Any]) -> MessageFacts:
    above = [] if row["parent_id"] is None else [row["parent__label"]]
    is_answer = row["role"] == Message.Role.ASSISTANT
    if is_answer and row["parent__parent__state"] in _SHOWN and row["follows_text"]:
        above.append(row["parent__parent__label"])
    parent = row["parent_id"]
    return MessageFacts(
        id=MessageId(row["pk"]),
        conversation=ConversationId(row["conversation_id"]),
        parent=None if parent is None else MessageId(parent),
        parent_conversation=None if parent is None else ConversationId(row["parent__conversation_id"]),
        turn=None if row["turn_id"] is None else TurnId(row["turn_id"]),
        role=row["role"],
        state=row["state"],
        label=Sensitivity(row["label"]),
        above=tuple(map(Sensitivity, above)) if is_answer else (),
        version=row["version"],
        created_at=row["created_at"],
    )
