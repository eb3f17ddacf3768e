"""The statement that counts: an event's row is its own inbox, and only rows that are new reach the sums."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.subscription_renewal.meters.domain.measuring import Measure
from services.subscription_renewal.usage_events.domain.event import UsageEvent
from shared.postgres.pool import Connection

# Each insert goes by the order of its keys; all raw rows are written before the first sum is touched, and all
# sums before the first distinct value. So two that count the same wait for each other, and never both ways.
_COUNT = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::bool[], $5::text[], $6::text[],
        $7::timestamptz[], $8::text[], $9::text[], $10::text[]) WITH ORDINALITY
        AS given (workspace_id, day, key, is_sandbox, type, subject, at, source, id, data, place)
), new AS (
    INSERT INTO usage_event (workspace_id, day, key, is_sandbox, type, subject, at, source, id, data)
    SELECT workspace_id, day, key, is_sandbox, type, subject, at, source, id, data::jsonb
    FROM given ORDER BY workspace_id, day, key
    ON CONFLICT DO NOTHING
    RETURNING workspace_id, day, key, subject, at
), measured AS (
    SELECT new.workspace_id, m.meter_id, new.subject, m.dimensions, new.day, new.at, new.key, m.value,
        m.distinct_value
    FROM unnest($11::int[], $12::uuid[], $13::text[], $14::numeric[], $15::uuid[])
        AS m (place, meter_id, dimensions, value, distinct_value)
    JOIN given ON given.place = m.place
    JOIN new ON new.workspace_id = given.workspace_id AND new.day = given.day AND new.key = given.key
), summed AS (
    INSERT INTO usage_bucket AS b (workspace_id, meter_id, subject, dimensions, hour, count, sum, max, min,
        latest, latest_at, latest_key)
    SELECT workspace_id, meter_id, subject, dimensions, date_trunc('hour', at, 'UTC'), count(*), sum(value),
        max(value), min(value), (array_agg(value ORDER BY at DESC, key DESC))[1], max(at),
        (array_agg(key ORDER BY at DESC, key DESC))[1]
    FROM measured GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (workspace_id, meter_id, subject, dimensions, hour) DO UPDATE SET
        count = b.count + excluded.count, sum = b.sum + excluded.sum,
        max = greatest(b.max, excluded.max), min = least(b.min, excluded.min),
        latest = CASE WHEN (excluded.latest_at, excluded.latest_key) > (b.latest_at, b.latest_key)
            THEN excluded.latest ELSE b.latest END,
        latest_key = CASE WHEN (excluded.latest_at, excluded.latest_key) > (b.latest_at, b.latest_key)
            THEN excluded.latest_key ELSE b.latest_key END,
        latest_at = greatest(b.latest_at, excluded.latest_at)
    RETURNING 1
), told_apart AS (
    INSERT INTO usage_unique AS u (workspace_id, meter_id, subject, dimensions, day, value, first_at, last_at,
        count)
    SELECT workspace_id, meter_id, subject, dimensions, day, distinct_value, min(at), max(at), count(*)
    FROM measured WHERE distinct_value IS NOT NULL AND (SELECT count(*) FROM summed) > 0
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (workspace_id, meter_id, subject, dimensions, day, value) DO UPDATE SET
        first_at = least(u.first_at, excluded.first_at), last_at = greatest(u.last_at, excluded.last_at),
        count = u.count + excluded.count
)
SELECT place FROM given WHERE NOT EXISTS (
    SELECT FROM new WHERE new.workspace_id = given.workspace_id AND new.day = given.day
        AND new.key = given.key)
"""
_DIFFERENT = """
SELECT place FROM unnest($1::uuid[], $2::date[], $3::uuid[], $4::bool[], $5::text[], $6::text[],
    $7::timestamptz[], $8::text[]) WITH ORDINALITY
    AS given (workspace_id, day, key, is_sandbox, type, subject, at, data, place)
JOIN usage_event e USING (workspace_id, day, key, is_sandbox)
WHERE e.type <> given.type OR e.subject <> given.subject OR e.at <> given.at OR e.data <> given.data::jsonb
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """An event, and what meters count of it."""

    event: UsageEvent
    measures: Sequence[Measure]


async def count_new(tx: Connection, measured: Sequence[Measured]) -> list[UsageEvent]:
    """Store events, each of another identity, and add the new ones to the sums; returns the others."""
    events = [one.event for one in measured]
    measures = [(place, measure) for place, one in enumerate(measured, 1) for measure in one.measures]
    rows = await tx.fetch(
        _COUNT,
        *_identities(events),
        [event.type for event in events],
        [event.subject for event in events],
        [event.at for event in events],
        [event.source for event in events],
        [event.id for event in events],
        [event.data_text for event in events],
        [place for place, _ in measures],
        [measure.meter.id for _, measure in measures],
        [measure.dimensions for _, measure in measures],
        [measure.value for _, measure in measures],
        [measure.unique for _, measure in measures],
    )
    return [events[row["place"] - 1] for row in rows]


async def find_different(tx: Connection, events: Sequence[UsageEvent]) -> list[UsageEvent]:
    """Those of the events of whose identity another content is stored."""
    rows = await tx.fetch(
        _DIFFERENT,
        *_identities(events),
        [event.type for event in events],
        [event.subject for event in events],
        [event.at for event in events],
        [event.data_text for event in events],
    )
    return [events[row["place"] - 1] for row in rows]


def _identities(events: Sequence[UsageEvent]) -> tuple[list[object], ...]:
    return (
        [event.workspace_id for event in events],
        [event.day for event in events],
        [event.key for event in events],
        [event.is_sandbox for event in events],
    )
