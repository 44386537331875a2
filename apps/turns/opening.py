"""Plans the durable begin of a turn: the question, the reservation, and "about to be sent" in the audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from apps.budgets.planning import Book
from apps.budgets.values import BudgetExceeded, BudgetUndecided
from apps.core.store import Outcome
from apps.core.writes import WriteSet
from apps.domain.catalogue import Hosting
from apps.domain.decision import Ranked
from apps.domain.errors import OpenRouteError
from apps.domain.privacy import Inspection
from apps.domain.turn import TurnRequest
from apps.turns import attempt_rows, granting
from apps.turns.models import IdempotencyKey, Turn
from apps.turns.operations import (
    MIN_GRANTED_TOKENS,
    Duplicate,
    ExtendTurn,
    Grant,
    OpenTurn,
    Refused,
    StaleSnapshot,
)
from apps.turns.recorders import recorder
from apps.turns.working import Working


def open_turn(work: Working, operation: OpenTurn) -> Outcome:
    """One open: a `Grant`, or why nothing may be sent (`Duplicate`, `StaleSnapshot`, `Refused`, an error)."""
    duplicate = _duplicate(work, operation)
    if duplicate is not None:
        return duplicate
    if work.chain.version(operation.tenant) != operation.config_version:
        return StaleSnapshot()
    refusal = operation.refusal
    try:
        grant = None if refusal else choose(work, operation.ranked, operation.input_tokens, operation.images)
        for place in operation.voters:
            work.book.room(operation.ranked[place].periods)
    except BudgetUndecided:  # a budget was renewed since the snapshot
        return StaleSnapshot()
    if not refusal and grant is None:
        refusal = used_up(work.book, operation.ranked)
    try:
        _question(work, operation if refusal is operation.refusal else replace(operation, refusal=refusal))
    except OpenRouteError as error:  # the conversation is gone, or this branch is answering: nothing is stored
        return error
    if grant is not None or operation.request.chat is not None:  # of the chat, a refused question is on record too
        _remember_key(work, operation)
    if grant is None:
        assert refusal is not None
        return _refuse(work, operation, refusal)
    return _dispatch(work, operation, grant)


def extend(work: Working, operation: ExtendTurn) -> Outcome:
    """One further attempt: a `Grant`, or the error that says why no other model may be tried."""
    turn = work.open_turns.get(operation.turn)
    if turn is None or operation.turn in work.closed:
        return OpenRouteError("The turn was closed meanwhile.")
    try:
        grant = choose(work, operation.ranked, operation.input_tokens, operation.images)
    except BudgetUndecided as error:
        return error
    if grant is None:
        return used_up(work.book, operation.ranked)
    ranked = operation.ranked[grant.choice]
    attempt_rows.gave_way(work, operation)
    attempt_rows.record(work, operation.turn, operation.tenant, operation.number, ranked, grant, keeps=operation.keeps)
    turn["reserved"] += grant.reserved_micro_usd
    turn["sensitivity"] = operation.sensitivity
    hosting = Hosting.COMMERCIAL if operation.is_from_outside else ranked.candidate.hosting
    work.writes.update(
        Turn,
        operation.turn,
        attempts=operation.number,
        reserved=turn["reserved"],
        sensitivity=turn["sensitivity"],  # should this process die, the text so far is closed with its label,
        model=ranked.candidate.model,  # and under the model that was asked last
        hosting=hosting.value,
    )
    body = {
        "attempt": operation.number,
        "after": operation.failed,
        **({"fault": operation.fault} if operation.fault else {}),
        "model": ranked.candidate.model,
        "hosting": ranked.candidate.hosting.value,
        "reserved": grant.reserved_micro_usd,
        "sensitivity": operation.sensitivity,
        **({"keeps": operation.keeps} if operation.keeps else {}),
        **_masked(ranked, dict(operation.masked)),
    }
    work.record(operation.tenant, "turn.extended", operation.actor, operation.turn, body)
    return grant


def choose(work: Working, candidates: Sequence[Ranked], input_tokens: int, images: int) -> Grant | None:
    """The first candidate that every budget covers in full, else the first that fits with a lowered length."""
    lowered: Grant | None = None
    for place, ranked in enumerate(candidates):
        room = work.book.room(ranked.periods)
        if room is None or ranked.worst_case_micro_usd <= room:
            return Grant(place, ranked.max_output_tokens, ranked.worst_case_micro_usd, lowered=False)
        price = ranked.candidate.price
        if lowered is None and price is not None:
            tokens = price.output_tokens_within(room, input_tokens=input_tokens, images=images)
            tokens = min(tokens, ranked.max_output_tokens)
            if tokens >= min(MIN_GRANTED_TOKENS, ranked.max_output_tokens):
                amount = price.worst_case(input_tokens=input_tokens, output_tokens=tokens, images=images)
                lowered = Grant(place, tokens, amount, lowered=True)
    return lowered


def used_up(book: Book, candidates: Sequence[Ranked]) -> BudgetExceeded:
    """Which budget covers least for the cheapest candidate, in words for people."""
    cheapest = min(candidates, key=lambda ranked: ranked.worst_case_micro_usd)
    short = book.shortest(cheapest.periods, cheapest.worst_case_micro_usd)
    return BudgetExceeded(scope=short.scope, period=short.period, missing=short.missing)


def actor_of(request: TurnRequest) -> str:
    """Who asked, as the audit trail names them."""
    principal = request.principal
    return f"key:{principal.key}" if principal.key is not None else f"user:{principal.user}"


def _duplicate(work: Working, operation: OpenTurn) -> Duplicate | None:
    if operation.idempotency is None:
        return None
    used = work.used_keys.get(operation.idempotency.digest)
    if used is None or used["expires_at"] <= work.at:
        return None
    return Duplicate(used["turn_id"], used["body_hash"] == operation.idempotency.body_hash)


def _remember_key(work: Working, operation: OpenTurn) -> None:
    key = operation.idempotency
    if key is None:
        return
    values = {
        "digest": key.digest,
        "tenant_id": operation.tenant,
        "turn_id": operation.turn,
        "body_hash": key.body_hash,
        "answer": "",
        "expires_at": key.expires_at,
    }
    work.used_keys[key.digest] = values
    if any(row["digest"] == key.digest for row in work.rows.of(IdempotencyKey)):
        work.writes.upsert(IdempotencyKey, ("digest",), **values)
    else:  # not an upsert: where another process was faster, its turn must not be overwritten
        work.writes.insert(IdempotencyKey, **values)


def _question(work: Working, operation: OpenTurn) -> None:
    """The recorder's rows, of a refused question too; they join the batch only when all of them could be planned."""
    rows = WriteSet()
    recorder(operation.request.recorder).open_rows(operation, work.rows, rows, work.at)
    work.writes.merge(rows)


