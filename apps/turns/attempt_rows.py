"""The rows of attempts: each is on record, with its reservation, before it is sent."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from apps.domain.decision import Ranked
from apps.turns.models import Attempt
from apps.turns.operations import ExtendTurn, Grant, OpenTurn
from apps.turns.working import Working


def attempt_id(turn: UUID, number: int) -> UUID:
    """The id of an attempt follows from its turn, so that its owner can settle it without reading it.

    It is ordered in time as the turn's is, so that the index grows at one end.
    """
    return UUID(int=turn.int ^ number)


def record(work: Working, turn: Any, tenant: Any, number: int, ranked: Ranked, grant: Grant, *, keeps: int = 0) -> None:
    """One more attempt, about to be sent, and what it may cost. Raises `BudgetExceeded` when that is not there."""
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


def gave_way(work: Working, operation: ExtendTurn) -> None:
    """Why another model is asked is known now; should this process die, nobody could say it later."""
    for number, code in operation.gave_way or ((operation.number - 1, operation.failed),):
        changes = {"state": Attempt.State.FAILED, "code": code, "ended_at": work.at}
        work.writes.update(Attempt, attempt_id(operation.turn, number), **changes)


def with_others(work: Working, operation: OpenTurn, grant: Grant) -> Grant:
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
        record(work, operation.turn, operation.tenant, 1 + len(others), ranked, other)
    return replace(grant, others=tuple(others), missing=missing(operation, len(others)))


def missing(operation: OpenTurn, others: int) -> int:
    """How many of those that were to be asked at once are not, when so many are asked beside the first."""
    wanted = min(operation.decision.together, len(operation.ranked)) if operation.decision else 1
    return max(0, wanted - 1 - others)
