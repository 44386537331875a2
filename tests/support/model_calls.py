"""Calls, endpoints and records of providers for tests, and what came of a stream."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.ids import ProviderId, TurnId, new_id
from apps.domain.messages import PromptMessage, Role
from apps.domain.money import Usage
from apps.domain.turn import Finish
from apps.providers.adapters._protocol import Endpoint
from apps.providers.values import (
    Chunk,
    FinishChunk,
    ModelCall,
    ProviderError,
    ProviderRecord,
    TextChunk,
    Timeouts,
    ToolCallChunk,
    UsageChunk,
)

QUICK = Timeouts(connect_s=1.0, first_token_s=1.0, between_tokens_s=1.0, total_s=5.0)


def a_candidate(upstream: str = "stub-a", **changes: Any) -> Candidate:
    candidate = Candidate(
        model="stub",
        upstream=upstream,
        provider=ProviderId(1),
        provider_name="stub",
        hosting=Hosting.COMMERCIAL,
        region="eu",
        context_tokens=8000,
        max_output_tokens=1000,
        price=None,
    )
    return replace(candidate, **changes)


def a_call(text: str = "Good morning", *, upstream: str = "stub-a", **changes: Any) -> ModelCall:
    call = ModelCall(
        turn=TurnId(new_id()),
        attempt=1,
        candidate=a_candidate(upstream),
        messages=(PromptMessage(Role.USER, text),),
        max_output_tokens=1000,
    )
    return replace(call, **changes)


def an_endpoint(base_url: str, **changes: Any) -> Endpoint:
    return replace(Endpoint(ProviderId(1), "stub", base_url, api_key="key-1", timeouts=QUICK), **changes)


def a_provider(base_url: str, **changes: Any) -> ProviderRecord:
    record = ProviderRecord(ProviderId(1), "stub", "openai", base_url, Hosting.COMMERCIAL, timeouts=QUICK)
    return replace(record, **changes)


@dataclass
class Outcome:
    """A stream, read to its end or its failure."""

    chunks: list[Chunk] = field(default_factory=list)
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks if isinstance(chunk, TextChunk))

    @property
    def usage(self) -> Usage | None:
        return next((chunk.usage for chunk in self.chunks if isinstance(chunk, UsageChunk)), None)

    @property
    def finish(self) -> Finish | None:
        last = self.chunks[-1] if self.chunks else None
        return last.finish if isinstance(last, FinishChunk) else None

    @property
    def tool_calls(self) -> dict[int, tuple[str, str, str]]:
        """(id, name, arguments) by index, put together from the pieces."""
        calls: dict[int, tuple[str, str, str]] = {}
        for chunk in self.chunks:
            if isinstance(chunk, ToolCallChunk):
                one, name, arguments = calls.get(chunk.index, ("", "", ""))
                calls[chunk.index] = (one + chunk.id, name + chunk.name, arguments + chunk.arguments)
        return calls


async def outcome_of(stream: AsyncIterator[Chunk]) -> Outcome:
    """Read a stream to its end; a `ProviderError` is part of the outcome, anything else rises."""
    outcome = Outcome()
    try:
        async for chunk in stream:
            outcome.chunks.append(chunk)
    except ProviderError as error:
        outcome.error = error
    return outcome
