"""SQL that keeps the tables of raw usage fit."""

from shared.postgres.pool import Connection

AT_ONCE = 5_000
_SANDBOX_EVENTS = """
DELETE FROM usage_event WHERE is_sandbox AND (workspace_id, day, key) IN (
    SELECT workspace_id, day, key FROM usage_event
    WHERE is_sandbox AND received_at < now() - make_interval(days => $1) LIMIT $2)
"""
_REJECTIONS = """
DELETE FROM usage_rejection WHERE (workspace_id, id) IN (
    SELECT workspace_id, id FROM usage_rejection
    WHERE received_at < now() - make_interval(days => $1) LIMIT $2)
"""


async def make_partitions(tx: Connection, days_ahead: int) -> int:
    """Make the daily partitions that are missing; returns how many days ahead there are."""
    return int(await tx.fetchval("SELECT make_usage_partitions($1)", days_ahead))


async def drop_partition(tx: Connection, days: int) -> str | None:
    """Drop the oldest partition that ended before so many days ago; its name, or None."""
    dropped: str | None = await tx.fetchval("SELECT drop_usage_partition($1)", days)
    return dropped


async def delete_outlived(tx: Connection, raw_days: int, rejection_days: int) -> bool:
    """Delete a batch of sandboxes' events and of rejections that old; whether there may be more."""
    events: str = await tx.execute(_SANDBOX_EVENTS, raw_days, AT_ONCE)
    rejections: str = await tx.execute(_REJECTIONS, rejection_days, AT_ONCE)
    return str(AT_ONCE) in (events.rpartition(" ")[2], rejections.rpartition(" ")[2])
