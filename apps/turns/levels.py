"""How far the money has run down, for the strategy `budget`, without asking the database for it.

The snapshot holds the figures of when it was read, and each question that this process opens brings newer ones, read
under the locks of its reservation. Another process's spending is seen with the next question here; what a budget cannot
pay is refused under its lock in any case, so a figure that is one question old costs nothing but an order.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from apps.budgets import selectors as budgets
from apps.domain.ids import PeriodId
from apps.tenants.values import TeamRecord
from apps.turns.context import TenantContext

MAX_PERIODS: Final = 50_000


class Levels:
    """The newest known share of each period that is used, the longest unheard of forgotten first."""

    def __init__(self, limit: int = MAX_PERIODS) -> None:
        self._limit = limit
        self._shares: OrderedDict[PeriodId, float] = OrderedDict()

    def heard(self, used: Iterable[tuple[PeriodId, float]]) -> None:
        """Remember what an open has read."""
        for period, share in used:
            self._shares[period] = share
            self._shares.move_to_end(period)
        while len(self._shares) > self._limit:
            self._shares.popitem(last=False)

    def tightest(self, context: TenantContext, team: TeamRecord | None, at: datetime) -> float | None:
        """The share, in [0, 1], of the tightest budget that limits every model of the team; None without one."""
        models = {candidate.model for candidate in context.models_for(team)}
        found = budgets.tightest(context.periods, team.id if team else None, models, at, self._shares)
        return None if found is None else min(1.0, found)
