"""Which period a moment belongs to: pure calendar arithmetic in a tenant's time zone.

A period is `[starts, ends)` in aware UTC and begins at local midnight, so that a day has 23, 24 or 25 hours when clocks
change. Weeks start on Monday (ISO 8601).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.domain.errors import InvalidRequest

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
END: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""`total` reaches from the beginning to the end, so that every period has two ends that databases can compare."""

LONGEST: Final = timedelta(days=62)
"""No period but `total` is longer, even when a changed time zone has lengthened it."""

KINDS: Final = ("day", "week", "month", "total")
Bounds = tuple[datetime, datetime]


def _first_of_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


_FIRST_DAY: Final[dict[str, Callable[[date], date]]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}
_NEXT: Final[dict[str, Callable[[date], date]]] = {
    "day": lambda first: first + timedelta(days=1),
    "week": lambda first: first + timedelta(days=7),
    "month": _first_of_next_month,
}
_HALF: Final = {"day": timedelta(hours=12), "week": timedelta(days=3.5), "month": timedelta(days=14)}


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo:
    """The IANA time zone. Raises `InvalidRequest` when there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidRequest(f"{name!r} is no time zone; write one such as Europe/Berlin.") from error


def _midnight(day: date, tz: ZoneInfo) -> datetime:
    """The first moment of a local day.

    `fold=0` is the earlier of two midnights where clocks go back across it; where midnight is skipped, the offset from
    before the gap gives the moment of the jump.
    """
    return datetime(day.year, day.month, day.day, tzinfo=tz, fold=0).astimezone(UTC)


def bounds(kind: str, tz: ZoneInfo, at: datetime) -> Bounds:
    """The period of `kind` (`day | week | month | total`) that contains `at`, an aware time."""
    if kind == "total":
        return BEGINNING, END
    first = _FIRST_DAY[kind](at.astimezone(tz).date())
    return _midnight(first, tz), _midnight(_NEXT[kind](first), tz)


def end_of(kind: str, tz: ZoneInfo, starts: datetime, now: datetime) -> datetime:
    """When the period that began at `starts` ends, whatever zone it began in: never in the past.

    It is the first boundary that lies at least half a period after the start. So a changed time zone lengthens or
    shortens the running period by hours, and never grants a whole limit to a remainder of a few hours.
    """
    if kind == "total":
        return END
    return bounds(kind, tz, max(starts + _HALF[kind], now))[1]


@dataclass(frozen=True, slots=True)
class Renewal:
    """What must change so that a budget has its current and its next period: new bounds by place, and new periods."""

    moved: tuple[tuple[int, Bounds], ...] = ()
    made: tuple[Bounds, ...] = ()

    @property
    def changes(self) -> int:
        return len(self.moved) + len(self.made)


def renewal(kind: str, tz: ZoneInfo, now: datetime, known: Sequence[Bounds]) -> Renewal:
    """Compare the periods that exist (ascending, without overlap) with the two that are needed at `now`.

    A period that has begun keeps its start. The following one begins where the current one ends, without gap or
    overlap. After applying the result a second comparison finds nothing to change.
    """
    moved: list[tuple[int, Bounds]] = []
    made: list[Bounds] = []
    place = next((place for place, (starts, ends) in enumerate(known) if starts <= now < ends), None)
    if place is None:
        starts, ends = bounds(kind, tz, now)
        starts = max([starts, *(end for _, end in known if end <= now)])
        made.append((starts, ends))
    else:
        starts, ends = known[place][0], end_of(kind, tz, known[place][0], now)
        if ends != known[place][1]:
            moved.append((place, (starts, ends)))
    if ends >= END:
        return Renewal(tuple(moved), tuple(made))
    following = (ends, end_of(kind, tz, ends, ends))
    place = next((place for place, (begins, _) in enumerate(known) if begins > now), None)
    if place is None:
        made.append(following)
    elif known[place] != following:
        moved.append((place, following))
    return Renewal(tuple(moved), tuple(made))
