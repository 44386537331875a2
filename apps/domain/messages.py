"""What is said to a model and what it may say back: messages, tools and sampling, in provider-neutral form.

Prompt text has a `repr` that hides it, so that it cannot slip into a log line.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from apps.domain.privacy import Sensitivity


class Role(StrEnum):
    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


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
    is shown both as one message (see `prompt.as_one`).
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
