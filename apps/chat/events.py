"""What sockets must hear of, as ids only; what they are shown is read when it is shown.

The channel layer carries events to other processes. It may lose some, and the one of a single process reaches nobody
else: the hub makes up for both (see `hub`).
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any, Final
from uuid import UUID

import redis
import structlog
from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from apps.domain.ids import ConversationId, TenantId, TurnId, UserId

log = structlog.get_logger(__name__)

AWAY: Final = (redis.RedisError, OSError)
ANSWER_S: Final = 1.0
RETRY_S: Final = 1.0
GROUP: Final = "openroute.chat"


@dataclass(frozen=True, slots=True)
class Changed:
    """What lists show of a conversation changed. `origin` is the socket that knows already."""

    tenant: TenantId
    owner: UserId
    conversation: ConversationId
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A turn of a conversation is on record and runs; `origin` is the socket that asked."""

    tenant: TenantId
    owner: UserId
    conversation: ConversationId
    turn: TurnId
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Unshared:
    """These people may not read a conversation any more."""

    tenant: TenantId
    conversation: ConversationId
    users: tuple[UserId, ...]


Event = Changed | Opened | Unshared
KINDS: Final[dict[str, type[Changed] | type[Opened] | type[Unshared]]] = {
    "changed": Changed,
    "opened": Opened,
    "unshared": Unshared,
}


def packed(event: Event, boot: str) -> dict[str, Any]:
    """The event as a message of the layer. `boot` names the sending process."""
    kind = next(name for name, form in KINDS.items() if isinstance(event, form))
    fields = {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(event).items()}
    return {"type": "chat.event", "boot": boot, "kind": kind, "fields": fields}


def unpacked(message: dict[str, Any], boot: str) -> Event | None:
    """The event of another process; None for an echo of our own, and for a kind that a newer version sends."""
    kind = KINDS.get(message.get("kind", ""))
    if kind is None or message.get("boot") == boot:
        return None
    fields = dict(message["fields"])
    for name in ("conversation", "turn"):
        if name in fields:
            fields[name] = UUID(fields[name])
    if "users" in fields:
        fields["users"] = tuple(fields["users"])  # the layer knows lists only
    return kind(**fields)


def layer() -> Any | None:
    """The channel layer that reaches other processes, if there is one."""
    found = get_channel_layer()
    return None if isinstance(found, InMemoryChannelLayer) else found


async def of_others(boot: str) -> AsyncIterator[Event]:
    """Events of other processes, for ever. While Redis is away there are none; it is asked again every second."""
    shared = layer()
    while shared is not None:
        try:
            channel = await shared.new_channel()
            await shared.group_add(GROUP, channel)
            while not _is_cancelled():
                event = unpacked(await shared.receive(channel), boot)
                if event is not None:
                    yield event
            return
        except AWAY as error:
            log.warning("events.redis_away", error=type(error).__name__)
            # A half-made subscription would be filled and never read. Nobody else in this loop has one.
            shared.channels.clear()
            shared.groups.clear()
            await asyncio.sleep(RETRY_S)


async def send(event: Event, boot: str) -> None:
    """To the other processes, in a second or not at all. While Redis is away, the hubs find out by themselves."""
    shared = layer()
    if shared is None or _Away.until > monotonic():
        return
    try:
        async with asyncio.timeout(ANSWER_S):
            await shared.group_send(GROUP, packed(event, boot))
    except AWAY as error:
        is_known, _Away.until = _Away.until > monotonic(), monotonic() + RETRY_S
        if not is_known:  # many may have waited together
            log.warning("events.redis_away", error=type(error).__name__)


class _Away:
    """Until when, in monotonic seconds, Redis is not asked again: events that wait for it would pile up."""

    until = float("-inf")


def _is_cancelled() -> bool:
    """A cancellation that meets the client's connecting is lost on the way; whoever then waits, waits for ever."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def tell_others(event: Event, boot: str) -> None:
    """As `send`, from a thread without an event loop, such as a job's."""
    if layer() is not None:
        async_to_sync(send)(event, boot)
