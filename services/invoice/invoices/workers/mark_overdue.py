"""Clock in: tells once of each open invoice that its due date has passed in its workspace's zone."""

from services.invoice.invoices.operations import overdue as operations
from services.invoice.invoices.repository import overdue
from shared.messaging import workspaces
from shared.postgres.transaction import Database


async def mark_overdue(database: Database, limit: int) -> bool:
    """Mark up to `limit` late invoices; returns whether there may be more."""
    async with database.transaction() as tx:
        keys = await overdue.claim(tx, limit)
        if keys:
            clocks = await workspaces.clocks(tx, [workspace_id for workspace_id, _ in keys])
            await operations.mark_overdue(tx, keys, clocks)
    return len(keys) == limit
