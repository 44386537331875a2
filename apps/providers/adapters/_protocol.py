"""What an adapter is given, what it yields, and what it must look like."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

import aiohttp

from apps.domain.catalogue import Candidate
from apps.domain.ids import ProviderId, TurnId
from apps.domain.messages import PromptMessage, Sampling, Tool
from apps.domain.money import Usage
from apps.domain.turn import Finish

_UNSAMPLED: Final = Sampling()

GO_ON: Final = (
    "Your answer above was cut off. Go on from exactly where it ends, in the middle of a word if need be, in the same "
    "language and form. Repeat nothing of it, and add no introduction and no remark about the interruption."
)
"""What a model is told that cannot simply go on with a last message of its own."""


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One attempt: everything that is sent, to which model, and how much it may write.

    `max_output_tokens` is what the reservation covers and is always sent. `idempotency` is sent as `Idempotency-Key`.
    `goes_on`: the last message is an answer that broke off, and only its rest is wanted; the adapter knows how its
    protocol asks for that (`GO_ON` where it has no form of its own).
    """

    turn: TurnId
    attempt: int
    candidate: Candidate
    messages: tuple[PromptMessage, ...]
    tools: tuple[Tool, ...] = ()
    sampling: Sampling = _UNSAMPLED
    max_output_tokens: int = 4000
    idempotency: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `first_token_s` counts from the start of the call, connecting included; an event of any kind counts as
    a token, keep-alive comments do not."""

    connect_s: float = 5.0
    first_token_s: float = 30.0
    between_tokens_s: float = 30.0
    total_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a call goes. Built right before it, so that address, key and hosting are those of the moment."""

    provider: ProviderId
    name: str
    base_url: str
    api_key: str = field(default="", repr=False)
    timeouts: Timeouts = Timeouts()
    token_limit: str = ""
    """Name of the request field that limits the answer's length; empty: the adapter knows."""


@dataclass(frozen=True, slots=True)
class TextChunk:
    """All the text that one socket read brought."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ToolCallChunk:
    """A piece of a tool call; `id` and `name` stand on its first piece only."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UsageChunk:
    """What the provider says it will bill."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class FinishChunk:
    """The answer is whole."""

    finish: Finish


Chunk = TextChunk | ToolCallChunk | UsageChunk | FinishChunk


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model that a provider says it serves; `context_tokens` is None when it does not tell."""

    id: str
    context_tokens: int | None = None


@runtime_checkable
class Adapter(Protocol):
    """A wire protocol."""

    @property
    def name(self) -> str: ...

    def stream(
        self, call: ModelCall, endpoint: Endpoint, session: aiohttp.ClientSession
    ) -> AsyncGenerator[Chunk, None]:
        """Text and tool calls as they come, then at most one `UsageChunk`, then exactly one `FinishChunk`, last.

        Raises only `ProviderError`s, after whatever was yielded before. Closing the iterator closes the connection, so
        that the provider stops writing (and billing).
        """
        ...

    async def models(self, endpoint: Endpoint, session: aiohttp.ClientSession) -> tuple[ListedModel, ...]:
        """What the provider serves; the cheapest call that proves address and key. Raises `ProviderError`s."""
        ...
