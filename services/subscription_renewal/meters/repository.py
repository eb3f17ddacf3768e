"""SQL of meters, and of the real time in which each of them counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import asyncpg

from services.subscription_renewal.meters.domain.meter import Meter, MeterKeyTaken
from shared.kernel.errors import raise_not_found
from shared.postgres.listing import Found, Listing, Window, where
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection, Row

_NAMES = (
    "workspace_id",
    "id",
    "version",
    "created_at",
    "updated_at",
    "key",
    "name",
    "type",
    "filter",
    "aggregation",
    "value",
    "dimensions",
    "scale",
    "rounding",
    "clamp_minimum",
    "clamp_maximum",
    "counts_from",
    "archived_at",
)
_COLUMNS = ", ".join(_NAMES)
_INSERT = Statement(f"INSERT INTO meter ({_COLUMNS}) VALUES ({places(_NAMES)})")
_UPDATE = Statement(
    "UPDATE meter SET version = :version, updated_at = :updated_at, name = :name, "
    "archived_at = :archived_at, "
    "stopped_at = CASE WHEN :archived_at::timestamptz IS NOT NULL THEN clock_timestamp() END "
    "WHERE workspace_id = :workspace_id AND id = :id"
)
# One for whoever counts, one for whoever makes a meter: what was received after a meter was made is counted.
_LOCK_SHARED = """
SELECT pg_advisory_xact_lock_shared(hashtextextended('meters ' || w, 0))
FROM (SELECT unnest($1::text[]) AS w ORDER BY 1) AS workspaces
"""
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('meters ' || $1::text, 0))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which meters a list shows."""

    type: Annotated[str | None, where("type = :type")] = None
    is_archived: Annotated[bool | None, where("(archived_at IS NOT NULL) = :is_archived")] = None


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From when until when a meter counts, in real time."""

    started_at: datetime
    stopped_at: datetime | None

    def holds(self, received_at: datetime) -> bool:
        """Whether what was received then was counted."""
        return self.started_at <= received_at and (self.stopped_at is None or received_at < self.stopped_at)


_LIST = Listing(Filter, "meter", _COLUMNS)


async def insert(tx: Connection, meter: Meter) -> None:
    """Store a new meter; raises MeterKeyTaken."""
    try:
        await _INSERT.execute(tx, meter)
    except asyncpg.UniqueViolationError as error:
        raise MeterKeyTaken(field="key") from error


async def update(tx: Connection, meter: Meter) -> None:
    """Store what may change of a meter."""
    await _UPDATE.execute(tx, meter)


async def lock(tx: Connection, workspace_id: UUID, meter_id: UUID) -> Meter:
    """The meter, locked; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM meter WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        workspace_id,
        meter_id,
    )
    return _to_meter(row) if row else raise_not_found("meter", meter_id)


async def get(tx: Connection, workspace_id: UUID, key: str) -> Meter:
    """The meter of this key; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM meter WHERE workspace_id = $1 AND key = $2", workspace_id, key
    )
    return _to_meter(row) if row else raise_not_found("meter", key)


async def find(tx: Connection, workspace_id: UUID, wanted: Filter, window: Window) -> Found[Meter]:
    """A page of meters, newest first."""
    return await _LIST.find(tx, workspace_id, wanted, window, _to_meter)


async def hold_still(tx: Connection, workspace_id: UUID) -> None:
    """Wait until no transaction counts usage by the workspace's meters, and keep others from beginning."""
    await tx.execute(_LOCK, str(workspace_id))


async def counting(tx: Connection, workspace_ids: Iterable[UUID]) -> list[Meter]:
    """The meters that count in these workspaces; none is made until the transaction ends."""
    ids = list({*workspace_ids})
    await tx.execute(_LOCK_SHARED, list(map(str, ids)))
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM meter WHERE workspace_id = ANY($1::uuid[]) AND archived_at IS NULL", ids
    )
    return [_to_meter(row) for row in rows]


async def with_archived(tx: Connection, workspace_id: UUID) -> list[tuple[Meter, Lifetime]]:
    """All meters there were of the workspace, each with the real time in which it counted."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS}, started_at, stopped_at FROM meter WHERE workspace_id = $1", workspace_id
    )
    return [(_to_meter(row), Lifetime(row["started_at"], row["stopped_at"])) for row in rows]


async def counting_now(tx: Connection, workspace_id: UUID) -> list[Meter]:
    """The meters that count in the workspace at this moment."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM meter WHERE workspace_id = $1 AND archived_at IS NULL", workspace_id
    )
    return [_to_meter(row) for row in rows]


def _to_meter(row: Row) -> Meter:
    return Meter(
        **{
            **{name: row[name] for name in _NAMES},
            "filter": {path: tuple(values) for path, values in row["filter"].items()},
            "dimensions": tuple(row["dimensions"]),
        }
    )
