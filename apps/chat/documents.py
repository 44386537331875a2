"""What the mirror may copy of conversations and messages: read when it is sent, so that the newest state is copied.

The label travels with the document. Text that must stay inside is left out here already and its title replaced, so that
no reader of a document has to think of it; `CONTENT` names the fields that a policy of `metadata` leaves out as well.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from apps.chat import readers, selectors
from apps.chat.models import Conversation, Message
from apps.chat.values import ConversationRecord, MessageRecord
from apps.core.tenancy import use_tenant
from apps.domain.ids import TenantId
from apps.domain.privacy import Sensitivity, highest
from apps.domain.registry import Document

CONTENT: Final = frozenset({"title", "text"})
"""Fields that hold what people or models wrote; all others are metadata."""
HIDDEN_TITLE: Final = "Private conversation"


class ConversationDocuments:
    """The document source of the collection `conversations` and its sub-collection `messages`."""

    def read(self, tenant: TenantId, path: str) -> Document | None:
        """The newest state; None when the object is gone for good. A path of another form is gone as well."""
        ids = _ids_of(path)
        if ids is None:
            return None
        conversation, message = ids
        row = Conversation.objects.for_tenant(tenant).filter(pk=conversation).first()
        if row is None:
            return None
        record = selectors.conversation_record(row)
        if message is None:
            fields = _conversation(record, _readers(tenant, record))
            return Document(path, record.version, record.label, fields, record.deleted_at is not None)
        return _message_document(tenant, path, record, message)


SOURCE = ConversationDocuments()


def _message_document(tenant: TenantId, path: str, owner: ConversationRecord, message: UUID) -> Document | None:
    found = Message.objects.for_tenant(tenant).filter(pk=message, conversation_id=owner.id).first()
    if found is None:
        return None
    record = selectors.message_record(found)
    label = highest((owner.label, record.label))  # one private message keeps the whole conversation inside
    return Document(path, record.version, label, _message(record, label), owner.deleted_at is not None)


def _ids_of(path: str) -> tuple[UUID, UUID | None] | None:
    parts = path.split("/")
    try:
        match parts:
            case ["conversations", conversation]:
                return UUID(conversation), None
            case ["conversations", conversation, "messages", message]:
                return UUID(conversation), UUID(message)
    except ValueError:
        return None
    return None


def _readers(tenant: TenantId, record: ConversationRecord) -> readers.Readers:
    with use_tenant(tenant):
        return readers.of([record.id]).get(record.id, readers.NOBODY)


def _conversation(record: ConversationRecord, shared: readers.Readers) -> Mapping[str, Any]:
    """`readers` are people; who is in one of `reader_teams` at this moment, whoever reads the document must ask."""
    private = record.label.must_stay_inside
    return {
        "id": str(record.id),
        "owner": record.owner,
        "readers": [record.owner, *sorted(shared.people)],
        "reader_teams": sorted(shared.teams),
        "team": record.team,
        "title": HIDDEN_TITLE if private else record.title,
        "sensitivity": record.label.word,
        "pinned": record.pinned,
        "archived": record.archived,
        "created_at": record.created_at,
        "active_at": record.active_at,
        "updated_at": record.updated_at,
    }


def _message(record: MessageRecord, label: Sensitivity) -> Mapping[str, Any]:
    return {
        "id": str(record.id),
        "parent": None if record.parent is None else str(record.parent),
        "turn": None if record.turn is None else str(record.turn),
        "role": record.role,
        "author": record.author,
        "state": record.state,
        "sensitivity": record.label.word,
        "model": record.model,
        "hosting": record.hosting,
        "finish": record.finish,
        "error": record.error,
        "created_at": record.created_at,
        **({} if label.must_stay_inside else {"text": record.text}),
    }
