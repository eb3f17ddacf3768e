"""Sending hours: quiet hours across midnight, weekends, and nights in which the clocks change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoice.reminders.domain.sending_hours import SendingHours, are_open, open_from

ZONE = "Europe/Amsterdam"
NIGHT = SendingHours(time(20), time(8))
NOON = SendingHours(time(12), time(14))
ALWAYS = SendingHours(None, None)
OFFICE = SendingHours(time(18), time(9), is_business_days_only=True)
WEEKDAYS = SendingHours(None, None, is_business_days_only=True)
EARLY = SendingHours(time(1), time(2, 30))
ZONES = st.sampled_from(
    [ZONE, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia"]
)
HOURS = st.builds(
    SendingHours, st.times(timezones=st.none()), st.times(timezones=st.none()), st.booleans()
).filter(lambda hours: hours.quiet_from != hours.quiet_until)

INSTANTS = st.builds(
    lambda minutes: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(0, 60 * 365 * 24 * 60),
)


def wall(text: str, zone: str = ZONE, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        (NIGHT, "2026-06-03 07:59", "2026-06-03 08:00"),
        (NIGHT, "2026-06-03 08:00", "2026-06-03 08:00"),
        (NIGHT, "2026-06-03 19:59", "2026-06-03 19:59"),
        (NIGHT, "2026-06-03 20:00", "2026-06-04 08:00"),
        (NIGHT, "2026-06-03 23:30", "2026-06-04 08:00"),
        (NOON, "2026-06-03 00:00", "2026-06-03 00:00"),
        (NOON, "2026-06-03 13:00", "2026-06-03 14:00"),
        (ALWAYS, "2026-06-06 03:00", "2026-06-06 03:00"),
        # 6 June 2026 is a Saturday.
        (WEEKDAYS, "2026-06-06 10:00", "2026-06-08 00:00"),
        (OFFICE, "2026-06-05 17:59", "2026-06-05 17:59"),
        (OFFICE, "2026-06-05 18:00", "2026-06-08 09:00"),
        (OFFICE, "2026-06-07 12:00", "2026-06-08 09:00"),
        # 02:30 does not exist on 29 March 2026: the quiet hours end where it would have been.
        (EARLY, "2026-03-29 01:30", "2026-03-29 03:30"),
    ],
)
def test_what_is_closed_opens_at_the_end_of_its_quiet_hours(
    hours: SendingHours, at: str, expected: str
) -> None:
    assert open_from(hours, wall(at), ZONE) == wall(expected)


def test_a_wall_clock_that_shows_an_hour_twice_is_quiet_twice() -> None:
    first, second = wall("2026-10-25 02:10"), wall("2026-10-25 02:10", fold=1)

    assert open_from(EARLY, first, ZONE) == wall("2026-10-25 02:30")
    assert open_from(EARLY, second, ZONE) == wall("2026-10-25 02:30", fold=1)


@given(
    HOURS,
    INSTANTS,
    ZONES,
)
def test_what_opens_is_open_and_nothing_was_open_before(hours: SendingHours, at: datetime, zone: str) -> None:
    opened = open_from(hours, at, zone)

    assert opened >= at
    assert are_open(hours, opened, zone)
    assert opened == at or not are_open(hours, at, zone)
    # A weekend, the night before it and the morning after it, and no longer.
    assert opened - at <= timedelta(days=4)


@given(
    HOURS,
    INSTANTS,
    st.timedeltas(timedelta(0), timedelta(days=3)),
    ZONES,
)
def test_who_waits_longer_is_not_let_out_earlier(
    hours: SendingHours, at: datetime, longer: timedelta, zone: str
) -> None:
    assert open_from(hours, at, zone) <= open_from(hours, at + longer, zone)
