"""Refusals that never become turns: one audit entry per person, code and minute, with a count (promise P24).

The first refusal of a minute is on record before it is answered; the rest of the minute follows as one entry. So a
flood of refusals costs memory for a counter each, and no transaction each.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from apps.domain.ids import TenantId
from apps.turns.operations import NoteRefusals

MINUTE_S = 60.0
MAX_COUNTERS = 50_000

Submit = Callable[[NoteRefusals], Awaitable[object]]
Counter = tuple[TenantId, str, str]


@dataclass(slots=True)
class _Count:
    since: float
    more: int = 0


@dataclass(slots=True)
class Refusals:
    """Counters of one process. `submit` makes an entry durable."""

    submit: Submit
    clock: Callable[[], float] = time.monotonic
    _counts: dict[Counter, _Count] = field(default_factory=dict)

    async def note(self, *, tenant: TenantId, actor: str, code: str) -> None:
        """Put a refusal on record. Raises what `submit` raises: then the caller refuses with that."""
        key = (tenant, actor, code)
        count = self._counts.get(key)
        if count is not None and self.clock() - count.since < MINUTE_S:
            count.more += 1
            return
        if count is None and len(self._counts) >= MAX_COUNTERS:
            await self.flush()
        more = count.more if count else 0
        self._counts[key] = _Count(self.clock())
        await self.submit(NoteRefusals(tenant=tenant, actor=actor, code=code, count=1 + more))

    async def flush(self, *, everything: bool = False) -> None:
        """Write the counts of minutes that are over (`everything`: of all, when the process ends)."""
        now = self.clock()
        over = [key for key, count in self._counts.items() if everything or now - count.since >= MINUTE_S]
        for key in over:
            count = self._counts.pop(key)
            if count.more:
                tenant, actor, code = key
                await self.submit(NoteRefusals(tenant=tenant, actor=actor, code=code, count=count.more))
