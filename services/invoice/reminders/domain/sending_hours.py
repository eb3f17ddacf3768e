"""When a workspace lets reminders go out: outside its quiet hours, and on business days where it says so."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class SendingHours:
    """Quiet from `quiet_from` until before `quiet_until`, across midnight too; None: never quiet.

    Both are times on the wall in the workspace's zone. Business days are Monday to Friday.
    """

    quiet_from: time | None = time(20)
    quiet_until: time | None = time(8)
    is_business_days_only: bool = False


def are_open(hours: SendingHours, at: datetime, zone: str) -> bool:
    """Whether something may go out at this instant."""
    local = at.astimezone(ZoneInfo(zone))
    is_weekend = hours.is_business_days_only and local.weekday() >= _SATURDAY
    return not is_weekend and not _is_quiet(hours, local.time())


def open_from(hours: SendingHours, at: datetime, zone: str) -> datetime:
    """The first instant (UTC) at which something may go out, not before `at`."""
    instant = at.astimezone(UTC)
    # A weekend ends at midnight, within quiet hours perhaps, and a wall clock may show these hours twice.
    for _ in range(8):
        if are_open(hours, instant, zone):
            return instant
        instant = _next_end(hours, instant, ZoneInfo(zone))
    raise AssertionError("quiet hours that never end")


def start_of(day: date, zone: str) -> datetime:
    """The instant (UTC) at which the day begins on the wall."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _is_quiet(hours: SendingHours, at: time) -> bool:
    begin, end = hours.quiet_from, hours.quiet_until
    if begin is None or end is None:
        return False
    return begin <= at < end if begin < end else at >= begin or at < end


def _next_end(hours: SendingHours, at: datetime, zone: ZoneInfo) -> datetime:
    """When what closes at this instant ends: the weekend's day at midnight, quiet hours at their end."""
    local = at.astimezone(zone)
    end = hours.quiet_until or time()
    if hours.is_business_days_only and local.weekday() >= _SATURDAY:
        return _after(at, local.date() + timedelta(days=1), time(), zone)
    return _after(at, local.date() + timedelta(days=local.time() >= end), end, zone)


def _after(at: datetime, day: date, end: time, zone: ZoneInfo) -> datetime:
    """The first instant after `at` at which the wall shows this; a time that is skipped moves on."""
    shown = datetime.combine(day, end, zone)
    twice = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return next(instant for instant in twice if instant > at)
