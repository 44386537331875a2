"""Short builders for the values of a turn, with harmless defaults."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from apps.domain.catalogue import Candidate, Hosting
from apps.domain.decision import Decision, Ranked
from apps.domain.ids import PeriodId, ProviderId, TeamId, TenantId, TurnId, UserId, new_id
from apps.domain.messages import PromptMessage, Role
from apps.domain.money import Price, Usage
from apps.domain.privacy import Inspection, Sensitivity
from apps.domain.turn import Channel, Principal, TurnRequest
from apps.turns.operations import AttemptOutcome, CloseTurn, OpenTurn

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACME = TenantId(1)
OWNER = UUID(int=0xABC)


def candidate(model: str = "small", *, output: str = "10", **changes: Any) -> Candidate:
    """A commercial model; `output` is its price in USD per million tokens, input costs a tenth. "0" is self-hosted."""
    values: dict[str, Any] = {
        "model": model,
        "upstream": model,
        "provider": ProviderId(1),
        "provider_name": "cloud",
        "hosting": Hosting.SELF_HOSTED if output == "0" else Hosting.COMMERCIAL,
        "region": "us",
        "context_tokens": 100_000,
        "max_output_tokens": 4_000,
        "price": Price(input=Decimal(output) / 10, output=Decimal(output)),
    }
    return Candidate(**(values | changes))


def ranked(
    entry: Candidate, *, periods: tuple[int, ...] = (), input_tokens: int = 100, output_tokens: int = 400
) -> Ranked:
    """A permitted model with its worst case."""
    assert entry.price is not None
    worst = entry.price.worst_case(input_tokens=input_tokens, output_tokens=output_tokens)
    ids = tuple(PeriodId(period) for period in periods)
    return Ranked(entry, 0.9, 0.9, worst // 2, worst, output_tokens, ids)


def request(text: str = "What is the capital of France?", **changes: Any) -> TurnRequest:
    values: dict[str, Any] = {
        "turn": TurnId(new_id()),
        "principal": Principal(ACME, UserId(5)),
        "team": TeamId(2),
        "channel": Channel.API,
        "messages": (PromptMessage(Role.USER, text),),
        "received_at": NOON,
    }
    return TurnRequest(**(values | changes))


def opening(*candidates: Ranked, **changes: Any) -> OpenTurn:
    """The durable begin of a harmless question that these candidates may answer."""
    values: dict[str, Any] = {
        "request": changes.pop("request", None) or request(),
        "inspection": Inspection(Sensitivity.CLEAN, ()),
        "ranked": candidates,
        "decision": Decision(candidates, (), "balanced", ("It is good enough.",)),
        "record": {"intent": {"task": "factual_qa"}},
        "policy_version": 1,
        "config_version": 0,
        "input_tokens": 100,
        "images": 0,
        "owner": OWNER,
    }
    return OpenTurn(**(values | changes))


def attempt(number: int = 1, *, cost: int = 50, **changes: Any) -> AttemptOutcome:
    values: dict[str, Any] = {
        "number": number,
        "model": "small",
        "provider": "cloud",
        "usage": Usage(90, 40),
        "cost_micro_usd": cost,
        "answered": True,
    }
    return AttemptOutcome(**(values | changes))


def closing(operation: OpenTurn, *attempts: AttemptOutcome, **changes: Any) -> CloseTurn:
    """The durable end of an opened turn; without attempts its owner died."""
    values: dict[str, Any] = {
        "turn": operation.turn,
        "tenant": operation.tenant,
        "recorder": operation.request.recorder,
        "state": "completed",
        "text": "Paris.",
        "attempts": attempts or None,
        "model": "small",
        "hosting": "commercial",
        "periods": tuple({period for entry in operation.ranked for period in entry.periods}),
    }
    return CloseTurn(**(values | changes))
