"""Which model answered last in a conversation or API session, so that it does not hop for a hair's breadth.

In memory and bounded: what is forgotten costs a fresh decision, nothing else. The decision record holds what was known.
"""

from collections import OrderedDict

from apps.domain.ids import TenantId, UserId
from apps.domain.turn import TurnRequest

MAX_SESSIONS = 50_000

Session = tuple[TenantId, UserId, str]


class Affinity:
    """The last model of each session, least recently used ones forgotten first."""

    def __init__(self, limit: int = MAX_SESSIONS) -> None:
        self._limit = limit
        self._models: OrderedDict[Session, str] = OrderedDict()

    def get(self, request: TurnRequest) -> str | None:
        """The model that answered last in the session of this request; None where it has no session."""
        key = _session(request)
        return self._models.get(key) if key else None

    def answered(self, request: TurnRequest, model: str) -> None:
        """Remember who answered."""
        key = _session(request)
        if key is None:
            return
        self._models[key] = model
        self._models.move_to_end(key)
        if len(self._models) > self._limit:
            self._models.popitem(last=False)


def _session(request: TurnRequest) -> Session | None:
    place = str(request.chat.conversation) if request.chat else request.session
    return (request.principal.tenant, request.principal.user, place) if place else None
