"""One question, one decision, one answer: the values that travel along the path of a message.

Prompt text has a `repr` that hides it, so that it cannot slip into a log line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from apps.domain.catalogue import Hosting
from apps.domain.ids import ConversationId, KeyId, MessageId, TeamId, TenantId, TurnId, UserId
from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


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
class ToolCall:
    """A call that a model asks for. `arguments` is JSON text as the model wrote it, maybe malformed."""

    id: str
    name: str
    arguments: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the caller offers. `parameters` is a JSON schema as canonical JSON text."""

    name: str
    description: str = field(default="", repr=False)
    parameters: str = field(default="{}", repr=False)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """An inline image, as a `data:` URL. Nothing can classify it yet, so it makes a request unclassified."""

    url: str = field(repr=False)
    detail: str = "auto"


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message of a request, in provider-neutral form. `known` is the label that a stored message carries.

    `parts` are the pieces of `text` where its author sent several: each stands on lines of its own there.
    `attached`: a file that was sent with the message that follows. It is classified and labelled by itself, and a model
    is shown both as one message (see `as_one`).
    `outside`: models outside the company alone have written this, from what they were shown of the messages before it.
    `stored`: the stored question that this is, or that this file was sent with; exceptions are granted to it.
    """

    role: Role
    text: str = field(default="", repr=False)
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = field(default="", repr=False)
    known: Sensitivity | None = None
    parts: tuple[str, ...] = field(default=(), repr=False)
    attached: bool = False
    outside: bool = False
    stored: UUID | None = None


def as_one(messages: Iterable[PromptMessage]) -> tuple[PromptMessage, ...]:
    """The messages with every attached file inside the message that it was sent with, in front of its text.

    Models expect questions and answers in turn; many refuse two user messages in a row.
    """
    made: list[PromptMessage] = []
    files: list[PromptMessage] = []
    for message in messages:
        if message.attached:
            files.append(message)
            continue
        made.append(_with_files(message, files) if files else message)
        files = []
    return (*made, *files)


def _with_files(message: PromptMessage, files: Sequence[PromptMessage]) -> PromptMessage:
    text = "\n\n".join(filter(None, (*(file.text for file in files), message.text)))
    images = tuple(image for file in files for image in file.images)
    return replace(message, text=text, images=(*images, *message.images))


@dataclass(frozen=True, slots=True)
class Sampling:
    """What the caller asks of the sampler; None leaves it to the model."""

    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    max_output_tokens: int | None = None
    response_format: str = ""
    """The OpenAI `response_format` object as canonical JSON text, or empty."""
    tool_choice: str = ""
    """The OpenAI `tool_choice` value as canonical JSON text, or empty."""
    parallel_tool_calls: bool | None = None
    reasoning_effort: str = ""


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

    `recorder` is the registered name of who stores the messages: `chat`, or `none` for the developer API.
    `client_id` is the caller's own id of the question: a retry with the same id is the same question.
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
    sampling: Sampling = Sampling()
    tags: frozenset[str] = frozenset()
    max_cost_micro_usd: int | None = None
    session: str = ""
    recorder: str = "none"
    chat: ChatRef | None = None
    client_id: str = ""
    label_floor: Sensitivity = Sensitivity.CLEAN
    """A label that the request carries whatever is found in it (derived text: titles, summaries, forks)."""


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
