"""What usage adds up to: sums of whole hours, and of single events where an hour is cut."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.subscription_renewal.meters.domain.measuring import Measure
from services.subscription_renewal.meters.domain.meter import Meter
from shared.kernel import money

HOUR = timedelta(hours=1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Latest:
    """The value of the last event by its time; of several at one instant, that of the greatest key."""

    at: datetime
    key: UUID
    value: Decimal

    @property
    def place(self) -> tuple[datetime, UUID]:
        """What the last one has the greatest of."""
        return self.at, self.key


@dataclass(slots=True)
class Sums:
    """What a meter has of some events; parts that share no event are merged in any order."""

    count: int = 0
    total: Decimal = ZERO
    maximum: Decimal | None = None
    minimum: Decimal | None = None
    latest: Latest | None = None
    distinct_count: int = 0
    distinct: set[UUID] = field(default_factory=set)

    def add(self, measure: Measure, at: datetime, key: UUID) -> None:
        """Count one event more."""
        self.merge(1, measure.value, measure.value, measure.value, Latest(at, key, measure.value))
        if measure.unique:
            self.distinct.add(measure.unique)

    def merge(self, count: int, total: Decimal, maximum: Decimal, minimum: Decimal, latest: Latest) -> None:
        """Count these events, too."""
        self.count += count
        self.total = money.EXACT.add(self.total, total)
        self.maximum = maximum if self.maximum is None else max(self.maximum, maximum)
        self.minimum = minimum if self.minimum is None else min(self.minimum, minimum)
        if self.latest is None or latest.place > self.latest.place:
            self.latest = latest

    def value(self, meter: Meter) -> Decimal:
        """What they come to by the meter's aggregation; 0 where nothing was used."""
        match meter.aggregation:
            case "count":
                return Decimal(self.count)
            case "sum":
                return self.total
            case "max":
                return ZERO if self.maximum is None else self.maximum
            case "min":
                return ZERO if self.minimum is None else self.minimum
            case "latest":
                return ZERO if self.latest is None else self.latest.value
            case "unique_count":
                return Decimal(self.distinct_count + len(self.distinct))


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, half-open, as whole hours and what is cut of the hours at its ends."""

    from_at: datetime
    until_at: datetime

    @property
    def hours(self) -> tuple[datetime, datetime]:
        """From the first whole hour until behind the last one; empty where there is none."""
        first = floor_hour(self.from_at)
        first = first if first == self.from_at else first + HOUR
        return first, max(first, floor_hour(self.until_at))

    @property
    def cuts(self) -> Sequence[tuple[datetime, datetime]]:
        """The pieces of hours at its ends."""
        first, last = self.hours
        if first >= self.until_at:
            return [(self.from_at, self.until_at)]
        pieces = [(self.from_at, first), (last, self.until_at)]
        return [(start, end) for start, end in pieces if start < end]

    @property
    def is_within_a_day(self) -> bool:
        """Whether both its ends lie in one day (UTC), which is not all of it."""
        is_whole = self.until_at - self.from_at == timedelta(days=1)
        last = self.until_at - timedelta(microseconds=1)
        return not is_whole and self.from_at.astimezone(UTC).date() == last.astimezone(UTC).date()


def floor_hour(at: datetime) -> datetime:
    """The beginning of the hour (UTC) in which it is."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
