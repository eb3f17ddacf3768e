"""Periods tile the time line, wherever and whenever they begin."""

import itertools
import os
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.subscription_renewal.subscriptions.domain.calendar import Calendar, UnknownTimeZone, zone_of
from tests.unit.subscription_renewal.builders import NOW, at

# Both hemispheres, without rules, half-hour rules, and one that skipped a whole day.
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Africa/Casablanca",
    "Pacific/Apia",
    "UTC",
)
INTERVALS = (("day", 1), ("day", 3), ("week", 1), ("week", 2), ("month", 1), ("month", 3), ("year", 1))
ALL_INTERVALS = (*INTERVALS, ("day", 30), ("month", 2), ("month", 6), ("month", 12), ("year", 2))
TEN_YEARS = timedelta(days=3653)
IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"


def _starts(calendar: Calendar, until: datetime) -> list[datetime]:
    """The starts of all periods that begin before `until`, and of the one after them."""
    found, n = [calendar.start(0)], 0
    while found[-1] < until:
        n = calendar.after(n)
        found.append(calendar.start(n))
    return found


def _assert_tiles(calendar: Calendar) -> None:
    starts = _starts(calendar, calendar.anchor_at + TEN_YEARS)
    assert starts[0] == calendar.anchor_at
    assert all(first < second for first, second in itertools.pairwise(starts))
    if calendar.interval in ("month", "year"):
        zone = ZoneInfo(calendar.timezone)
        anchor_day = calendar.anchor_at.astimezone(zone).day
        for start in starts[1:]:
            local = start.astimezone(zone)
            last_day = (date(local.year + local.month // 12, local.month % 12 + 1, 1) - timedelta(days=1)).day
            skipped = calendar.timezone == "Pacific/Apia" and local.date() == date(2011, 12, 31)
            assert local.day == min(anchor_day, last_day) or skipped


@given(
    day=st.dates(date(2008, 1, 1), date(2038, 1, 1)),
    minute=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(ZONES),
    interval=st.sampled_from(ALL_INTERVALS),
)
def test_periods_of_ten_years_tile_and_keep_their_day(
    day: date, minute: int, zone: str, interval: tuple[str, int]
) -> None:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZoneInfo(zone))

    calendar = Calendar(local.astimezone(UTC), zone, *interval)  # type: ignore[arg-type]

    _assert_tiles(calendar)


@pytest.mark.skipif(not IS_SOAK, reason="the exhaustive grid takes long: make soak")
@pytest.mark.parametrize("zone", ZONES)
def test_every_start_day_of_four_years_tiles_for_every_interval(zone: str) -> None:
    for offset, interval in itertools.product(range(1461), INTERVALS):
        local = datetime(2024, 1, 1, 2, 30, tzinfo=ZoneInfo(zone)) + timedelta(days=offset)
        _assert_tiles(Calendar(local.astimezone(UTC), zone, *interval))  # type: ignore[arg-type]


def test_the_31st_comes_back_to_the_31st() -> None:
    calendar = Calendar(at("2026-01-31T12:00:00"), "UTC", "month", 1)

    days = [calendar.start(n).date().isoformat() for n in range(6)]

    assert days == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]


def test_the_29th_of_february_comes_back_in_leap_years() -> None:
    calendar = Calendar(at("2024-02-29T00:00:00"), "UTC", "year", 1)

    days = [calendar.start(n).date().isoformat() for n in range(5)]

    assert days == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


@pytest.mark.parametrize(
    "zone, anchor, n, expected",
    [
        # 02:30 does not exist on 29 March 2026: an hour later, at 03:30 summer time.
        ("Europe/Amsterdam", "2026-03-28T01:30:00", 1, "2026-03-29T01:30:00"),
        # 02:30 comes twice on 25 October 2026: the first time is summer time.
        ("Europe/Amsterdam", "2026-10-24T00:30:00", 1, "2026-10-25T00:30:00"),
        # The day after, the clock shows 02:30 again.
        ("Europe/Amsterdam", "2026-03-28T01:30:00", 2, "2026-03-30T00:30:00"),
        # Southern spring: 02:30 of 4 October 2026 becomes 03:30 summer time in Sydney.
        ("Australia/Sydney", "2026-10-02T16:30:00", 1, "2026-10-03T16:30:00"),
        ("Asia/Kolkata", "2026-03-28T01:30:00", 1, "2026-03-29T01:30:00"),
    ],
)
def test_changes_of_the_clock_move_a_start_forward_or_take_the_first(
    zone: str, anchor: str, n: int, expected: str
) -> None:
    calendar = Calendar(at(anchor), zone, "day", 1)

    start = calendar.start(n)

    assert start == at(expected)


def test_an_anchor_in_the_repeated_hour_stays_the_instant_that_it_is() -> None:
    second_half_past_two = at("2026-10-25T01:30:00")

    calendar = Calendar(second_half_past_two, "Europe/Amsterdam", "day", 1)

    assert calendar.start(0) == second_half_past_two
    assert calendar.start(1) == at("2026-10-26T01:30:00")


def test_a_day_that_a_zone_skipped_has_no_period() -> None:
    calendar = Calendar(at("2011-12-29T20:00:00"), "Pacific/Apia", "day", 1)

    assert calendar.start(1) == calendar.start(2)
    assert calendar.after(0) == 1
    assert calendar.after(1) == 3


@given(
    since=st.timedeltas(timedelta(days=-6000), timedelta(days=2000)),
    ahead=st.timedeltas(timedelta(days=-400), timedelta(days=4000)),
    zone=st.sampled_from(ZONES),
    interval=st.sampled_from(ALL_INTERVALS),
)
def test_the_first_period_from_an_instant_begins_there_or_after_it(
    since: timedelta, ahead: timedelta, zone: str, interval: tuple[str, int]
) -> None:
    calendar = Calendar(NOW + since, zone, *interval)  # type: ignore[arg-type]
    instant = calendar.anchor_at + ahead

    n = calendar.first_from(instant)

    assert calendar.start(n) >= instant
    assert n == 0 or calendar.start(n - 1) < instant


def test_a_zone_that_is_none_is_refused() -> None:
    for name in ("Europe/Nowhere", "../etc/passwd", "", "Europe"):
        with pytest.raises(UnknownTimeZone):
            zone_of(name)
