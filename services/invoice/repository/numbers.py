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
