"""What calendars and prorations must come to, reckoned by other means than the service's."""

import calendar
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from services.subscription_renewal.subscriptions.domain.subscription import Subscription


def boundary(anchor: datetime, of: Subscription, n: int) -> datetime:
    """The n-th boundary after a local anchor, in UTC: n intervals, the day cut to the month."""
    if n == 0:
        return anchor.astimezone(UTC)
    local, count = anchor.replace(tzinfo=None, fold=0), n * of.interval_count
    if of.interval in ("day", "week"):
        local += timedelta(days=count * (7 if of.interval == "week" else 1))
    else:
        for _ in range(count * (12 if of.interval == "year" else 1)):
            local = (local.replace(day=1) + timedelta(days=31)).replace(day=1)
        last = calendar.monthrange(local.year, local.month)[1]
        local = local.replace(day=min(anchor.day, last))
    return local.replace(tzinfo=anchor.tzinfo).astimezone(UTC)


def delayed(instant: datetime, since: datetime, until: datetime, zone: str) -> datetime:
    """The instant as much later as a pause was long: whole days by the clock of the zone, then hours."""
    days = max(
        n for n in range(-1, (until - since).days + 3) if n < 1 or _days_later(since, n, zone) <= until
    )
    days = max(days, 0)
    return _days_later(instant, days, zone) + (until - _days_later(since, days, zone))


def missed(of: Subscription, expected_at: datetime, now: datetime) -> datetime:
    """Where billing goes on by the policy for missed periods; all of them: where it stood."""
    anchor = of.anchor_at.astimezone(ZoneInfo(of.timezone))
    ahead = (one for n in itertools.count() if (one := boundary(anchor, of, n)) >= expected_at)
    begun = []
    for one in ahead:
        if one > now:
            break
        begun.append(one)
    if of.catch_up == "all" or len(begun) < 2:
        return expected_at
    return begun[-1] if of.catch_up == "latest" else one


def _days_later(instant: datetime, days: int, zone: str) -> datetime:
    if days == 0:
        return instant.astimezone(UTC)
    local = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) + timedelta(days=days)
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@dataclass
class Charged:
    """A period as it is charged: from which place (share left) on at which price, in minor units."""

    start: datetime
    end: datetime
    zone: str
    price: int
    pieces: list[tuple[Fraction, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.pieces = [(Fraction(1), self.price)]

    def place(self, at: datetime, basis: str) -> Fraction:
        """The share of the period that is left at an instant, in seconds or days of the zone."""
        if basis == "day":
            zone = ZoneInfo(self.zone)
            first, last, day = (one.astimezone(zone).date() for one in (self.start, self.end, at))
            if last > first:
                return Fraction((last - day).days, (last - first).days)
        micro = timedelta(microseconds=1)
        return Fraction((self.end - at) // micro, (self.end - self.start) // micro)

    def change(self, place: Fraction, price: int) -> None:
        """From there on it has this price."""
        self.pieces = [one for one in self.pieces if one[0] > place] + [(place, price)]

    def move(self, later: Callable[[datetime], datetime]) -> None:
        """The period lies later."""
        self.start, self.end = later(self.start), later(self.end)

    def total(self) -> int:
        """What it is charged in all."""
        return self.since(Fraction(1))

    def since(self, place: Fraction) -> int:
        """What is charged for the time from there on, each part rounded at its edges."""
        return sum(_rounded(price * a) - _rounded(price * b) for a, b, price in self._parts(place))

    def integral(self) -> Fraction:
        """The price over the time, exactly."""
        return sum((price * (a - b) for a, b, price in self._parts(Fraction(1))), Fraction(0))

    def _parts(self, place: Fraction) -> list[Any]:
        ends = [one[0] for one in self.pieces[1:]] + [Fraction(0)]
        parts = [(min(a, place), b, price) for (a, price), b in zip(self.pieces, ends, strict=True)]
        return [one for one in parts if one[0] > one[1]]


def _rounded(amount: Fraction) -> int:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
