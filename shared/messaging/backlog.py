"""What waits in the outbox, seen as a whole: also while no relay reads it, or Kafka does not answer."""

from dataclasses import dataclass

from shared.postgres.pool import Connection

MAX_COUNTED = 100_000
_READ = """
SELECT coalesce(extract(epoch FROM clock_timestamp()
        - (SELECT created_at FROM outbox ORDER BY position LIMIT 1)), 0) AS oldest_seconds,
    (SELECT count(*) FROM (SELECT FROM outbox LIMIT $1) AS o) AS row_count,
    (SELECT count(*) FROM outbox_lease WHERE owner IS NULL OR expires_at < clock_timestamp()) AS unowned_count
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """The oldest event's age in seconds, how many wait (counted to a limit), shards that nobody owns."""

    oldest_seconds: float
    row_count: int
    unowned_count: int


async def read(tx: Connection) -> Backlog:
    """How it stands now."""
    row = await tx.fetchrow(_READ, MAX_COUNTED)
    assert row is not None
    return Backlog(max(0.0, float(row["oldest_seconds"])), row["row_count"], row["unowned_count"])
