"""SQL of counting anew what events were taken back of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.subscription_renewal.meters.domain.measuring import Measure, measure
from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.usage_events.repository import events as raw
from shared.postgres.pool import Connection

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LOCK = """
SELECT day, key, type, subject, at, data::text AS data, received_at, voided_at FROM usage_event
WHERE workspace_id = $1 AND (day, key) IN (SELECT * FROM unnest($2::date[], $3::uuid[]))
ORDER BY day, key FOR NO KEY UPDATE
"""
_MARK = """
UPDATE usage_event SET voided_at = $4
WHERE workspace_id = $1 AND (day, key) IN (SELECT * FROM unnest($2::date[], $3::uuid[]))
"""
# In the order in which counting goes through them, which is Postgres' own.
_LOCK_BUCKETS = """
SELECT FROM usage_bucket b
JOIN unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[]) AS o (meter_id, subject, dimensions, hour)
    USING (meter_id, subject, dimensions, hour)
WHERE b.workspace_id = $1 ORDER BY meter_id, subject, dimensions, hour FOR UPDATE OF b
"""
_LOCK_VALUES = """
SELECT FROM usage_unique u
JOIN unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::uuid[])
    AS o (meter_id, subject, dimensions, day, value) USING (meter_id, subject, dimensions, day, value)
WHERE u.workspace_id = $1 ORDER BY meter_id, subject, dimensions, day, value FOR UPDATE OF u
"""


@dataclass(frozen=True, slots=True)
class Named:
    """What names a row of an event in a workspace."""

    day: date
    key: UUID


@dataclass(frozen=True, slots=True)
class LockedEvent:
    """An event whose row is locked."""

    day: date
    key: UUID
    type: str
    subject: str
    at: datetime
    data: str
    received_at: datetime
    voided_at: datetime | None

    @property
    def hour(self) -> datetime:
        """The hour (UTC) that it is in."""
        return self.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Which sums of an hour."""

    meter: Meter
    subject: str
    dimensions: str
    hour: datetime

    def __hash__(self) -> int:
        return hash(self.names)

    @property
    def names(self) -> tuple[UUID, str, str, datetime]:
        """What names its row in the workspace."""
        return self.meter.id, self.subject, self.dimensions, self.hour


@dataclass(frozen=True, slots=True)
class DistinctValue:
    """Which distinct value of a day."""

    meter: Meter
    subject: str
    dimensions: str
    day: date
    value: UUID

    def __hash__(self) -> int:
        return hash(self.names)

    @property
    def names(self) -> tuple[UUID, str, str, date, UUID]:
        """What names its row in the workspace."""
        return self.meter.id, self.subject, self.dimensions, self.day, self.value


async def lock_events(tx: Connection, workspace_id: UUID, names: Sequence[Named]) -> list[LockedEvent]:
    """Those of the events that are stored, locked."""
    rows = await tx.fetch(_LOCK, workspace_id, [name.day for name in names], [name.key for name in names])
    return [LockedEvent(**row) for row in rows]


async def mark_voided(
    tx: Connection, workspace_id: UUID, events: Sequence[LockedEvent], now: datetime
) -> None:
    """Note when they were taken back, on the workspace's clock."""
    await tx.execute(
        _MARK, workspace_id, [event.day for event in events], [event.key for event in events], now
    )


async def recount_buckets(tx: Connection, workspace_id: UUID, buckets: Sequence[Bucket]) -> None:
    """Lock the sums, then make each of the events that are left of its hour.

    Whoever counts the same hour meanwhile waits for the lock, and adds to what is written here.
    """
    await tx.fetch(_LOCK_BUCKETS, workspace_id, *_columns([bucket.names for bucket in buckets], 4))
    for bucket in buckets:
        found = [
            (event, measured)
            for event, measured in await _measured(tx, bucket.meter, bucket.subject, bucket.hour, _HOUR)
            if measured.dimensions == bucket.dimensions
        ]
        if not found:
            await tx.execute(
                "DELETE FROM usage_bucket WHERE workspace_id = $1 AND meter_id = $2 AND subject = $3 "
                "AND dimensions = $4 AND hour = $5",
                workspace_id,
                *bucket.names,
            )
            continue
        values = [measured.value for _, measured in found]
        last, last_measured = max(found, key=lambda one: (one[0].at, one[0].key))
        await tx.execute(
            "UPDATE usage_bucket SET count = $6, sum = $7, max = $8, min = $9, latest = $10, "
            "latest_at = $11, latest_key = $12 WHERE workspace_id = $1 AND meter_id = $2 AND subject = $3 "
            "AND dimensions = $4 AND hour = $5",
            workspace_id,
            *bucket.names,
            len(values),
            sum(values),
            max(values),
            min(values),
            last_measured.value,
            last.at,
            last.key,
        )


async def recount_values(tx: Connection, workspace_id: UUID, values: Sequence[DistinctValue]) -> None:
    """Lock the distinct values, then make the row of each of the events that are left of its day."""
    await tx.fetch(_LOCK_VALUES, workspace_id, *_columns([value.names for value in values], 5))
    for value in values:
        start = datetime(value.day.year, value.day.month, value.day.day, tzinfo=UTC)
        at = [
            event.at
            for event, measured in await _measured(tx, value.meter, value.subject, start, _DAY)
            if measured.unique == value.value and measured.dimensions == value.dimensions
        ]
        if at:
            await tx.execute(
                "UPDATE usage_unique SET first_at = $7, last_at = $8, count = $9 WHERE workspace_id = $1 "
                "AND meter_id = $2 AND subject = $3 AND dimensions = $4 AND day = $5 AND value = $6",
                workspace_id,
                *value.names,
                min(at),
                max(at),
                len(at),
            )
        else:
            await tx.execute(
                "DELETE FROM usage_unique WHERE workspace_id = $1 AND meter_id = $2 AND subject = $3 "
                "AND dimensions = $4 AND day = $5 AND value = $6",
                workspace_id,
                *value.names,
            )


async def _measured(
    tx: Connection, meter: Meter, subject: str, start: datetime, length: timedelta
) -> list[tuple[raw.StoredEvent, Measure]]:
    found = []
    for event in await raw.find_within(tx, meter, subject, [(start, start + length)]):
        measured = measure(meter, event.type, event.at, json.loads(event.data, parse_float=Decimal))
        if isinstance(measured, Measure):
            found.append((event, measured))
    return found


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list[object]]:
    return [[row[index] for row in rows] for index in range(width)]
