"""The rows and the audit entry of a turn whose models are about to be asked, as `opening` plans them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from apps.domain.catalogue import Hosting
from apps.domain.decision import Ranked
from apps.domain.privacy import Inspection
from apps.domain.turn import TurnRequest
from apps.turns import granting
from apps.turns.models import Attempt, Turn
from apps.turns.operations import Grant, OpenTurn
from apps.turns.working import Working


def dispatch(work: Working, operation: OpenTurn, grant: Grant) -> Grant:
    ranked = operation.ranked[grant.choice]
    used = work.book.used(ranked.periods)
    insert_attempt(work, operation.turn, operation.tenant, 1, ranked, grant)
    grant = _with_others(work, operation, grant)
    insert_turn(
        work,
        replace(operation, record=granting.recorded(operation.record, grant, operation.ranked)),
        state=Turn.State.OPEN,
        owner=operation.owner,
        model=ranked.candidate.model,
        hosting=ranked.candidate.hosting.value,
        reserved=sum(given.reserved_micro_usd for given in grant.all),
        granted_tokens=grant.max_output_tokens,
        attempts=len(grant.all),
    )
    body = {
        "model": ranked.candidate.model,
        "hosting": ranked.candidate.hosting.value,
        "channel": operation.request.channel.value,
        "strategy": operation.decision.strategy if operation.decision else "",
        "policy": operation.policy_version,
        "reserved": grant.reserved_micro_usd,
        "sensitivity": operation.inspection.sensitivity.word,
        **found_in(operation.inspection),
        **masked_for(ranked, operation.record.get("masked", {})),
    }
    work.record(operation.tenant, "turn.dispatched", actor_of(operation.request), operation.turn, body)
    for number, other in enumerate(grant.others, start=2):
        _beside(work, operation, number, other)
    return replace(grant, used=used)


def _beside(work: Working, operation: OpenTurn, number: int, grant: Grant) -> None:
    """One more model is asked at the same time; its reservation is booked already."""
    candidate = operation.ranked[grant.choice].candidate
    body = {
        "attempt": number,
        "beside": 1,
        "model": candidate.model,
        "hosting": candidate.hosting.value,
        "reserved": grant.reserved_micro_usd,
        "sensitivity": operation.inspection.sensitivity.word,
        **masked_for(operation.ranked[grant.choice], operation.record.get("masked", {})),
    }
    work.record(operation.tenant, "turn.extended", actor_of(operation.request), operation.turn, body)


def _with_others(work: Working, operation: OpenTurn, grant: Grant) -> Grant:
    """The grant with those beside it that every budget covers in full as well: a shortened answer is no fair vote."""
    if grant.choice not in operation.voters or grant.lowered:
        return replace(grant, missing=missing(operation, 0))
    others: list[Grant] = []
    for place in operation.voters:
        ranked = operation.ranked[place]
        room = work.book.room(ranked.periods)
        if place == grant.choice or (room is not None and ranked.worst_case_micro_usd > room):
            continue
        other = Grant(place, ranked.max_output_tokens, ranked.worst_case_micro_usd, lowered=False)
        others.append(other)
        insert_attempt(work, operation.turn, operation.tenant, 1 + len(others), ranked, other)
    return replace(grant, others=tuple(others), missing=missing(operation, len(others)))


def missing(operation: OpenTurn, others: int) -> int:
    """How many of those that were to be asked at once are not, when so many are asked beside the first."""
    wanted = min(operation.decision.together, len(operation.ranked)) if operation.decision else 1
    return max(0, wanted - 1 - others)


def found_in(inspection: Inspection) -> dict[str, Any]:
    """Types and counts of what was found, and why a text could not be classified: never the text."""
    found: dict[str, Any] = {}
    if inspection.entities:
        found["entities"] = dict(inspection.entities)
    if inspection.why:
        found["not_classified"] = inspection.why
    return found


def masked_for(ranked: Ranked, types: Mapping[str, int]) -> dict[str, Any]:
    """Types and counts of what a model outside is shown placeholders for."""
    return {"masked": types} if types and ranked.candidate.hosting is Hosting.COMMERCIAL else {}


def insert_turn(work: Working, operation: OpenTurn, **state: Any) -> None:
    request, chat = operation.request, operation.request.chat
    work.writes.insert(
        Turn,
        id=request.turn,
        tenant_id=operation.tenant,
        team_id=request.team,
        user_id=request.principal.user,
        key_id=request.principal.key,
        channel=request.channel.value,
        recorder=request.recorder,
        conversation_id=chat.conversation if chat else None,
        answer_id=chat.answer if chat else request.kept_in,
        client_id=request.client_id,
        body_hash=operation.idempotency.body_hash if operation.idempotency and request.client_id else "",
        asked_model=request.model,
        strategy=operation.decision.strategy if operation.decision else "",
        sensitivity=operation.inspection.sensitivity.word,
        decision=operation.record,
        policy_version=operation.policy_version,
        opened_at=work.at,
        **state,
    )


def attempt_id(turn: UUID, number: int) -> UUID:
    """The id of an attempt follows from its turn, so that its owner can settle it without reading it.

    It is ordered in time as the turn's is, so that the index grows at one end.
    """
    return UUID(int=turn.int ^ number)


def insert_attempt(
    work: Working, turn: Any, tenant: Any, number: int, ranked: Ranked, grant: Grant, *, keeps: int = 0
) -> None:
    work.writes.insert(
        Attempt,
        id=attempt_id(turn, number),
        tenant_id=tenant,
        turn_id=turn,
        number=number,
        model=ranked.candidate.model,
        provider=ranked.candidate.provider_name,
        hosting=ranked.candidate.hosting.value,
        state=Attempt.State.SENT,
        reserved=grant.reserved_micro_usd,
        keeps=keeps,
        sent_at=work.at,
    )
    work.book.reserve(
        turn=turn,
        attempt=number,
        period_ids=ranked.periods,
        amount=grant.reserved_micro_usd,
        at=work.at,
        tenant=tenant,
    )


def actor_of(request: TurnRequest) -> str:
    """Who asked, as the audit trail names them."""
    principal = request.principal
    return f"key:{principal.key}" if principal.key is not None else f"user:{principal.user}"
