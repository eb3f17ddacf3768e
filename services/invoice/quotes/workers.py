"""Quotes that nobody answered expire the day after their validity, in their workspace's zone."""

from services.invoice.quotes import operations
from services.invoice.quotes import repository as quotes
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database


async def expire_quotes(database: Database, limit: int) -> bool:
    """Expire up to `limit` quotes; returns whether there may be more."""
    async with begin(database) as unit:
        keys = await quotes.claim_expired(unit.tx, limit)
        if keys:
            works = await workspaces.works_of(unit, [workspace_id for workspace_id, _ in keys])
            await operations.expire_quotes(keys, works)
    return len(keys) == limit
