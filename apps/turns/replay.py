"""The answer of a turn, kept encrypted for 24 hours under the caller's own id, and told again to a retry.

Only a whole answer is: a turn that failed, was refused or given up frees the id, so that a retry asks again (promise
P28). A question of the chat is on record itself; its id is kept to tell a retry from another question.
"""

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
from apps.domain.sentences import say
from apps.domain.turn import (
    Completed,
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
ANOTHER_QUESTION = say("another_question", "This id belongs to another question. Nothing was sent; ask with a new id.")


class TurnRunning(OpenRouteError):
    """The question with this id, or the branch, is still being answered: by `turn`, where that is known."""

    code, status = "turn_running", 409

    def __init__(self, detail: str, *, turn: TurnId | None = None) -> None:
        super().__init__(detail)
        self.turn = turn


class AnotherBody(OpenRouteError):
    """The caller's own id was used before, for another request. Nothing was sent."""

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


def check_same(*, tenant: TenantId, turn: TurnId, asked: Idempotency) -> None:
    """Whether a question under the id of `turn` is that turn's; for as long as that exists. Sync; uses the ORM.

    The turn keeps the hash itself, because its key is gone after a day.

    Raises:
        AnotherBody: it is another one.
    """
    kept = Turn.objects.for_tenant(tenant).filter(id=turn).values_list("body_hash", flat=True).first()
    if not kept:  # of a turn before the hash was kept there
        keys = IdempotencyKey.objects.for_tenant(tenant).filter(turn_id=turn)
        kept = keys.values_list("body_hash", flat=True).first()
    if kept and kept != asked.body_hash:
        raise AnotherBody(ANOTHER_QUESTION)


def pack(operation: CloseTurn, attempts: Sequence[AttemptOutcome], cost: int) -> str:
    """What a retry is told, as text for an encrypted column."""
    answered = [attempt for attempt in attempts if not attempt.aside]
    usage = answered[-1].usage if answered else Usage(0, 0)
    answer = {
        "text": operation.text,
        "calls": [[call.id, call.name, call.arguments] for call in operation.tool_calls],
        "finish": operation.finish.value if operation.finish else "",
        "usage": [usage.input_tokens, usage.output_tokens, usage.cached_input_tokens, usage.reasoning_tokens],
        "cost": cost,
        "attempts": len(attempts),
    }
    return base64.b64encode(orjson.dumps(answer)).decode()


def load(tenant: TenantId, digest: str, duplicate: Duplicate) -> tuple[TurnEvent, ...]:
    """The events of the answered turn. Sync; uses the ORM.

    Raises:
        AnotherBody: the id belongs to another request.
        TurnRunning: the first request is still being answered, or has failed at this moment: its id is free again.
    """
    if not duplicate.same_body:
        raise AnotherBody("This Idempotency-Key was used before with another request. Use a new key.")
    with use_tenant(tenant):
        turn = Turn.objects.filter(id=duplicate.turn).first()
        kept = IdempotencyKey.objects.filter(digest=digest, turn_id=duplicate.turn).first()
    if turn is None or kept is None or turn.state != Turn.State.COMPLETED:
        raise TurnRunning("This request is still being answered. Ask again in a moment.", turn=duplicate.turn)
    return tuple(_events(turn, orjson.loads(base64.b64decode(kept.answer))))


def _events(turn: Turn, answer: dict[str, Any]) -> Iterator[TurnEvent]:
    turn_id = TurnId(turn.id)
    entities = tuple(turn.decision.get("sensitivity", {}).get("entities", {}).items())
    label = Sensitivity.parse(turn.sensitivity)
    reasons = tuple(turn.decision.get("reasons", ()))
    yield Routed(turn_id, turn.model, Hosting(turn.hosting), turn.strategy, label, entities, reasons)
    if answer["text"]:
        yield TextDelta(turn_id, 0, answer["text"])
    for index, (call_id, name, arguments) in enumerate(answer["calls"]):
        yield ToolCallDelta(turn_id, index, call_id, name, arguments)
    given, made, cached, reasoning = answer["usage"]
    usage = Usage(given, made, cached_input_tokens=cached, reasoning_tokens=reasoning)
    finish, hosting = Finish(answer["finish"] or "stop"), Hosting(turn.hosting)
    yield Completed(turn_id, finish, usage, turn.cost or 0, turn.model, turn.attempts, hosting, label)
