"""Turns that are open although nobody can be answering them any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from apps.core.models import Process
from apps.domain.ids import TenantId
from apps.turns import selectors as turns
from apps.turns.selectors import TurnFacts

PROMISED: Final = timedelta(seconds=60)
"""Within which a turn reaches its final state after any crash (promise P28)."""


def heartbeats() -> Mapping[UUID, datetime]:
    """When each process that serves, or did until it died, last said that it lives."""
    return dict(Process.objects.order_by("boot_id").values_list("boot_id", "heartbeat_at"))


def abandoned(turn: TurnFacts, tenant: TenantId, alive: Mapping[UUID, datetime], now: datetime) -> str | None:
    """Why this open turn should have been closed by now, if it should."""
    if turn.owner is not None and turn.owner in alive:
        since, why = alive[turn.owner], f"its owner {turn.owner} has been silent"
    else:
        since, why = turns.last_written(turn, tenant), f"its owner {turn.owner} is gone and nothing was written"
    silent = now - since
    if silent <= PROMISED:
        return None
    return f"It is open, and {why} for {silent.total_seconds():.0f} s, longer than {PROMISED.total_seconds():.0f} s."
