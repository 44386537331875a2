"""What one attempt at a model brought so far, what it costs, and, while nobody is shown it, its answer."""

import time
from dataclasses import dataclass, field, replace

from apps.domain.decision import Ranked
from apps.domain.errors import OpenRouteError
from apps.domain.money import Usage
from apps.domain.tokens import output_bound
from apps.domain.turn import Finish, ToolCall
from apps.privacy.values import Masked
from apps.providers.values import (
    Chunk,
    FinishChunk,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    TextChunk,
    ToolCallChunk,
    UsageChunk,
)
from apps.turns.masking import Restoring
from apps.turns.operations import Grant


class Broken(OpenRouteError):
    """A defect of ours ended the turn; the log holds it."""

    code = "internal_error"


class NotGoodEnough(OpenRouteError):
    """The answer is whole, and the checker is not content with it: `fault`. Nothing of it was shown."""

    code = "not_good_enough"

    def __init__(self, fault: str) -> None:
        super().__init__(f"The answer was not good enough: {fault.replace('_', ' ')}.")
        self.fault = fault


class TooLate(OpenRouteError):
    """The others had answered, and nobody waited for this model any longer."""

    code = "late"


@dataclass(slots=True)
class Held:
    """An answer that nobody is shown yet. Masked values are restored in it already."""

    texts: list[str] = field(default_factory=list)
    calls: dict[int, list[str]] = field(default_factory=dict)
    """Tool calls by index: id, name, then pieces of the arguments."""

    @property
    def text(self) -> str:
        return "".join(self.texts)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return called(self.calls)

    def __repr__(self) -> str:
        return f"Held({len(self.texts)} pieces, {len(self.calls)} calls)"


@dataclass(slots=True)
class Received:
    """What one attempt brought so far."""

    number: int
    ranked: Ranked
    grant: Grant
    keeps: int = 0
    """Length of the answer, in code points, when this model was asked."""
    revision: int = 0
    """Under which rules it may be asked: see `Flow.revision`."""
    held: Held | None = None
    """Its answer, for as long as that is not shown; None where it is shown as it comes."""
    text_bytes: int = 0
    tool_pieces: int = 0
    usage: Usage | None = None
    finish: Finish | None = None
    shown: Masked | None = None
    """What the model is shown instead of the text."""
    restoring: Restoring | None = None
    cleared: bool = False
    """The text was on its way to the provider. Before that (it waits for a free place) nothing can cost anything."""
    has_ended: bool = False
    """Its outcome is noted."""
    asked_at: float = field(default_factory=time.monotonic)

    def take(self, chunk: Chunk) -> Chunk:
        """Note what a chunk brings; returns it as readers see it."""
        if isinstance(chunk, TextChunk):
            text = chunk.text
            self.text_bytes += len(text) if text.isascii() else len(text.encode())
            return chunk if self.restoring is None else TextChunk(self.restoring.text(text))
        if isinstance(chunk, ToolCallChunk):
            self.tool_pieces += 1
            self.text_bytes += len(chunk.name.encode()) + len(chunk.arguments.encode())
            if self.restoring is not None:
                return replace(chunk, arguments=self.restoring.arguments(chunk.index, chunk.arguments))
        elif isinstance(chunk, UsageChunk):
            self.usage = chunk.usage
        elif isinstance(chunk, FinishChunk):
            self.finish = chunk.finish
        return chunk

    def hold(self, chunk: Chunk) -> None:
        """As `take`, and keep what readers are not shown yet."""
        assert self.held is not None
        chunk = self.take(chunk)
        if isinstance(chunk, TextChunk):
            self.held.texts.append(chunk.text)
        elif isinstance(chunk, ToolCallChunk):
            add_call(self.held.calls, chunk)

    def held_to_end(self) -> Held:
        """The whole held answer, with what was held back of a placeholder: nothing comes after it."""
        assert self.held is not None
        if self.restoring is not None:
            self.held.texts.append(self.restoring.rest())
            for index, rest in self.restoring.rests():
                self.held.calls[index].append(rest)
        return self.held

    def charge(self, error: OpenRouteError | None, *, input_tokens: int, images: int) -> tuple[Usage, int]:
        """The provider's own figures; else nothing, where it refused to work; else an upper bound (promise P09)."""
        price = self.ranked.candidate.price
        assert price is not None  # a model without a price is never ranked
        if self.usage is not None:
            return self.usage, price.cost(self.usage)
        received = self.text_bytes or self.tool_pieces
        if not received and not (self.cleared and (error is None or _may_be_billed(error))):
            return Usage(0, 0), 0
        bound = output_bound(self.text_bytes, self.tool_pieces) if received else 0
        usage = Usage(
            input_tokens=input_tokens,
            output_tokens=min(bound, self.grant.max_output_tokens),
            images=images,
            estimated=True,
        )
        return usage, min(price.cost(usage), self.grant.reserved_micro_usd)


def add_call(calls: dict[int, list[str]], chunk: ToolCallChunk) -> None:
    """Add a piece of a tool call to those that are there, by index."""
    call = calls.setdefault(chunk.index, ["", ""])
    call[0], call[1] = call[0] or chunk.id, call[1] or chunk.name
    call.append(chunk.arguments)


def called(calls: dict[int, list[str]]) -> tuple[ToolCall, ...]:
    """The tool calls, in order."""
    return tuple(ToolCall(call[0], call[1], "".join(call[2:])) for _, call in sorted(calls.items()))


def _may_be_billed(error: OpenRouteError) -> bool:
    """Whether a provider may have worked before it failed without a byte: when the line broke, time ran out, or we."""
    if isinstance(error, ProviderError) and error.unsent:
        return False
    if isinstance(error, ProviderTimeout | Broken | NotGoodEnough | TooLate):
        return True
    if isinstance(error, ProviderError) and error.accepted:
        return True
    return isinstance(error, ProviderUnavailable) and not error.upstream_status and error.sick
