"""What sockets must hear of, as ids only; what they are shown is read when it is shown.

The channel layer carries events to other processes. It may lose some, and the one of a single process reaches nobody
else: the hub makes up for both (see `hub`).
"""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from apps.domain.ids import ConversationId, TenantId, TurnId, UserId

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


Event = Changed | Opened
KINDS: Final[dict[str, type[Changed] | type[Opened]]] = {"changed": Changed, "opened": Opened}


def packed(event: Event, boot: str) -> dict[str, Any]:
    """The event as a message of the layer. `boot` names the sending process."""
    kind = "opened" if isinstance(event, Opened) else "changed"
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
    return kind(**fields)


def layer() -> Any | None:
    """The channel layer that reaches other processes, if there is one."""
    found = get_channel_layer()
    return None if isinstance(found, InMemoryChannelLayer) else found


def tell_others(event: Event, boot: str) -> None:
    """From a thread without an event loop, such as a job's."""
    shared = layer()
    if shared is not None:
        async_to_sync(shared.group_send)(GROUP, packed(event, boot))
