"""The answer of a turn, kept encrypted for 24 hours under the caller's own id, and told again to a retry."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from apps.core.crypto import keyed_hash
from apps.core.tenancy import use_tenant
from apps.domain.catalogue import Hosting
from apps.domain.errors import OpenRouteError
from apps.domain.ids import TenantId, TurnId
from apps.domain.money import Usage
from apps.domain.privacy import Sensitivity
from apps.domain.turn import (
    Completed,
    Failed,
    Finish,
    Principal,
    Routed,
    TextDelta,
    ToolCallDelta,
    TurnEvent,
)
from apps.turns.models import IdempotencyKey, Turn
from apps.turns.operations import AttemptOutcome, CloseTurn, Duplicate, Idempotency

KEPT_FOR = timedelta(hours=24)


class TurnRunning(OpenRouteError):
    """The question with this id, or the branch, is still being answered: by `turn`, where that is known."""

    code, status = "turn_running", 409

    def __init__(self, detail: str, *, turn: TurnId | None = None) -> None:
        super().__init__(detail)
        self.turn = turn


class AnotherBody(OpenRouteError):
    """The id was used before, with another request. Nothing was sent."""

    code, status = "invalid_request", 422


def idempotency(*, principal: Principal, surface: str, key: str, body: bytes, now: datetime) -> Idempotency:
    """The record key of a caller's own id: full identity, so that nobody else's retry can meet it (promise P06).

    Args:
        surface: the endpoint, such as `/v1/chat/completions` or `ask`.
        key: the caller's id, at most 200 characters are told apart by their hash.
        body: the request as received, or what makes it the same question.
    """
    owner = f"key:{principal.key}" if principal.key is not None else f"user:{principal.user}"
    identity = "\0".join([str(principal.tenant), owner, surface, hashlib.sha256(key.encode()).hexdigest()])
    return Idempotency(keyed_hash("idempotency", identity), keyed_hash("idempotency.body", body), now + KEPT_FOR)


def pack(operation: CloseTurn, attempts: Sequence[AttemptOutcome], cost: int) -> str:
    """What a retry is told, as text for an encrypted column."""
    usage = attempts[-1].usage if attempts else Usage(0, 0)
    answer = {
        "text": operation.text,
        "calls": [[call.id, call.name, call.arguments] for call in operation.tool_calls],
        "finish": operation.finish.value if operation.finish else "",
        "code": operation.code,
        "detail": operation.detail,
        "partial": operation.partial,
        "usage": [usage.input_tokens, usage.output_tokens, usage.cached_input_tokens, usage.reasoning_tokens],
        "cost": cost,
        "attempts": len(attempts),
    }
    return base64.b64encode(orjson.dumps(answer)).decode()


def load(tenant: TenantId, digest: str, duplicate: Duplicate) -> tuple[TurnEvent, ...]:
    """The events of the answered turn. Sync; uses the ORM.

    Raises:
        AnotherBody: the id belongs to another request.
        TurnRunning: the first request is still being answered.
    """
    if not duplicate.same_body:
        raise AnotherBody("This Idempotency-Key was used before with another request. Use a new key.")
    with use_tenant(tenant):
        turn = Turn.objects.filter(id=duplicate.turn).first()
        kept = IdempotencyKey.objects.filter(digest=digest).first()
    if turn is None or kept is None or turn.state == Turn.State.OPEN:
        raise TurnRunning("This request is still being answered. Ask again in a moment.", turn=duplicate.turn)
    answer = orjson.loads(base64.b64decode(kept.answer)) if kept.answer else {}
    return tuple(_events(turn, answer))


def _events(turn: Turn, answer: dict[str, Any]) -> Iterator[TurnEvent]:
    turn_id = TurnId(turn.id)
    if turn.model:
        entities = tuple(turn.decision.get("sensitivity", {}).get("entities", {}).items())
        label = Sensitivity.parse(turn.sensitivity)
        reasons = tuple(turn.decision.get("reasons", ()))
        yield Routed(turn_id, turn.model, Hosting(turn.hosting), turn.strategy, label, entities, reasons)
    if answer.get("text"):
        yield TextDelta(turn_id, 0, answer["text"])
    for index, (call_id, name, arguments) in enumerate(answer.get("calls", ())):
        yield ToolCallDelta(turn_id, index, call_id, name, arguments)
    yield _end(turn_id, turn, answer)


def _end(turn_id: TurnId, turn: Turn, answer: dict[str, Any]) -> Completed | Failed:
    cost = turn.cost or 0
    if turn.state in {Turn.State.FAILED, Turn.State.REFUSED}:
        detail = answer.get("detail") or turn.decision.get("refused", {}).get("reason") or "The request was refused."
        keeps = len(answer.get("text", ""))
        return Failed(turn_id, turn.code, detail, _status(turn.code), bool(keeps), keeps, cost, turn.attempts)
    fields = answer.get("usage", [0, 0, 0, 0])
    usage = Usage(fields[0], fields[1], cached_input_tokens=fields[2], reasoning_tokens=fields[3])
    return Completed(turn_id, Finish(answer.get("finish") or "stop"), usage, cost, turn.model, turn.attempts)


def _status(code: str) -> int:
    statuses = {"budget_exceeded": 402, "no_permitted_model": 403, "refused_by_policy": 403, "context_too_long": 400}
    return statuses.get(code, 502)
