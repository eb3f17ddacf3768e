"""Clock in: quotes that nobody answered expire the day after their validity, in their workspace's zone."""

from services.invoice.quotes import operations
from services.invoice.quotes import repository as quotes
from shared.messaging import workspaces
from shared.postgres.transaction import Database


async def expire_quotes(database: Database, limit: int) -> bool:
    """Expire up to `limit` quotes; returns whether there may be more."""
    async with database.transaction() as tx:
        keys = await quotes.claim_expired(tx, limit)
        if keys:
            clocks = await workspaces.clocks(tx, [workspace_id for workspace_id, _ in keys])
            await operations.expire_quotes(tx, keys, clocks)
    return len(keys) == limit
