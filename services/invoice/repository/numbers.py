"""SQL of document numbers."""

from collections.abc import Mapping
from uuid import UUID

from shared.postgres.pool import Connection

_TAKE = """
INSERT INTO number_counter (workspace_id, series, year, last_number) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, series, year) DO UPDATE SET last_number = number_counter.last_number + $4
RETURNING last_number
"""
_TAKE_MANY = """
INSERT INTO number_counter (workspace_id, series, year, last_number)
SELECT workspace_id, $2, year, count FROM unnest($1::uuid[], $3::smallint[], $4::bigint[])
    AS wanted (workspace_id, year, count) ORDER BY workspace_id, year
ON CONFLICT (workspace_id, series, year) DO UPDATE
SET last_number = number_counter.last_number + excluded.last_number
RETURNING workspace_id, year, last_number
"""


async def take(tx: Connection, workspace_id: UUID, series: str, year: int, count: int = 1) -> range:
    """The next `count` numbers of the series and year.

    Locks the series until the transaction ends, so it is the last step before saving: no gap, no wait.
    """
    last: int = await tx.fetchval(_TAKE, workspace_id, series, year, count)
    return range(last - count + 1, last + 1)


async def take_many(
    tx: Connection, series: str, counts: Mapping[tuple[UUID, int], int]
) -> dict[tuple[UUID, int], range]:
    """The next numbers of the series, so many for each (workspace, year); likewise the last step.

    Takes its locks in the order of workspaces and years, so that two batches cannot deadlock.
    """
    wanted = sorted(counts)
    rows = await tx.fetch(
        _TAKE_MANY,
        [workspace_id for workspace_id, _ in wanted],
        series,
        [year for _, year in wanted],
        [counts[key] for key in wanted],
    )
    lasts = {(row["workspace_id"], row["year"]): row["last_number"] for row in rows}
    return {key: range(lasts[key] - count + 1, lasts[key] + 1) for key, count in counts.items()}


async def last(tx: Connection, workspace_id: UUID, series: str, year: int) -> int:
    """The last number given out in the series and year; 0 before the first."""
    found: int | None = await tx.fetchval(
        "SELECT last_number FROM number_counter WHERE workspace_id = $1 AND series = $2 AND year = $3",
        workspace_id,
        series,
        year,
    )
    return found or 0


async def gaps(tx: Connection, workspace_id: UUID, series: str) -> int:
    """How many numbers that the series gave out stand on no document: the proof that it is gapless."""
    found: int = await tx.fetchval(
        """SELECT coalesce((SELECT sum(last_number) FROM number_counter
                WHERE workspace_id = $1 AND series = $2), 0)
            - CASE $2
                WHEN 'credit_notes' THEN (SELECT count(*) FROM credit_note WHERE workspace_id = $1)
                WHEN 'quotes' THEN
                    (SELECT count(*) FROM quote WHERE workspace_id = $1 AND number IS NOT NULL)
                ELSE (SELECT count(*) FROM invoice
                    WHERE workspace_id = $1 AND series = $2 AND number IS NOT NULL)
            END""",
        workspace_id,
        series,
    )
    return found
