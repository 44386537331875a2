"""Calendar arithmetic in time zones, with and without generated cases."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.budgets import periods
from apps.domain.errors import InvalidRequest

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "America/St_Johns",
    "Asia/Kolkata", "Asia/Beirut", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati",
    "Pacific/Pago_Pago", "Atlantic/Azores", "Africa/Casablanca",
)  # fmt: skip
HOURS = {"day": (0, 26), "week": (6 * 24, 8 * 24), "month": (27 * 24, 32 * 24)}
HALF = {"day": timedelta(hours=12), "week": timedelta(days=3.5), "month": timedelta(days=14)}

kinds = st.sampled_from(["day", "week", "month"])
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestBounds:
    def test_a_month_begins_at_local_midnight(self) -> None:
        starts, ends = periods.bounds("month", BERLIN, utc("2026-07-15T12:00"))

        assert (starts, ends) == (utc("2026-06-30T22:00"), utc("2026-07-31T22:00"))

    def test_the_last_hour_of_a_utc_month_belongs_to_the_next_month_in_berlin(self) -> None:
        starts, _ = periods.bounds("month", BERLIN, utc("2026-06-30T22:30"))

        assert starts == utc("2026-06-30T22:00")

    def test_december_is_followed_by_january(self) -> None:
        assert periods.bounds("month", BERLIN, utc("2026-12-31T23:30"))[0] == utc("2026-12-31T23:00")

    def test_a_week_starts_on_monday(self) -> None:
        starts, ends = periods.bounds("week", BERLIN, utc("2026-11-29T22:59"))  # a Sunday, one minute before midnight

        assert starts.astimezone(BERLIN).isoformat() == "2026-11-23T00:00:00+01:00"
        assert ends == utc("2026-11-29T23:00")

    @pytest.mark.parametrize(
        ("moment", "hours"), [("2026-03-29T12:00", 23), ("2026-10-25T12:00", 25), ("2026-05-01T12:00", 24)]
    )
    def test_a_day_is_as_long_as_its_clock_says(self, moment: str, hours: int) -> None:
        starts, ends = periods.bounds("day", BERLIN, utc(moment))

        assert ends - starts == timedelta(hours=hours)

    def test_a_day_whose_midnight_is_skipped_begins_when_the_clock_jumps(self) -> None:
        starts, _ = periods.bounds("day", ZoneInfo("America/Sao_Paulo"), utc("2018-11-04T12:00"))

        assert starts == utc("2018-11-04T03:00")

    def test_total_is_one_period_for_ever(self) -> None:
        assert periods.bounds("total", BERLIN, utc("2026-01-01T00:00")) == (periods.BEGINNING, periods.END)

    @given(kind=kinds, tz=zones, at=moments)
    def test_contains_its_moment_and_is_about_as_long_as_its_name_says(
        self, kind: str, tz: ZoneInfo, at: datetime
    ) -> None:
        starts, ends = periods.bounds(kind, tz, at)

        shortest, longest = HOURS[kind]
        assert starts <= at < ends
        assert timedelta(hours=shortest) < ends - starts < timedelta(hours=longest)

    @given(kind=kinds, tz=zones, at=moments)
    def test_periods_touch_without_gap_or_overlap(self, kind: str, tz: ZoneInfo, at: datetime) -> None:
        starts, ends = periods.bounds(kind, tz, at)

        assert periods.bounds(kind, tz, ends)[0] == ends
        assert periods.bounds(kind, tz, starts - timedelta(microseconds=1))[1] == starts


class TestRenewal:
    @given(kind=kinds, tz=zones, now=moments)
    def test_makes_the_current_and_the_next_period_and_then_rests(self, kind: str, tz: ZoneInfo, now: datetime) -> None:
        made = periods.renewal(kind, tz, now, []).made

        assert made == (periods.bounds(kind, tz, now), periods.bounds(kind, tz, made[0][1]))
        assert periods.renewal(kind, tz, now, made).changes == 0

    @given(kind=kinds, old=zones, new=zones, now=moments, later=st.timedeltas(timedelta(0), timedelta(days=80)))
    def test_periods_never_overlap_whatever_the_time_zone_becomes(
        self, kind: str, old: ZoneInfo, new: ZoneInfo, now: datetime, later: timedelta
    ) -> None:
        known = list(periods.renewal(kind, old, now, []).made)

        after = _applied(known, periods.renewal(kind, new, now + later, known))

        assert all(earlier[1] <= later_one[0] for earlier, later_one in pairwise(after))
        assert sum(starts <= now + later < ends for starts, ends in after) == 1
        assert periods.renewal(kind, new, now + later, after).changes == 0

    @given(kind=kinds, old=zones, new=zones, now=moments)
    def test_a_changed_time_zone_grants_no_second_period_within_hours(
        self, kind: str, old: ZoneInfo, new: ZoneInfo, now: datetime
    ) -> None:
        known = list(periods.renewal(kind, old, now, []).made)

        after = _applied(known, periods.renewal(kind, new, now, known))

        assert after[0][0] == known[0][0]
        assert all(ends - starts >= HALF[kind] for starts, ends in after)

    def test_a_total_budget_has_one_period_and_no_next_one(self) -> None:
        renewal = periods.renewal("total", BERLIN, utc("2026-01-01T00:00"), [])

        assert renewal.made == ((periods.BEGINNING, periods.END),)

    def test_after_a_long_pause_the_current_period_is_made(self) -> None:
        known = [periods.bounds("month", BERLIN, utc("2026-01-15T00:00"))]

        made = periods.renewal("month", BERLIN, utc("2026-05-15T00:00"), known).made

        assert made[0] == periods.bounds("month", BERLIN, utc("2026-05-15T00:00"))


class TestZone:
    @pytest.mark.parametrize("name", ["Europe/Atlantis", "", "../etc/passwd", "Europe/Berlin\0"])
    def test_says_what_a_time_zone_looks_like(self, name: str) -> None:
        with pytest.raises(InvalidRequest, match="Europe/Berlin"):
            periods.zone(name)


def _applied(known: list[periods.Bounds], renewal: periods.Renewal) -> list[periods.Bounds]:
    after = list(known)
    for place, bounds in renewal.moved:
        after[place] = bounds
    return sorted([*after, *renewal.made])
