"""SQL that keeps the tables fit and counts what waits in them."""

from datetime import timedelta

from shared.postgres.pool import Connection

MAX_COUNTED = 100_000
_OLDEST = """
SELECT max(now() - (
    SELECT due_at FROM delivery_due WHERE shard = s::smallint AND due_at < 'infinity'
    ORDER BY due_at LIMIT 1))
FROM generate_series(0, $1::integer - 1) AS s
"""


async def make_partitions(tx: Connection, days_ahead: int) -> int:
    """Make the daily partitions that are missing; returns how many days ahead there are."""
    return int(await tx.fetchval("SELECT make_partitions($1)", days_ahead))


async def count_due(tx: Connection) -> int:
    """How many deliveries are in the queue; counted to a limit."""
    return int(
        await tx.fetchval("SELECT count(*) FROM (SELECT FROM delivery_due LIMIT $1) AS d", MAX_COUNTED)
    )


async def count_held(tx: Connection) -> int:
    """How many deliveries are held; counted to a limit."""
    counted = "SELECT count(*) FROM (SELECT FROM delivery_failed WHERE state = 6 LIMIT $1) AS d"
    return int(await tx.fetchval(counted, MAX_COUNTED))


async def dead_due(tx: Connection) -> int:
    """Rows of the queue that are dead and not yet vacuumed, as the statistics estimate them."""
    return int(await tx.fetchval("SELECT pg_stat_get_dead_tuples('delivery_due'::regclass)") or 0)


async def drop_partition(tx: Connection, table: str, days: int) -> str | None:
    """Drop the table's oldest partition that ended before so many days ago; its name, or None."""
    dropped: str | None = await tx.fetchval("SELECT drop_partition($1, $2)", table, days)
    return dropped


async def oldest_due(tx: Connection, shard_count: int) -> timedelta:
    """For how long the most overdue delivery has been due; zero or less when none is."""
    longest: timedelta | None = await tx.fetchval(_OLDEST, shard_count)
    return longest or timedelta(0)
