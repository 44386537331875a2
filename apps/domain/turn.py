"""One question, one decision, one answer: the values that travel along the path of a message.

Prompt text has a `repr` that hides it, so that it cannot slip into a log line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from apps.domain.catalogue import Hosting
from apps.domain.ids import ConversationId, KeyId, MessageId, TeamId, TenantId, TurnId, UserId
from apps.domain.messages import PromptMessage, Sampling, Tool
from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity


class Channel(StrEnum):
    CHAT = "chat"
    API = "api"
    LAB = "lab"
    BACKGROUND = "background"


class Finish(StrEnum):
    """Why an answer ended. `STOPPED`: the person stopped it."""

    STOP = "stop"
    LENGTH = "length"
    STOPPED = "stopped"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as it was authenticated; rights are read at use from the tenant's snapshot, never copied here."""

    tenant: TenantId
    user: UserId
    key: KeyId | None = None
    session: str = field(default="", repr=False)
    """A keyed hash of the session, so that its end can end streams."""


@dataclass(frozen=True, slots=True)
class ChatRef:
    """Where a chat turn belongs. `parent` None starts a new root; `question` None means `regenerate`.

    `follows`: the asker meant the newest leaf, and `parent` is what that was when they asked.
    `attachments`: files of the asker that the question takes; no message may have them yet.
    """

    conversation: ConversationId
    parent: MessageId | None
    question: MessageId | None
    answer: MessageId
    is_new: bool = False
    follows: bool = False
    attachments: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One question. `messages` is everything to be sent except the stored history, which `recorder` adds in front.

    `recorder` is the registered name of who stores the messages: `chat`, `lab`, or `none` for the developer API.
    `client_id` is the caller's own id of the question: a retry with the same id is the same question. `kept_in` is the
    row that `recorder` keeps the answer in, where that exists before the question (`lab`).
    """

    turn: TurnId
    principal: Principal
    team: TeamId | None
    channel: Channel
    messages: tuple[PromptMessage, ...]
    received_at: datetime
    model: str = "auto"
    strategy: str = ""
    tools: tuple[Tool, ...] = ()
    sampling: Sampling = field(default_factory=Sampling)
    tags: frozenset[str] = frozenset()
    max_cost_micro_usd: int | None = None
    session: str = ""
    recorder: str = "none"
    chat: ChatRef | None = None
    client_id: str = ""
    label_floor: Sensitivity = Sensitivity.CLEAN
    """A label that the request carries whatever is found in it (derived text: titles, judged answers)."""
    pinned: bool = False
    """Nobody but `model` may answer: where it may not, the question is refused; where it cannot, the turn fails."""
    kept_in: UUID | None = None


# --- what a turn emits, in this order: Accepted, Routed, then text, labels and switches, then one of Completed, Failed


@dataclass(frozen=True, slots=True)
class Accepted:
    """The question, its reservation and its audit entry are durable; nothing has been sent yet."""

    turn: TurnId


@dataclass(frozen=True, slots=True)
class Routed:
    """Which model is tried first and why; `entities` are types and counts, never values. `together`: the models that
    are asked at once and vote, `model` among them; empty where one is asked."""

    turn: TurnId
    model: str
    hosting: Hosting
    strategy: str
    sensitivity: Sensitivity
    entities: tuple[tuple[str, int], ...]
    reasons: tuple[str, ...]
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextDelta:
    """New text. `at` is the code-point offset of its start in the answer."""

    turn: TurnId
    at: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call, as it streams: `id` and `name` stand on its first piece only."""

    turn: TurnId
    index: int
    id: str = ""
    name: str = ""
    arguments: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Something private was found in the answer itself; it carries this label from here on."""

    turn: TurnId
    sensitivity: Sensitivity


@dataclass(frozen=True, slots=True)
class Switched:
    """Another model goes on. `keeps` is the length in code points of the text that stays; 0 before the first token.
    `sensitivity` is the label now: a policy that changed while the text waited may have raised it since `Routed`.
    `is_vote`: models have voted for the answer of `target`, maybe `source` itself, which `Routed` named."""

    turn: TurnId
    source: str
    target: str
    hosting: Hosting
    reason: str
    keeps: int
    sensitivity: Sensitivity | None = None
    is_vote: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """The answer is stored, the reservation settled, the outcome on record.

    `hosting` and `sensitivity` are final, where `Routed` could only say what held before anything was sent.
    """

    turn: TurnId
    finish: Finish
    usage: Usage
    cost_micro_usd: int
    model: str
    attempts: int
    hosting: Hosting | None = None
    sensitivity: Sensitivity | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The turn ended without a whole answer; `partial` says whether text was kept, `keeps` how much of it.

    `hosting` is that of the model that was asked last, None when none was; `sensitivity` is the final label.
    """

    turn: TurnId
    code: str
    detail: str
    status: int
    partial: bool
    keeps: int
    cost_micro_usd: int
    attempts: int = 0
    retry_after_s: float | None = None
    hosting: Hosting | None = None
    sensitivity: Sensitivity | None = None


TurnEvent = Accepted | Routed | TextDelta | ToolCallDelta | Labelled | Switched | Completed | Failed
JsonObject = Mapping[str, Any]
