"""From the events of one turn to the frames that a socket is shown. A reader is a cursor: nothing is queued for it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from time import monotonic

from apps.chat import readers, selectors, wire
from apps.chat.models import Message
from apps.chat.values import MessageRecord
from apps.core.tenancy import use_tenant
from apps.core.threads import in_db
from apps.domain.catalogue import Hosting
from apps.domain.errors import NotFound
from apps.domain.ids import TenantId, TurnId, UserId
from apps.domain.limits import JOURNAL_S
from apps.domain.money import Usage
from apps.domain.sentences import say
from apps.domain.turn import (
    ChatRef,
    Completed,
    Failed,
    Finish,
    Labelled,
    Routed,
    Switched,
    TextDelta,
)
from apps.turns import selectors as turn_selectors
from apps.turns import services as turns

ABSENT = "There is no such turn."
RECHECK_S = 1.0
"""How long a guest may go on reading before it is looked up again whether they may."""
UNFINISHED = say("unfinished", "This answer ended early. What had arrived is kept; ask again for the rest.")


def frames(tenant: TenantId, user: UserId, turn: TurnId, *, at: int, seq: int) -> AsyncGenerator[str, None]:
    """What a reader lacks of a turn, then what comes, to its end.

    Args:
        at: code points of the answer that the reader has.
        seq: the number of the last frame that it saw; 0 if none.

    Raises:
        NotFound: the turn is unknown, or not this person's to read (at once, or with any frame).
    """
    live = turns.find(turn)
    if live is None:
        return _stored(tenant, user, turn, at, seq)
    if live.principal.tenant != tenant:
        raise NotFound(ABSENT)
    return _live(live, at, seq) if live.principal.user == user else _guest(live, tenant, user, at, seq)


async def _guest(live: turns.LiveTurn, tenant: TenantId, user: UserId, at: int, seq: int) -> AsyncGenerator[str, None]:
    """As `_live`, for somebody with whom the conversation is shared, as long as it is (promise P02)."""
    assert live.request.chat is not None
    conversation, looked_at = live.request.chat.conversation, float("-inf")
    async with aclosing(_live(live, at, seq)) as shown:
        async for frame in shown:
            if monotonic() - looked_at >= RECHECK_S:
                if not await in_db(readers.may_read, tenant=tenant, user=user, conversation=conversation):
                    raise NotFound(ABSENT)
                looked_at = monotonic()
            yield frame


async def _live(live: turns.LiveTurn, at: int, seq: int) -> AsyncGenerator[str, None]:
    """From the memory of this process: no database and no channel layer on the way of a token."""
    assert live.request.chat is not None  # only chat turns are launched; the developer API reads its pipeline itself
    async for batch in live.events(at=at, seq=seq):
        for entry in batch:
            frame = _frame(entry, live.request.chat)
            if frame is not None:
                yield frame


def _frame(entry: turns.Numbered, chat: ChatRef) -> str | None:
    match entry.event:
        case TextDelta(turn=turn, at=at, text=text):
            return wire.delta(turn, entry.seq, at, text)
        case Routed():
            return wire.routed(entry.event)
        case Labelled(sensitivity=found):
            return wire.label(chat.conversation, chat.answer, found)
        case Switched():
            return wire.switched(entry.event, entry.seq)
        case Completed():
            return wire.completed(entry.event, entry.seq, chat.answer)
        case Failed():
            return wire.failed(entry.event, entry.seq, chat.answer)
    return None  # tool calls belong to the developer API


async def _stored(tenant: TenantId, user: UserId, turn: TurnId, at: int, seq: int) -> AsyncGenerator[str, None]:
    """From the database: the turn is over, or another process answers it and writes its journal every 250 ms."""
    while True:
        answer = await in_db(_answer_of, tenant, user, turn)
        running = answer.state == Message.State.STREAMING
        text = await in_db(_journal, tenant, turn) if running else answer.text
        if len(text) > at:
            seq += 1
            yield wire.delta(turn, seq, at, text[at:])
            at = len(text)
        if not running:
            yield await in_db(_ending, tenant, turn, answer, seq + 1)
            return
        await asyncio.sleep(JOURNAL_S)


def _answer_of(tenant: TenantId, user: UserId, turn: TurnId) -> MessageRecord:
    stored = selectors.of_turn(tenant=tenant, user=user, turn=turn)
    if not stored:
        raise NotFound(ABSENT)
    return stored[-1]


def _journal(tenant: TenantId, turn: TurnId) -> str:
    with use_tenant(tenant):
        return turn_selectors.text_so_far(turn)


def _ending(tenant: TenantId, turn: TurnId, answer: MessageRecord, seq: int) -> str:
    record = turn_selectors.record(tenant, turn)
    cost = record.cost or 0
    hosting = Hosting(answer.hosting) if answer.hosting else None
    if answer.state in {Message.State.OK, Message.State.STOPPED}:
        tokens, estimated = record.as_json, bool(record.as_json["estimated"])
        usage = Usage(tokens["input_tokens"], tokens["output_tokens"], estimated=estimated)
        finish = Finish(answer.finish or Finish.STOP)
        ended = Completed(turn, finish, usage, cost, answer.model, 0, hosting, answer.label)
        return wire.completed(ended, seq, answer.id)
    kept = len(answer.text)
    failed = Failed(
        turn, answer.error, UNFINISHED, 0, bool(kept), kept, cost, hosting=hosting, sensitivity=answer.label
    )
    return wire.failed(failed, seq, answer.id)
