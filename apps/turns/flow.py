"""The state of one running turn: what was decided, what was received, what each attempt cost."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.decision import Ranked
from apps.domain.errors import OpenRouteError
from apps.domain.ids import PeriodId
from apps.domain.limits import RateLimits
from apps.domain.money import Usage
from apps.domain.privacy import Inspection
from apps.domain.tokens import output_bound
from apps.domain.turn import Channel, Finish, TextDelta, ToolCall, ToolCallDelta, TurnEvent, TurnRequest
from apps.privacy.values import Masked
from apps.providers.values import (
    Chunk,
    ContentRefused,
    ContextTooLong,
    FinishChunk,
    ProviderError,
    ProviderTimeout,
    ProviderUnavailable,
    TextChunk,
    ToolCallChunk,
    UsageChunk,
)
from apps.turns.answer_watch import AnswerWatch
from apps.turns.choosing import Asked, Choice
from apps.turns.growing import GrowingText
from apps.turns.masking import Restoring
from apps.turns.models import Turn
from apps.turns.operations import AttemptOutcome, Grant
from apps.turns.rates import Scope
from apps.turns.seam import Seam

MOST_BREAKS: Final = 2
"""So often may an answer break off and go on with another model."""


class Broken(OpenRouteError):
    """A defect of ours ended the turn; the log holds it."""

    code = "internal_error"


@dataclass(slots=True)
class Received:
    """What the running attempt brought so far."""

    number: int
    ranked: Ranked
    grant: Grant
    keeps: int = 0
    """Length of the answer, in code points, when this model was asked."""
    text_bytes: int = 0
    tool_pieces: int = 0
    usage: Usage | None = None
    finish: Finish | None = None
    shown: Masked | None = None
    """What the model is shown instead of the text."""
    restoring: Restoring | None = None
    cleared: bool = False
    """The text was on its way to the provider. Before that (it waits for a free place) nothing can cost anything."""


@dataclass(slots=True)
class Flow:
    """One turn from its grant to its outcome. Only the pipeline changes it."""

    asked: Asked
    inspection: Inspection
    choice: Choice
    current: Received
    started_at: float = field(default_factory=time.monotonic)
    left: tuple[Ranked, ...] = ()
    outcomes: list[AttemptOutcome] = field(default_factory=list)
    periods: set[PeriodId] = field(default_factory=set)
    limits: tuple[tuple[Scope, RateLimits], ...] = ()
    idempotency: str = ""
    text: GrowingText = field(default_factory=GrowingText)
    """The answer so far."""
    watch: AnswerWatch = field(default_factory=AnswerWatch)
    found_in_answer: tuple[tuple[str, int], ...] = ()
    """Types and counts of what labelled the answer itself."""
    first_token_ms: int | None = None
    calls: dict[int, list[str]] = field(default_factory=dict)
    """Tool calls by index: id, name, then pieces of the arguments."""
    breaks: int = 0
    """Attempts that failed after they had brought text."""
    asks_on: bool = False
    """The last message that is sent is the answer so far: another model goes on with it."""
    seam: Seam | None = None
    """What the running attempt begins with, until it is certain that it repeats nothing."""
    masked: Masked | None = None
    """What models outside would be shown, under the rules of this moment; None: they may not be asked, or all of it."""
    is_from_outside: bool = False
    """A commercial model wrote the answer, or a part of it."""
    state: str = Turn.State.COMPLETED
    error: OpenRouteError | None = None

    @property
    def request(self) -> TurnRequest:
        return self.asked.request

    @property
    def candidate(self) -> Candidate:
        return self.current.ranked.candidate

    @property
    def has_tool_calls(self) -> bool:
        return bool(self.calls)

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        return tuple(ToolCall(call[0], call[1], "".join(call[2:])) for _, call in sorted(self.calls.items()))

    @property
    def has_output(self) -> bool:
        return self.text.length > 0 or self.has_tool_calls

    @property
    def hosting(self) -> Hosting:
        """Where the answer was written: outside as soon as a part of it was, else where it is asked for now."""
        return Hosting.COMMERCIAL if self.is_from_outside else self.candidate.hosting

    @property
    def may_go_on(self) -> bool:
        """Whether another model may go on with what is there: in the chat alone, whose readers are told of the seam."""
        is_whole = self.current.finish is not None
        in_chat = self.request.channel is Channel.CHAT
        return in_chat and not self.has_tool_calls and not is_whole and self.breaks <= MOST_BREAKS

    def take(self, chunk: Chunk) -> TurnEvent | None:
        """Note what a chunk brings; the event that readers see of it, if any."""
        if isinstance(chunk, TextChunk):
            return self._text(chunk.text)
        if isinstance(chunk, ToolCallChunk):
            return self._call(chunk)
        if isinstance(chunk, UsageChunk):
            self.current.usage = chunk.usage
        elif isinstance(chunk, FinishChunk):
            self.current.finish = chunk.finish
        return None

    def _text(self, text: str) -> TextDelta | None:
        if not text:
            return None
        self._first()
        self.current.text_bytes += len(text) if text.isascii() else len(text.encode())
        return self._new(text if self.current.restoring is None else self.current.restoring.text(text))

    def _new(self, text: str) -> TextDelta | None:
        return self._shown(text if self.seam is None or not text else self.seam.feed(text))

    def flush(self) -> Iterator[TurnEvent]:
        """What was held back, when nothing comes after it: half a placeholder, and the text at a seam."""
        restoring = self.current.restoring
        if restoring is not None and (event := self._new(restoring.rest())) is not None:
            yield event
        held, self.seam = self.seam.flush() if self.seam else "", None
        if (event := self._shown(held)) is not None:
            yield event
        for index, rest in restoring.rests() if restoring else ():
            self.calls[index].append(rest)
            yield ToolCallDelta(self.request.turn, index, arguments=rest)

    def _shown(self, text: str) -> TextDelta | None:
        if not text:
            return None
        if self.candidate.hosting is Hosting.COMMERCIAL:
            self.is_from_outside = True
        at = self.text.length
        self.text.append(text)
        return TextDelta(self.request.turn, at, text)

    def _call(self, chunk: ToolCallChunk) -> ToolCallDelta:
        self._first()
        call = self.calls.setdefault(chunk.index, ["", ""])
        call[0], call[1] = call[0] or chunk.id, call[1] or chunk.name
        self.current.tool_pieces += 1
        self.current.text_bytes += len(chunk.name.encode()) + len(chunk.arguments.encode())
        restoring = self.current.restoring
        arguments = chunk.arguments if restoring is None else restoring.arguments(chunk.index, chunk.arguments)
        call.append(arguments)
        return ToolCallDelta(self.request.turn, chunk.index, chunk.id, chunk.name, arguments)

    def _first(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = int((time.monotonic() - self.started_at) * 1000)

    def end_attempt(self, error: OpenRouteError | None = None) -> None:
        """Note how the running attempt ended and what it is charged with. A second call changes nothing."""
        if len(self.outcomes) >= self.current.number:
            return
        usage, cost = self._charge(error)
        self.breaks += error is not None and self.current.text_bytes > 0
        self.outcomes.append(
            AttemptOutcome(
                number=self.current.number,
                model=self.candidate.model,
                provider=self.candidate.provider_name,
                usage=usage,
                cost_micro_usd=cost,
                answered=error is None,
                code=error.code if error else "",
                keeps=self.current.keeps,
                hosting=self.candidate.hosting.value,
            )
        )

    def _charge(self, error: OpenRouteError | None) -> tuple[Usage, int]:
        """The provider's own figures; else nothing, where it refused to work; else an upper bound (promise P09)."""
        price = self.candidate.price
        assert price is not None  # a model without a price is never ranked
        if self.current.usage is not None:
            return self.current.usage, price.cost(self.current.usage)
        received = self.current.text_bytes or self.current.tool_pieces
        if not received and not (self.current.cleared and (error is None or _may_be_billed(error))):
            return Usage(0, 0), 0
        bound = output_bound(self.current.text_bytes, self.current.tool_pieces) if received else 0
        usage = Usage(
            input_tokens=self.choice.input_tokens,
            output_tokens=min(bound, self.current.grant.max_output_tokens),
            images=self.choice.images,
            estimated=True,
        )
        return usage, min(price.cost(usage), self.current.grant.reserved_micro_usd)

    def next_attempt(self, ranked: Ranked, grant: Grant) -> None:
        """Go on with another model."""
        self.current = Received(self.current.number + 1, ranked, grant, keeps=self.text.length)
        self.seam = Seam(str(self.text)) if self.asks_on else None
        self.periods.update(ranked.periods)

    def fail(self, error: OpenRouteError) -> None:
        """The turn ends without a whole answer."""
        self.state, self.error = Turn.State.FAILED, error

    def end_by_reader(self) -> None:
        """The reader had enough: what was produced is charged. An answer that was whole already stays whole."""
        ended = len(self.outcomes) >= self.current.number
        if self.error is not None or (ended and self.outcomes[-1].answered):
            return
        self.state = Turn.State.STOPPED
        self.current.finish = Finish.STOPPED
        self.end_attempt()


def _may_be_billed(error: OpenRouteError) -> bool:
    """Whether a provider may have worked before it failed without a byte: when the line broke, time ran out, or we."""
    if isinstance(error, ProviderError) and error.unsent:
        return False
    if isinstance(error, ProviderTimeout | Broken) or (isinstance(error, ProviderError) and error.accepted):
        return True
    return isinstance(error, ProviderUnavailable) and not error.upstream_status and error.sick


def candidates_after(error: ProviderError, flow: Flow) -> tuple[Ranked, ...]:
    """Who may be tried after this error (see the error tree of the adapters); once text was received, to go on with it
    where that is possible at all."""
    if isinstance(error, ContentRefused) or (flow.has_output and not flow.may_go_on):
        return ()
    if isinstance(error, ContextTooLong):
        failed = flow.candidate.context_tokens
        return tuple(entry for entry in flow.left if entry.candidate.context_tokens > failed)
    return flow.left
