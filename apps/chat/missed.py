"""Questions that another process took and of which the event was lost, or never came because there is no Redis.

Once a second the hub looks into the database for what was asked in the conversations that are open here. An event only
makes that faster.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from apps.chat import watching
from apps.chat.events import Opened
from apps.core.threads import in_db
from apps.domain.ids import ConversationId, TurnId, uuid7
from apps.turns import services as turns

OVERLAP_S: Final = 5.0
"""How far back each look goes: an id is made before its row is committed, maybe on a machine whose clock is behind."""
REMEMBER_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Since:
    """When a socket began to read a conversation: in monotonic seconds, and as ids count, in Unix milliseconds."""

    at: float
    wall_ms: int
    guest: bool = False
    """Whether somebody else's conversation is read, which may end at any moment."""

    @classmethod
    def now(cls, *, guest: bool = False) -> "Since":
        return cls(time.monotonic(), _wall_ms(), guest)


@dataclass(frozen=True, slots=True)
class News:
    """A turn that no event told of. `before_s`: the beginning of the look before, which did not see it."""

    event: Opened
    asked_ms: int
    before_s: float

    def is_new_to(self, since: Since | None) -> bool:
        """Whether a reader has not been shown it when it began to read: `state` named what ran then."""
        return since is not None and (since.at < self.before_s or since.wall_ms <= self.asked_ms)


@dataclass(slots=True)
class Missed:
    """Tells turns that are news from those that were shown; `clock` gives monotonic seconds as `Since` does."""

    _looked_at: float = field(default_factory=time.monotonic)
    _known: dict[TurnId, float] = field(default_factory=dict)

    def is_first(self, turn: TurnId) -> bool:
        """Whether nobody has asked for this turn yet."""
        if turn in self._known:
            return False
        self._known[turn] = time.monotonic()
        return True

    async def look(self, conversations: Collection[ConversationId]) -> list[News]:
        """What was asked in these conversations since the last look, elsewhere, and is not known here."""
        before, now = self._looked_at, time.monotonic()
        back_ms = round((now - before + OVERLAP_S) * 1000)
        found = await in_db(_opened, _wall_ms() - back_ms, conversations) if conversations else []
        self._looked_at = now
        self._forget(now - REMEMBER_S - (now - before))
        # What runs here is told by whoever launched it, who knows which socket asked.
        elsewhere = [(event, asked_ms) for event, asked_ms in found if turns.find(event.turn) is None]
        return [News(event, asked_ms, before) for event, asked_ms in elsewhere if self.is_first(event.turn)]

    def _forget(self, before: float) -> None:
        self._known = {turn: at for turn, at in self._known.items() if at >= before}


def _wall_ms() -> int:
    """As `new_id` stamps ids: the machine's clock, not the house's, which a test may have set."""
    return time.time_ns() // 1_000_000


def _opened(since_ms: int, conversations: Collection[ConversationId]) -> list[tuple[Opened, int]]:
    first = uuid7(now_ms=max(0, since_ms), randomness=bytes(10))
    answers = watching.answers_since(first, conversations=conversations)
    return [
        (Opened(tenant, owner, conversation, turn), answer.int >> 80)
        for tenant, owner, conversation, turn, answer in answers
    ]
