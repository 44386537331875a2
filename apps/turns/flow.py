"""The state of one running turn: what was decided, what was received, what each attempt cost."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.decision import Ranked
from apps.domain.errors import OpenRouteError
from apps.domain.ids import PeriodId
from apps.domain.limits import RateLimits
from apps.domain.privacy import Inspection
from apps.domain.turn import Channel, Finish, TextDelta, ToolCall, ToolCallDelta, TurnEvent, TurnRequest
from apps.privacy.values import Masked
from apps.providers.values import Chunk, ContentRefused, ContextTooLong, TextChunk, ToolCallChunk
from apps.turns.answer_watch import AnswerWatch
from apps.turns.choosing import Asked, Choice
from apps.turns.growing import GrowingText
from apps.turns.models import Turn
from apps.turns.operations import AttemptOutcome, Grant
from apps.turns.rates import Scope
from apps.turns.received import Held, NotGoodEnough, Received, add_call, called
from apps.turns.seam import Seam

MOST_BREAKS: Final = 2
"""So often may an answer break off and go on with another model."""
MOST_HELD: Final = 2
"""So many answers of a turn are held back and checked; the next one is shown as it comes: people are waiting."""
PIECE: Final = 200
"""Code points of an event that shows a part of an answer that was held back."""


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
    recorded: int = 0
    """Of so many of the outcomes it is on record why they gave way."""
    periods: set[PeriodId] = field(default_factory=set)
    beside: tuple[Received, ...] = ()
    """Attempts that run beside the current one, until a vote is decided."""
    spare: Received | None = None
    """An answer that was not good enough; it is shown after all where no other model can give one."""
    vote: dict[str, Any] | None = None
    """Who answered what in a vote: attempts and numbers of clusters, never text."""
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
    revision: int = 0
    """How often the rules have changed since the decision: what was granted under older ones is looked at again."""
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while newer rules are taken over: attempts beside one another must not act on half of them."""
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
        return called(self.calls)

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

    @property
    def was_inside(self) -> bool:
        """Whether a model inside was asked: what it was shown, or has written, goes to no model outside masked."""
        asked = any(outcome.hosting == Hosting.SELF_HOSTED for outcome in self.outcomes)
        return asked or any(entry.ranked.candidate.hosting is Hosting.SELF_HOSTED for entry in self.running)

    @property
    def running(self) -> tuple[Received, ...]:
        """The attempts of now; one but in a vote."""
        return (self.current, *self.beside)

    @property
    def answering(self) -> AttemptOutcome:
        """The outcome of the current attempt, which has ended."""
        return next(outcome for outcome in self.outcomes if outcome.number == self.current.number)

    def take(self, chunk: Chunk) -> TurnEvent | None:
        """Note what a chunk brings; the event that readers see of it, if any."""
        if isinstance(chunk, TextChunk) and not chunk.text:
            return None
        shown = self.current.take(chunk)
        if isinstance(shown, TextChunk):
            self._first()
            return self._new(shown.text)
        if isinstance(shown, ToolCallChunk):
            self._first()
            add_call(self.calls, shown)
            return ToolCallDelta(self.request.turn, shown.index, shown.id, shown.name, shown.arguments)
        return None

    def _new(self, text: str) -> TextDelta | None:
        return self._shown(text if self.seam is None or not text else self.seam.feed(text))

    def flush(self) -> Iterator[TurnEvent]:
        """What was held back, when nothing comes after it: half a placeholder, and the text at a seam."""
        if self.current.held is not None:  # nothing of it was shown, and nothing will be
            return
        restoring = self.current.restoring
        if restoring is not None and (event := self._new(restoring.rest())) is not None:
            yield event
        held, self.seam = self.seam.flush() if self.seam else "", None
        if (event := self._shown(held)) is not None:
            yield event
        for index, rest in restoring.rests() if restoring else ():
            self.calls[index].append(rest)
            yield ToolCallDelta(self.request.turn, index, arguments=rest)

    def reveal(self) -> list[TurnEvent]:
        """Show what the current attempt held back, and what comes of it from now on; these events tell it.

        All of it is part of the answer at once, so that a reader who leaves between two events changes nothing.
        """
        held, self.current.held = self.current.held, None
        if held is None or not (held.text or held.calls):
            return []
        self._first()
        self.calls = held.calls
        turn, events = self.request.turn, list[TurnEvent]()
        if (whole := self._shown(held.text)) is not None:
            places = range(0, len(whole.text), PIECE)
            events += [TextDelta(turn, whole.at + at, whole.text[at : at + PIECE]) for at in places]
        calls = sorted(held.calls.items())
        return events + [ToolCallDelta(turn, index, call[0], call[1], "".join(call[2:])) for index, call in calls]

    def _shown(self, text: str) -> TextDelta | None:
        if not text:
            return None
        if self.candidate.hosting is Hosting.COMMERCIAL:
            self.is_from_outside = True
        at = self.text.length
        self.text.append(text)
        return TextDelta(self.request.turn, at, text)

    def _first(self) -> None:
        if self.first_token_ms is None:
            self.first_token_ms = int((time.monotonic() - self.started_at) * 1000)

    def end_attempt(self, error: OpenRouteError | None = None) -> None:
        """Note how the current attempt ended and what it is charged with. A second call changes nothing."""
        self.end(self.current, error)

    def end(self, attempt: Received, error: OpenRouteError | None = None) -> None:
        """As `end_attempt`, for one of those that are running."""
        if attempt.has_ended:
            return
        attempt.has_ended = True
        candidate = attempt.ranked.candidate
        usage, cost = attempt.charge(error, input_tokens=self.choice.input_tokens, images=self.choice.images)
        self.breaks += error is not None and attempt.held is None and attempt.text_bytes > 0
        outcome = AttemptOutcome(
            number=attempt.number,
            model=candidate.model,
            provider=candidate.provider_name,
            usage=usage,
            cost_micro_usd=cost,
            answered=error is None,
            code=error.code if error else "",
            keeps=attempt.keeps,
            hosting=candidate.hosting.value,
        )
        self.outcomes = sorted((*self.outcomes, outcome), key=lambda entry: entry.number)

    def end_all(self, error: OpenRouteError | None = None) -> None:
        """End whatever is running."""
        for attempt in self.running:
            self.end(attempt, error)
        self.beside = ()

    def win(self, winner: Received) -> None:
        """The answer of this attempt is the one that counts; those that ended otherwise stand aside.

        One that has answered as well is `outvoted`, which is no fault.
        """
        self.end_all()
        self.current = winner

        def aside(entry: AttemptOutcome) -> AttemptOutcome:
            if entry.number == winner.number:
                return replace(entry, answered=True)
            return replace(entry, aside=True, code="outvoted" if entry.answered else entry.code)

        self.outcomes = [aside(entry) for entry in self.outcomes]

    def next_attempt(self, ranked: Ranked, grant: Grant) -> None:
        """Go on with another model."""
        number = len(self.outcomes) + 1
        held = Held() if self.may_hold else None
        self.current = Received(number, ranked, grant, keeps=self.text.length, revision=self.revision, held=held)
        self.seam = Seam(str(self.text)) if self.asks_on else None
        self.periods.update(ranked.periods)

    @property
    def may_hold(self) -> bool:
        """Whether the answer of the next attempt is held back and checked: a better model must be left for it."""
        return bool(self.better) and not self.has_output and len(self.outcomes) < MOST_HELD

    @property
    def vote_size(self) -> int:
        """How many models were to answer at once."""
        return self.choice.decision.together if self.choice.decision else 1

    @property
    def better(self) -> tuple[Ranked, ...]:
        """Who is asked when an answer is not good enough; others only stand in for a model that fails."""
        decision = self.choice.decision
        if decision is None or not decision.held or self.vote_size > 1:
            return ()
        steps = {entry.candidate.model for entry in decision.ranked[: decision.steps]}
        return tuple(entry for entry in self.left if entry.candidate.model in steps)

    def fail(self, error: OpenRouteError) -> None:
        """The turn ends without a whole answer."""
        self.state, self.error = Turn.State.FAILED, error

    def end_by_reader(self) -> None:
        """The reader had enough: what was produced is charged. An answer that was whole already stays whole."""
        is_whole = self.current.has_ended and not self.beside and self.answering.answered
        if self.error is not None or is_whole:
            return
        self.state = Turn.State.STOPPED
        self.current.finish = Finish.STOPPED
        self.end_all()


def candidates_after(error: OpenRouteError, flow: Flow) -> tuple[Ranked, ...]:
    """Who may be tried after this error (see the error tree of the adapters); once text was received, to go on with it
    where that is possible at all."""
    if isinstance(error, ContentRefused) or (flow.has_output and not flow.may_go_on):
        return ()
    if isinstance(error, NotGoodEnough) and flow.vote_size == 1:
        return flow.better
    if isinstance(error, ContextTooLong):
        failed = flow.candidate.context_tokens
        return tuple(entry for entry in flow.left if entry.candidate.context_tokens > failed)
    return flow.left
