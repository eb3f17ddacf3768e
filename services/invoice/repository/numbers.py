"""SQL of invoice numbers."""

from uuid import UUID

from shared.postgres.pool import Connection

_TAKE = """
INSERT INTO number_counter (workspace_id, series, year, last_number) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id, series, year) DO UPDATE SET last_number = number_counter.last_number + $4
RETURNING last_number
"""


async def take(tx: Connection, workspace_id: UUID, series: str, year: int, count: int = 1) -> range:
    """The next `count` numbers of the series and year.

    Locks the series until the transaction ends, so it is the last step before saving: no gap, no wait.
    """
    last: int = await tx.fetchval(_TAKE, workspace_id, series, year, count)
    return range(last - count + 1, last + 1)


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
            - (SELECT count(*) FROM invoice
                WHERE workspace_id = $1 AND series = $2 AND number IS NOT NULL)""",
        workspace_id,
        series,
    )
    return found
