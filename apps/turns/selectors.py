"""Reads of turns: the decision record that explains an answer, and what a late reader needs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Max

from apps.core.reading import batches
from apps.domain.errors import NotFound
from apps.domain.ids import ConversationId, MessageId, TeamId, TenantId, TurnId, UserId
from apps.domain.turn import Channel
from apps.turns.models import Attempt, Turn, TurnChunk
from apps.turns.sweeper import journaled_text


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn as stored. `decision` holds features and reasons; sums are micro-dollars."""

    id: TurnId
    user: UserId
    state: str
    model: str
    hosting: str
    cost: int | None
    conversation: ConversationId | None
    as_json: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What lists show of a turn.

    `cost` is micro-dollars, None until it is settled; `hosting` is empty while nothing was sent to a model;
    `entities` are the types that were found in what would have been sent, in alphabetical order.
    """

    hosting: str
    cost: int | None
    entities: tuple[str, ...]


def outcomes(tenant: TenantId, turns: Iterable[TurnId]) -> Mapping[TurnId, Outcome]:
    """The outcomes of these turns, as far as they exist. One query, none for no turns."""
    wanted = set(turns)
    if not wanted:
        return {}
    rows = Turn.objects.for_tenant(tenant).filter(id__in=wanted)
    found = rows.values_list("id", "hosting", "cost", "decision__sensitivity__entities")
    return {TurnId(turn): Outcome(hosting, cost, tuple(sorted(types or ()))) for turn, hosting, cost, types in found}


def record(tenant: TenantId, turn: TurnId) -> TurnRecord:
    """The decision record of a turn. Raises `NotFound`."""
    row = Turn.objects.for_tenant(tenant).filter(id=turn).first()
    if row is None:
        raise NotFound
    return _record(row, list(Attempt.objects.for_tenant(tenant).filter(turn_id=turn).order_by("number")))


def decisions(
    tenant: TenantId, *, since: datetime, team: TeamId | None = None, most: int
) -> Iterator[Mapping[str, Any]]:
    """The decision records of questions that people and programs asked since then, the newest first, `most` at most."""
    rows = Turn.objects.for_tenant(tenant).filter(opened_at__gte=since, channel__in=(Channel.CHAT, Channel.API))
    rows = rows.exclude(state=Turn.State.REFUSED)
    if team is not None:
        rows = rows.filter(team_id=team)
    newest = rows.order_by("-opened_at", "-id").values_list("decision", flat=True)[:most]
    yield from newest.iterator(chunk_size=500)


def by_client_id(tenant: TenantId, user: UserId, client_id: str) -> TurnId | None:
    """The turn that this person asked under this id of their own, if any; asked with each question of the chat."""
    rows = Turn.objects.for_tenant(tenant).filter(user_id=user, client_id=client_id).order_by("-opened_at", "-id")
    found = rows.values_list("id", flat=True).first()
    return None if found is None else TurnId(found)


def running_in(tenant: TenantId, conversation: ConversationId) -> tuple[TurnId, ...]:
    """The turns of a conversation that are being answered, by whichever process."""
    rows = Turn.objects.for_tenant(tenant).filter(conversation_id=conversation, state=Turn.State.OPEN)
    return tuple(TurnId(turn) for turn in rows.order_by("opened_at", "id").values_list("id", flat=True))


def text_so_far(turn: TurnId) -> str:
    """What the journal holds of a running answer: for readers on another process. Scoped by the context's tenant."""
    return journaled_text(turn)


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """One attempt as stored. Amounts are micro-dollars; `cost` is None until it has ended."""

    number: int
    model: str
    state: str
    code: str
    reserved: int
    cost: int | None


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """One turn as stored, with its attempts in order: what is compared with other stores."""

    id: TurnId
    state: str
    recorder: str
    owner: UUID | None
    conversation: ConversationId | None
    answer: MessageId | None
    sensitivity: str
    attempts_settled: int
    reserved: int
    cost: int | None
    estimated: bool
    opened_at: datetime
    closed_at: datetime | None
    attempts: tuple[AttemptFacts, ...]

    @property
    def is_open(self) -> bool:
        return self.state == Turn.State.OPEN

    @property
    def is_refused(self) -> bool:
        return self.state == Turn.State.REFUSED


