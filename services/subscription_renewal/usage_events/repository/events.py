"""SQL of raw usage: events as they were told, to be looked at and to be measured again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from services.subscription_renewal.meters.domain.meter import Meter
from shared.postgres.listing import conditions, where
from shared.postgres.named import compile_statement, merge_values
from shared.postgres.pool import Connection

_COLUMNS = "key, type, subject, at, source, id, data::text AS data, received_at, voided_at"
_COLUMNS_OF_E = (
    "e.key, e.type, e.subject, e.at, e.source, e.id, e.data::text AS data, e.received_at, e.voided_at"
)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A usage event as it is kept; `data` is JSON with every digit."""

    key: UUID
    type: str
    subject: str
    at: datetime
    source: str
    id: str
    data: str
    received_at: datetime
    voided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which raw events are wanted; `from_at` and `before` always, since they name the partitions."""

    from_at: Annotated[datetime, where("at >= :from_at AND day >= :first_day")]
    before: Annotated[datetime, where("at < :before AND day <= :last_day")]
    first_day: date
    last_day: date
    subject: Annotated[str | None, where("subject = :subject")] = None
    type: Annotated[str | None, where("type = :type")] = None
    id: Annotated[str | None, where("id = :id")] = None

    @classmethod
    def between(cls, from_at: datetime, before: datetime, **more: str | None) -> "Filter":
        """Those within these instants."""
        return cls(
            from_at=from_at,
            before=before,
            first_day=from_at.date(),
            last_day=before.date(),
            **more,
        )


@dataclass(frozen=True, slots=True)
class After:
    """The last event of the page before."""

    at: datetime
    key: UUID


async def find(
    tx: Connection, workspace_id: UUID, wanted: Filter, after: After | None, limit: int
) -> list[StoredEvent]:
    """Events, newest first, behind one of them."""
    given = conditions(wanted)
    values = merge_values(given.values, {"workspace_id": workspace_id, "limit": limit})
    behind = ""
    if after:
        behind = " AND (at, key) < (:after_at, :after_key)"
        values |= {"after_at": after.at, "after_key": after.key}
    text = (
        f"SELECT {_COLUMNS} FROM usage_event WHERE workspace_id = :workspace_id AND {given}{behind} "
        "ORDER BY at DESC, key DESC LIMIT :limit"
    )
    return [StoredEvent(**row) for row in await compile_statement(text).fetch(tx, **values)]


async def find_within(
    tx: Connection, meter: Meter, subject: str, spans: Sequence[tuple[datetime, datetime]]
) -> list[StoredEvent]:
    """The events of a subject that the meter may have counted, within each of these spans."""
    rows = await tx.fetch(
        f"""SELECT {_COLUMNS_OF_E} FROM unnest($4::timestamptz[], $5::timestamptz[]) AS span (from_at, before)
        JOIN usage_event e ON e.at >= span.from_at AND e.at < span.before
        JOIN meter m ON m.workspace_id = e.workspace_id AND m.id = $8 AND e.received_at >= m.started_at
            AND (m.stopped_at IS NULL OR e.received_at < m.stopped_at)
        WHERE e.workspace_id = $1 AND e.subject = $2 AND e.type = $3 AND e.voided_at IS NULL
          AND e.day BETWEEN $6 AND $7""",
        meter.workspace_id,
        subject,
        meter.type,
        [start for start, _ in spans],
        [end for _, end in spans],
        min(start.date() for start, _ in spans),
        max(end.date() for _, end in spans),
        meter.id,
    )
    return [StoredEvent(**row) for row in rows]
