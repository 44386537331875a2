"""Conversations and messages as values: what selectors give and what crosses to other apps."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.domain.ids import ConversationId, MessageId, TeamId, TurnId, UserId
from apps.domain.privacy import Sensitivity


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation without its messages. `leaf` is its newest message, `active_at` the time of that message."""

    id: ConversationId
    owner: UserId
    team: TeamId | None
    title: str = field(repr=False)
    title_source: str
    label: Sensitivity
    leaf: MessageId | None
    version: int
    pinned: bool
    archived: bool
    created_at: datetime
    active_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A file without its content. `message` is None until a question takes it; `characters` are those of its text."""

    id: UUID
    message: MessageId | None
    name: str = field(repr=False)
    kind: str
    media_type: str
    size_bytes: int
    characters: int
    shortened: bool


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """One question or answer. `turn` is None for messages that no turn of this installation produced."""

    id: MessageId
    conversation: ConversationId
    parent: MessageId | None
    turn: TurnId | None
    role: str
    author: UserId | None
    text: str = field(repr=False)
    state: str
    label: Sensitivity
    label_source: str
    model: str
    hosting: str
    finish: str
    error: str
    version: int
    created_at: datetime
    attachments: tuple[AttachmentRecord, ...] = ()
    """Filled by `selectors.of_turn` only: what frames show."""


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """What a person typed and did not send; `conversation` None: for a new one. An empty `text`: it went."""

    owner: UserId
    conversation: ConversationId | None
    text: str = field(repr=False)
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What a model needs to know of a message that went before."""

    role: str
    text: str = field(repr=False)
    state: str
    label: Sensitivity
    id: UUID | None = None
    has_files: bool = False
    outside: bool = False
    """Models outside the company alone have written it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """The newest branch of a conversation: its last answer with that answer's question, and whether it still runs."""

    team: TeamId | None
    leaf: MessageId | None
    question: MessageId | None
    is_running: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """What `regenerate` starts from: an answer's question, by id."""

    conversation: ConversationId
    question: MessageId
    team: TeamId | None


def document_path(conversation: UUID, message: UUID | None = None) -> str:
    """Where the mirror keeps a conversation, or one of its messages, inside the tenant."""
    path = f"conversations/{conversation}"
    return path if message is None else f"{path}/messages/{message}"


def conversation_of(path: str) -> ConversationId | None:
    """The conversation whose document, or whose message's, this path names; None for a path of another form."""
    parts = path.split("/")
    if parts[0] != "conversations" or len(parts) not in {2, 4}:
        return None
    try:
        return ConversationId(UUID(parts[1]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """Where a message stands and what it is derived from, without its text; `above` are the labels over it.

    `above` is empty for a question, which is labelled by its own text; for an answer it holds the question's label and
    that of the answer before it, as far as a model was shown that.
    """

    id: MessageId
    conversation: ConversationId
    parent: MessageId | None
    parent_conversation: ConversationId | None
    turn: TurnId | None
    role: str
    state: str
    label: Sensitivity
    above: tuple[Sensitivity, ...]
    version: int
    created_at: datetime

    @property
    def path(self) -> str:
        return document_path(self.conversation, self.id)


@dataclass(frozen=True, slots=True)
class ConversationFacts:
    """A conversation's own label, and the highest of its messages."""

    id: ConversationId
    label: Sensitivity
    highest: Sensitivity
    version: int
    created_at: datetime

    @property
    def path(self) -> str:
        return document_path(self.id)