_FACTS: Final = {
    "state": "state", "recorder": "recorder", "owner": "owner", "conversation": "conversation_id",
    "answer": "answer_id", "sensitivity": "sensitivity", "attempts_settled": "attempts", "reserved": "reserved",
    "cost": "cost", "estimated": "estimated", "opened_at": "opened_at", "closed_at": "closed_at",
}  # fmt: skip


def facts(tenant: TenantId) -> Iterator[tuple[TurnFacts, ...]]:
    """Every turn of a tenant in the order of ids, a bounded number at a time."""
    for batch in batches(Turn.objects.for_tenant(tenant), *_FACTS.values()):
        attempts = _attempts_of(tenant, [row["pk"] for row in batch])
        yield tuple(
            TurnFacts(
                id=TurnId(row["pk"]),
                attempts=tuple(attempts[row["pk"]]),
                **{name: row[column] for name, column in _FACTS.items()},
            )
            for row in batch
        )


def _attempts_of(tenant: TenantId, turns: Collection[UUID]) -> Mapping[UUID, list[AttemptFacts]]:
    found: dict[UUID, list[AttemptFacts]] = defaultdict(list)
    rows = Attempt.objects.for_tenant(tenant).filter(turn_id__in=turns).order_by("number", "id")
    for row in rows.values("turn_id", "number", "model", "state", "code", "reserved", "cost"):
        attempt = AttemptFacts(row["number"], row["model"], row["state"], row["code"], row["reserved"], row["cost"])
        found[row["turn_id"]].append(attempt)
    return found


def known(tenant: TenantId, turns: Collection[TurnId]) -> frozenset[TurnId]:
    """Those of these turns that the tenant has."""
    rows = Turn.objects.for_tenant(tenant).filter(id__in=turns).order_by("id")
    return frozenset(TurnId(turn) for turn in rows.values_list("id", flat=True))


def turns_with_attempts(tenant: TenantId) -> Iterator[frozenset[TurnId]]:
    """The turns that attempts name, a bounded number at a time; one may come more than once."""
    for batch in batches(Attempt.objects.for_tenant(tenant), "turn_id"):
        yield frozenset(TurnId(row["turn_id"]) for row in batch)


def last_written(turn: TurnFacts, tenant: TenantId) -> datetime:
    """When a turn was last seen to run: it was opened, or text of it reached the journal."""
    rows = TurnChunk.objects.for_tenant(tenant).filter(turn_id=turn.id)
    newest: datetime | None = rows.aggregate(newest=Max("written_at"))["newest"]
    return max(turn.opened_at, newest or turn.opened_at)


def _record(row: Turn, attempts: list[Attempt]) -> TurnRecord:
    return TurnRecord(
        id=TurnId(row.id),
        user=UserId(row.user_id),
        state=row.state,
        model=row.model,
        hosting=row.hosting,
        cost=row.cost,
        conversation=ConversationId(row.conversation_id) if row.conversation_id else None,
        as_json=_json(row, attempts),
    )


def _json(row: Turn, attempts: list[Attempt]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "state": row.state,
        "channel": row.channel,
        "conversation": str(row.conversation_id) if row.conversation_id else None,
        "asked_model": row.asked_model,
        "model": row.model,
        "hosting": row.hosting,
        "strategy": row.strategy,
        "sensitivity": row.sensitivity,
        "decision": row.decision,
        "answer_entities": row.answer_entities or {},
        "vote": row.vote,
        "reserved_micro_usd": row.reserved,
        "cost_micro_usd": row.cost,
        "estimated": row.estimated,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "granted_tokens": row.granted_tokens,
        "finish": row.finish,
        "code": row.code,
        "opened_at": row.opened_at.isoformat(),
        "first_token_ms": row.first_token_ms,
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "attempts": [
            {
                "number": attempt.number,
                "model": attempt.model,
                "provider": attempt.provider,
                "hosting": attempt.hosting,
                "state": attempt.state,
                "code": attempt.code,
                "cost_micro_usd": attempt.cost,
                "keeps": attempt.keeps,
            }
            for attempt in attempts
        ],
    }
