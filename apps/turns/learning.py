"""What ended turns tell about the models that were asked: features and figures for the profiles, never text.

Quality is judged by what happens in the chat alone, where people see the answer and can complain: there, an answer that
was given counts a little for its model, and a failure against the one that failed, never against the one that helped
out. From the API, comparisons and titles only speed, cost and rates of failure are learnt: failures without the answers
beside them would make the busiest model the worst.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from apps.domain.catalogue import Hosting
from apps.domain.ids import TenantId, TurnId, UserId
from apps.domain.intent import DOMAINS, TASKS
from apps.domain.observation import Observation, Speed
from apps.domain.privacy import Sensitivity
from apps.domain.turn import Channel, Finish
from apps.turns.models import Attempt, Turn

FAILED: Final = "provider_unavailable"
"""The model's own fault: it did not answer in time, answered with an error or broke off."""
BUSY: Final = "rate_limited"
REFUSED: Final = "refused_by_policy"
"""The provider's usage rules refuse the question; our own rules refuse with the same word."""
NOT_GOOD: Final = "not_good_enough"
"""A checker looked at the answer before anybody was shown it, and another model was asked."""
COMPLAINTS: Final[Mapping[str, str]] = {FAILED: "failed", NOT_GOOD: "checked"}
"""Codes of attempts that speak against their model, and the signals that they are."""
LEAST_TOKENS: Final = 16
"""A shorter answer says nothing about speed: its time is that of its connection."""


@dataclass(frozen=True, slots=True)
class Features:
    """What was recognised of the question. `words` is the length of answer that it asks for."""

    task: str
    domain: str
    complexity: int
    words: int


@dataclass(frozen=True, slots=True)
class Tried:
    """One attempt. `keeps` is the length of the answer when it was sent, in code points; `cost` micro-dollars."""

    model: str
    hosting: str
    answered: bool
    code: str
    keeps: int
    sent_at: datetime
    cost: int


@dataclass(frozen=True, slots=True)
class Ended:
    """One turn that has ended. `drawn` is the model that lots put first, with the chance of that; None without lots."""

    turn: TurnId
    channel: str
    state: str
    finish: str
    asked_model: str
    model: str
    """Whose answer was shown; the last one that was asked, where several wrote it."""
    sensitivity: str
    features: Features
    drawn: tuple[str, float] | None
    together: bool
    """Several models were asked at once, and one of their answers was shown."""
    held: bool
    """The answer was shown when it was whole: when that was says nothing about its beginning."""
    opened_at: datetime
    closed_at: datetime
    first_token_ms: int | None
    output_tokens: int | None
    """None where the provider did not tell."""
    tried: tuple[Tried, ...]

    @property
    def is_judged(self) -> bool:
        """Whether people see the answer and can say what they think of it."""
        return self.channel == Channel.CHAT

    @property
    def was_stopped(self) -> bool:
        return self.state == Turn.State.STOPPED


