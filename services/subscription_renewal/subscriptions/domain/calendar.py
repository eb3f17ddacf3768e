"""When periods begin: the anchor and n intervals, counted in the subscription's own time zone."""

import calendar as months
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.events.subscription import Interval
from shared.kernel.errors import Invalid

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}
# About how long an interval is, in seconds: where the search for a period begins, never where it ends.
_ABOUT_SECONDS = {"day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}


class UnknownTimeZone(Invalid):
    """The time zone is not one of the IANA database."""

    code = "unknown_time_zone"


@dataclass(frozen=True, slots=True)
class Cadence:
    """How long a period is: so many days, weeks, months or years."""

    interval: Interval
    count: int = 1


@dataclass(frozen=True, slots=True)
class Calendar:
    """Period n is [start(n), start(n + 1)). Nothing is ever counted from the period before it.

    31 January + 1 month is the last day of February, + 2 months is 31 March again.
    """

    anchor_at: datetime
    timezone: str
    interval: Interval
    interval_count: int

    @property
    def cadence(self) -> Cadence:
        """How long its periods are."""
        return Cadence(self.interval, self.interval_count)

    def start(self, n: int) -> datetime:
        """The instant (UTC) at which period n begins.

        A local time that a change of clocks skips moves forward by the gap; of one that comes twice the
        first counts. Raises OverflowError or ValueError outside the years that a datetime can hold.
        """
        if n == 0:
            # An anchor within the repeated hour of autumn stays the instant that it is.
            return self.anchor_at.astimezone(UTC)
        zone = zone_of(self.timezone)
        local = self.anchor_at.astimezone(zone).replace(tzinfo=None, fold=0)
        return self._add(local, n * self.interval_count).replace(tzinfo=zone).astimezone(UTC)

    def after(self, n: int) -> int:
        """The period after n. Where a zone skips a whole day, the daily period of that day has no length
        and does not exist."""
        start, following = self.start(n), n + 1
        while self.start(following) <= start:
            following += 1
        return following

    def first_from(self, instant: datetime) -> int:
        """The first period (0 or later) that begins at this instant or after it."""
        seconds = (instant - self.anchor_at).total_seconds()
        n = max(0, int(seconds // (_ABOUT_SECONDS[self.interval] * self.interval_count)) - 1)
        while n > 0 and self.start(n - 1) >= instant:
            n -= 1
        while self.start(n) < instant:
            n += 1
        return n

    def _add(self, local: datetime, count: int) -> datetime:
        if self.interval in _DAYS:
            return local + timedelta(days=count * _DAYS[self.interval])
        years, month = divmod(local.month - 1 + count * _MONTHS[self.interval], 12)
        year = local.year + years
        day = min(local.day, months.monthrange(year, month + 1)[1])
        return local.replace(year=year, month=month + 1, day=day)


def days_later(instant: datetime, days: int, timezone: str) -> datetime:
    """The instant (UTC) so many days of the zone later, at the same local time; 0 days: the same instant."""
    if days == 0:
        return instant.astimezone(UTC)
    zone = zone_of(timezone)
    local = instant.astimezone(zone).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return local.replace(tzinfo=zone).astimezone(UTC)


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this IANA name; raises UnknownTimeZone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(f"{name!r} is no IANA time zone.", field="timezone") from error
