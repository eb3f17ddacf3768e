"""Clock in: asks for the retries that are due, each once, on the clock of its workspace."""

from services.subscription_renewal.dunning.operations import campaigns as operations
from services.subscription_renewal.dunning.repository import campaigns as dunning
from shared.messaging import workspaces
from shared.postgres.transaction import Database


async def retry_due(database: Database, limit: int) -> bool:
    """Take the next step of up to `limit` campaigns; returns whether there may be more."""
    async with database.transaction() as tx:
        keys = await dunning.claim_due(tx, limit)
        if keys:
            clocks = await workspaces.clocks(tx, [workspace_id for workspace_id, _ in keys])
            await operations.take_due(tx, keys, clocks)
    return len(keys) == limit
