"""What the clock does for raw usage: partitions ahead of time, and what is outlived."""

import structlog

from services.subscription_renewal import metrics
from services.subscription_renewal.usage_events.repository import upkeep
from shared.postgres.transaction import Database

DAYS_AHEAD = 7
log = structlog.get_logger()


async def keep_usage(database: Database, raw_days: int, rejection_days: int) -> bool:
    """Make the daily partitions that are missing, and drop what is older than so many days; True for more."""
    async with database.transaction() as tx:
        metrics.USAGE_PARTITIONS_AHEAD.set(await upkeep.make_partitions(tx, DAYS_AHEAD))
        dropped = await upkeep.drop_partition(tx, raw_days)
        deleted = await upkeep.delete_outlived(tx, raw_days, rejection_days)
    if dropped:
        log.info("partition.dropped", partition=dropped)
    return dropped is not None or deleted