def ended(tenant: TenantId, turns: Collection[UUID]) -> dict[TurnId, Ended]:
    """Those of these turns that have ended and whose question was recognised. Two queries, however many they are."""
    rows = Turn.objects.for_tenant(tenant).filter(id__in=turns, closed_at__isnull=False)
    attempts: dict[UUID, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.for_tenant(tenant).filter(turn_id__in=turns).order_by("turn_id", "number"):
        attempts[attempt.turn_id].append(attempt)
    found = (_ended(row, attempts[row.id]) for row in rows)
    return {entry.turn: entry for entry in found if entry is not None}


def asked_by(tenant: TenantId, user: UserId, *, size: int = 1_000) -> Iterator[frozenset[TurnId]]:
    """The turns of one person, a bounded number at a time."""
    rows = Turn.objects.for_tenant(tenant).filter(user_id=user).order_by("opened_at", "id")
    batch: list[UUID] = []
    for turn in rows.values_list("id", flat=True).iterator(size):
        batch.append(turn)
        if len(batch) == size:
            yield frozenset(map(TurnId, batch))
            batch = []
    if batch:
        yield frozenset(map(TurnId, batch))


def is_auto(model: str) -> bool:
    """Whether it was left to us which model answers. Pure."""
    return model.partition(":")[0] == "auto"


def speeds(turn: Ended) -> Iterator[Speed]:
    """How each attempt went that says anything about its model. Pure.

    Left out are those that we or the reader ended: a stop, a defect, a changed rule, a budget, a prompt too long.
    """
    for place, tried in enumerate(turn.tried):
        end = _end(turn, tried, is_last=place == len(turn.tried) - 1)
        if end is None:
            continue
        first_ms = _first_token_ms(turn, place)
        yield Speed(
            source=turn.turn,
            model=tried.model,
            task=turn.features.task,
            domain=turn.features.domain,
            end=end,
            at=turn.closed_at,
            first_token_ms=first_ms,
            tokens_per_s=_tokens_per_s(turn, first_ms) if end == "answered" else None,
            cost_micro_usd=tried.cost,
        )


def judged(turn: Ended) -> Iterator[Observation]:
    """What the end of a turn of the chat says about the quality of each model that was asked. Pure."""
    if not turn.is_judged:
        return
    for tried in turn.tried:
        complaint = None if tried.answered else COMPLAINTS.get(tried.code)
        if complaint is not None:
            yield observation(turn, model=tried.model, signal=complaint, value=0.0, at=turn.closed_at)
    if turn.state == Turn.State.COMPLETED and turn.finish != Finish.CONTENT_FILTER:
        yield observation(turn, model=turn.model, signal="answered", value=1.0, at=turn.closed_at)


def observation(turn: Ended, *, model: str, signal: str, value: float, at: datetime) -> Observation:
    """One signal about a model's part in this turn, with the features and the chance of the decision."""
    return Observation(
        source=turn.turn,
        model=model,
        task=turn.features.task,
        domain=turn.features.domain,
        complexity=turn.features.complexity,
        signal=signal,
        value=value,
        at=at,
        propensity=turn.drawn[1] if turn.drawn is not None and turn.drawn[0] == model else None,
    )


def _ended(row: Turn, attempts: list[Attempt]) -> Ended | None:
    features = _features(row.decision.get("intent"))
    if features is None or row.closed_at is None:
        return None
    return Ended(
        turn=TurnId(row.id),
        channel=row.channel,
        state=row.state,
        finish=row.finish,
        asked_model=row.asked_model,
        model=row.model,
        sensitivity=row.sensitivity,
        features=features,
        drawn=_drawn(row),
        together=len(attempts) > 1 and row.decision.get("together", 1) > 1,
        held="steps" in row.decision,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        first_token_ms=row.first_token_ms,
        output_tokens=None if row.estimated else row.output_tokens,
        tried=tuple(map(_tried, attempts)),
    )


def _tried(row: Attempt) -> Tried:
    answered = row.state == Attempt.State.ANSWERED
    return Tried(row.model, row.hosting, answered, row.code, row.keeps, row.sent_at, row.cost or 0)


def _features(intent: Mapping[str, Any] | None) -> Features | None:
    """What profiles know how to keep; of a question that was refused or asked before features were kept, nothing."""
    if not intent or intent.get("task") not in TASKS or intent.get("domain") not in DOMAINS:
        return None
    return Features(intent["task"], intent["domain"], intent.get("complexity", 3), intent.get("words", 0))


def _drawn(row: Turn) -> tuple[str, float] | None:
    """Nobody draws lots for a model that was asked for by name; one that helped out came by another way as well."""
    candidates = row.decision.get("candidates", ())
    if not candidates or not is_auto(row.asked_model) or candidates[0].get("propensity") is None:
        return None
    return candidates[0]["model"], candidates[0]["propensity"]


def _end(turn: Ended, tried: Tried, *, is_last: bool) -> str | None:
    if not tried.answered:
        if tried.code == NOT_GOOD:
            return "answered"
        if tried.code == REFUSED:
            return "refused" if is_last and not _kept_inside(turn, tried) else None
        return "error" if tried.code in {FAILED, BUSY} else None
    if turn.was_stopped:
        return None
    if is_last and turn.finish == Finish.CONTENT_FILTER:
        return "refused"
    return "truncated" if is_last and turn.finish == Finish.LENGTH else "answered"


def _kept_inside(turn: Ended, tried: Tried) -> bool:
    """Whether our own rules may have kept the text from this model."""
    return Sensitivity.parse(turn.sensitivity).must_stay_inside and tried.hosting == Hosting.COMMERCIAL


def _first_token_ms(turn: Ended, place: int) -> float | None:
    """From when this model was asked to the first token of the answer, if it was the one that wrote that token."""
    if turn.first_token_ms is None or turn.together or turn.held:
        return None
    later = turn.tried[place + 1 :]
    wrote_first = turn.tried[place].keeps == 0 and (not later or later[0].keeps > 0)
    if not wrote_first:
        return None
    waited_ms = (turn.tried[place].sent_at - turn.opened_at) / timedelta(milliseconds=1)
    return max(0.0, turn.first_token_ms - waited_ms)


def _tokens_per_s(turn: Ended, first_ms: float | None) -> float | None:
    """Tokens a second after the first one, of an answer that one model wrote alone."""
    if first_ms is None or len(turn.tried) != 1 or turn.output_tokens is None or turn.output_tokens < LEAST_TOKENS:
        return None
    spent_s = (turn.closed_at - turn.opened_at).total_seconds() - first_ms / 1000
    return turn.output_tokens / spent_s if spent_s > 0 else None
