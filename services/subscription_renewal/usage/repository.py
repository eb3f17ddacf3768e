"""SQL of what usage adds up to."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.usage.domain.sums import Latest, Span, Sums
from shared.postgres.pool import Connection, Row

Grain = Literal["hour", "day", "total"]
# What the rows of a group have in common: some of the dimensions' values, as a JSON array.
_GROUP = """(SELECT coalesce(jsonb_agg(dimensions::jsonb -> p ORDER BY o), '[]')::text
    FROM unnest(wanted.positions) WITH ORDINALITY AS x (p, o))"""
_SLOTS = {
    "hour": "hour",
    "day": "date_trunc('day', hour, 'UTC')",
    "total": "NULL::timestamptz",
}
_SUBJECT = "CASE WHEN wanted.by_subject THEN subject ELSE '' END"
_WANTED = """unnest($1::int[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[],
    $7::text[], $8::bool[])
    AS given (place, workspace_id, meter_id, subjects, from_at, before, positions, by_subject)
CROSS JOIN LATERAL (SELECT
    ARRAY(SELECT jsonb_array_elements_text(given.subjects::jsonb)) AS subjects,
    ARRAY(SELECT jsonb_array_elements_text(given.positions::jsonb)::int) AS positions,
    given.by_subject) AS wanted"""
_BUCKETS = """
SELECT given.place, {slot} AS slot, {subject} AS subject, {group} AS "group",
    sum(b.count)::bigint AS count, sum(b.sum) AS sum, max(b.max) AS max, min(b.min) AS min,
    (array_agg(b.latest ORDER BY b.latest_at DESC, b.latest_key DESC))[1] AS latest,
    max(b.latest_at) AS latest_at,
    (array_agg(b.latest_key ORDER BY b.latest_at DESC, b.latest_key DESC))[1] AS latest_key
FROM {wanted}
JOIN LATERAL (SELECT * FROM usage_bucket b WHERE b.workspace_id = given.workspace_id
    AND b.meter_id = given.meter_id {among} AND b.hour >= given.from_at AND b.hour < given.before) AS b
    ON true
GROUP BY 1, 2, 3, 4
"""
_UNIQUE = """
SELECT given.place, {slot} AS slot, {subject} AS subject, {group} AS "group",
    count(DISTINCT u.value) AS count, sum(u.count)::bigint AS event_count
FROM {wanted}
JOIN LATERAL (SELECT *, u.day::timestamp AT TIME ZONE 'UTC' AS hour FROM usage_unique u
    WHERE u.workspace_id = given.workspace_id AND u.meter_id = given.meter_id {among}
      AND u.day >= (given.from_at AT TIME ZONE 'UTC')::date
      AND u.day <= (given.before AT TIME ZONE 'UTC')::date
      AND u.last_at >= given.from_at AND u.first_at < given.before) AS u ON true
GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedUsage:
    """What of a meter is wanted: of which subjects (all where None), when, told apart by what."""

    meter: Meter
    subjects: Sequence[str] | None
    span: Span
    group_by: Sequence[str] = ()
    by_subject: bool = False

    @property
    def positions(self) -> list[int]:
        """Which of the meter's dimensions the groups go by."""
        return [self.meter.dimensions.index(name) for name in self.group_by]


@dataclass(frozen=True, slots=True)
class Group:
    """What is summed together: of which of the wanted ones, when, whose, with which values (a JSON array)."""

    place: int
    slot: datetime | None
    subject: str
    values: str


async def sum_hours(
    tx: Connection, wanted: Sequence[WantedUsage], grain: Grain, *, has_subjects: bool
) -> dict[Group, Sums]:
    """What the whole hours of each come to; all of them name subjects, or none does."""
    sums: dict[Group, Sums] = {}
    for row in await tx.fetch(_text(_BUCKETS, grain, "b", has_subjects), *_columns(wanted, is_hours=True)):
        found = sums.setdefault(_group(row), Sums())
        latest = Latest(row["latest_at"], row["latest_key"], row["latest"])
        found.merge(row["count"], row["sum"], row["max"], row["min"], latest)
    return sums


async def count_distinct(
    tx: Connection, wanted: Sequence[WantedUsage], grain: Grain, *, has_subjects: bool
) -> dict[Group, Sums]:
    """How many distinct values each has; none of their spans may lie within a day that it cuts twice."""
    rows = await tx.fetch(_text(_UNIQUE, grain, "u", has_subjects), *_columns(wanted, is_hours=False))
    return {_group(row): Sums(count=row["event_count"], distinct_count=row["count"]) for row in rows}


def _group(row: "object") -> Group:
    return Group(row["place"], row["slot"], row["subject"], row["group"])  # type: ignore[index]


def _text(statement: str, grain: Grain, table: str, has_subjects: bool) -> str:
    return statement.format(
        slot=_SLOTS[grain],
        subject=_SUBJECT,
        group=_GROUP,
        wanted=_WANTED,
        among=f"AND {table}.subject = ANY(wanted.subjects)" if has_subjects else "",
    )


def _columns(wanted: Sequence[WantedUsage], *, is_hours: bool) -> list[list[object]]:
    spans = [one.span.hours if is_hours else (one.span.from_at, one.span.until_at) for one in wanted]
    return [
        list(range(len(wanted))),
        [one.meter.workspace_id for one in wanted],
        [one.meter.id for one in wanted],
        [json.dumps(list(one.subjects or ())) for one in wanted],
        [start for start, _ in spans],
        [end for _, end in spans],
        [json.dumps(one.positions) for one in wanted],
        [one.by_subject for one in wanted],
    ]


_EVENTS = """
SELECT type, subject, at, source, id, data::text AS data, voided_at, key FROM usage_event
WHERE workspace_id = $1 AND at >= $2 AND at < $3 AND day BETWEEN $4 AND $5
  AND ($6::timestamptz IS NULL OR (at, key) > ($6, $7::uuid))
ORDER BY at, key LIMIT $8
"""
_HOURS = """
SELECT m.key, b.subject, b.dimensions, b.hour, b.count, b.sum, b.max, b.min, b.latest, b.meter_id
FROM usage_bucket b JOIN meter m ON m.workspace_id = b.workspace_id AND m.id = b.meter_id
WHERE b.workspace_id = $1 AND b.hour >= $2 AND b.hour < $3
  AND ($4::timestamptz IS NULL OR (b.hour, b.meter_id, b.subject, b.dimensions) > ($4, $5::uuid, $6, $7))
ORDER BY b.hour, b.meter_id, b.subject, b.dimensions LIMIT $8
"""


async def page_events(
    tx: Connection, workspace_id: UUID, span: Span, after: Row | None, limit: int
) -> list[Row]:
    """Events within the span in the order of their times, behind one of them."""
    rows: list[Row] = await tx.fetch(
        _EVENTS,
        workspace_id,
        span.from_at,
        span.until_at,
        span.from_at.date(),
        span.until_at.date(),
        after["at"] if after else None,
        after["key"] if after else None,
        limit,
    )
    return rows


async def page_hours(
    tx: Connection, workspace_id: UUID, span: Span, after: Row | None, limit: int
) -> list[Row]:
    """Sums of the hours that begin within the span, behind one of them."""
    behind = [after[name] for name in ("hour", "meter_id", "subject", "dimensions")] if after else [None] * 4
    rows: list[Row] = await tx.fetch(_HOURS, workspace_id, span.from_at, span.until_at, *behind, limit)
    return rows
