"""What the developer API needs of the house: who calls, what he may use, and the one path of a message."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from apps.domain.catalogue import Candidate
from apps.domain.ids import TeamId, TenantId
from apps.domain.turn import Principal, TurnEvent, TurnRequest


@dataclass(frozen=True, slots=True)
class Caller:
    """The holder of an API key. `models` is called only where they are shown."""

    principal: Principal
    team: TeamId | None
    scopes: frozenset[str]
    models: Callable[[], Sequence[Candidate]]
    bearer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Once:
    """A caller's `Idempotency-Key` with what makes a retry the same request: the route and the body as received."""

    surface: str
    key: str
    body: bytes = field(repr=False)


class Backend(Protocol):
    """Implemented over `turns` in `asgi.py`, and by fakes in tests of the wire form."""

    async def authenticate(self, bearer: str) -> Caller:
        """Raises `Unauthenticated`, or `Overloaded` when rights cannot be checked."""
        ...

    def rights_version(self, tenant: TenantId) -> object:
        """Differs once rights, keys or people of the tenant have changed."""
        ...

    def answer(self, request: TurnRequest, once: Once | None) -> AsyncGenerator[TurnEvent, None]:
        """The events of one turn; closing it stops the turn. See `turns.pipeline.answer`."""
        ...