def _refuse(work: Working, operation: OpenTurn, refusal: OpenRouteError) -> Refused:
    _turn(work, operation, state=Turn.State.REFUSED, code=refusal.code, closed_at=work.at, cost=0)
    body = {"code": refusal.code, "sensitivity": operation.inspection.sensitivity.word, **_found(operation.inspection)}
    work.record(operation.tenant, "turn.refused", actor_of(operation.request), operation.turn, body)
    return Refused(refusal)


def _dispatch(work: Working, operation: OpenTurn, grant: Grant) -> Grant:
    ranked = operation.ranked[grant.choice]
    used = work.book.used(ranked.periods)
    attempt_rows.record(work, operation.turn, operation.tenant, 1, ranked, grant)
    grant = attempt_rows.with_others(work, operation, grant)
    _turn(
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
        **_found(operation.inspection),
        **_masked(ranked, operation.record.get("masked", {})),
    }
    work.record(operation.tenant, "turn.dispatched", actor_of(operation.request), operation.turn, body)
    for number, other in enumerate(grant.others, start=2):
        _dispatch_beside(work, operation, number, other)
    return replace(grant, used=used)


def _dispatch_beside(work: Working, operation: OpenTurn, number: int, grant: Grant) -> None:
    """One more model is asked at the same time; its reservation is booked already."""
    candidate = operation.ranked[grant.choice].candidate
    body = {
        "attempt": number,
        "beside": 1,
        "model": candidate.model,
        "hosting": candidate.hosting.value,
        "reserved": grant.reserved_micro_usd,
        "sensitivity": operation.inspection.sensitivity.word,
        **_masked(operation.ranked[grant.choice], operation.record.get("masked", {})),
    }
    work.record(operation.tenant, "turn.extended", actor_of(operation.request), operation.turn, body)


def _found(inspection: Inspection) -> dict[str, Any]:
    """Types and counts of what was found, and why a text could not be classified: never the text."""
    found: dict[str, Any] = {}
    if inspection.entities:
        found["entities"] = dict(inspection.entities)
    if inspection.why:
        found["not_classified"] = inspection.why
    return found


def _masked(ranked: Ranked, types: Mapping[str, int]) -> dict[str, Any]:
    """Types and counts of what a model outside is shown placeholders for."""
    return {"masked": types} if types and ranked.candidate.hosting is Hosting.COMMERCIAL else {}


def _turn(work: Working, operation: OpenTurn, **state: Any) -> None:
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
        answer_id=chat.answer if chat else None,
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
