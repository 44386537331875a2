"""What the hub needs of a connection."""

from typing import Protocol

from apps.domain.ids import ConversationId, TurnId
from apps.identity.values import Principal


class Socket(Protocol):
    """One connection of one person."""

    name: str
    principal: Principal
    access: object
    checked_at: float

    @property
    def stuck_since(self) -> float | None:
        """Since when it waits for its reader, in the loop's seconds."""
        ...

    def offer(self, frame: str) -> None:
        """Send when the reader is ready; cuts a reader off that lets too much pile up."""
        ...

    def follow(self, turn: TurnId, *, at: int, seq: int, within: ConversationId | None = None) -> None:
        """Show the events of a turn from there on; `within` names the subscription that it is shown for."""
        ...

    def withdraw(self, conversation: ConversationId) -> None:
        """Stop showing a conversation that this person may not read any more, and say that it is gone."""
        ...

    def end(self, code: int) -> None:
        """Stop every stream to this socket and close it."""
        ...
