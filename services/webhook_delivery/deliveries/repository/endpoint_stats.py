"""SQL that sums up how an endpoint is doing: its attempts of a while, and what waits or was given up."""

from datetime import datetime
from uuid import UUID

from shared.postgres.pool import Connection, Row

MAX_ATTEMPTS = 100_000
MAX_WAITING = 100_000
# The newest attempts of the time, up to a limit: the busiest endpoint must not make this slow for others.
_OUTCOMES = f"""
SELECT coalesce(status::text, 'error-' || error::text) AS outcome, count(*) AS count, max(at) AS last_at
FROM (SELECT at, status, error FROM attempt
      WHERE workspace_id = $1 AND endpoint_id = $2 AND at >= $3 AND kind <> 2
      ORDER BY at DESC LIMIT {MAX_ATTEMPTS}) AS recent
GROUP BY 1 ORDER BY 1
"""
_TIMES = f"""
SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms) AS quantiles_ms
FROM (SELECT ms FROM attempt
      WHERE workspace_id = $1 AND endpoint_id = $2 AND at >= $3 AND kind <> 2
      ORDER BY at DESC LIMIT {MAX_ATTEMPTS}) AS recent
"""
_WAITING = f"""
SELECT count(*) AS pending_count, min(message_created_at) AS oldest_pending_at
FROM (SELECT message_created_at FROM delivery_due
      WHERE endpoint_id = $2 AND workspace_id = $1 ORDER BY seq LIMIT {MAX_WAITING}) AS waiting
"""
_FAILED = f"""
SELECT state, count(*) AS count
FROM (SELECT state FROM delivery_failed
      WHERE workspace_id = $1 AND endpoint_id = $2 AND finished_at >= $3
      ORDER BY finished_at DESC LIMIT {MAX_WAITING}) AS failed
GROUP BY state
"""


async def outcomes(tx: Connection, workspace_id: UUID, endpoint_id: UUID, since: datetime) -> list[Row]:
    """How often each status or fault came back, and when last: rows of outcome, count, last_at."""
    return list(await tx.fetch(_OUTCOMES, workspace_id, endpoint_id, since))


async def quantiles_ms(
    tx: Connection, workspace_id: UUID, endpoint_id: UUID, since: datetime
) -> list[int] | None:
    """The median, 95th and 99th percentile of how long attempts took; None without attempts."""
    quantiles: list[int] | None = await tx.fetchval(_TIMES, workspace_id, endpoint_id, since)
    return quantiles


async def waiting(tx: Connection, workspace_id: UUID, endpoint_id: UUID) -> tuple[int, datetime | None]:
    """How many deliveries wait, and from when the first of them in line is."""
    row = await tx.fetchrow(_WAITING, workspace_id, endpoint_id)
    return (row["pending_count"], row["oldest_pending_at"]) if row else (0, None)


async def failed(tx: Connection, workspace_id: UUID, endpoint_id: UUID, since: datetime) -> dict[int, int]:
    """How many deliveries were put aside or given up in this time, by the code of their state."""
    rows = await tx.fetch(_FAILED, workspace_id, endpoint_id, since)
    return {row["state"]: row["count"] for row in rows}
