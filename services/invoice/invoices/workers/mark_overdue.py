"""Tells once of each open invoice that its due date has passed in its workspace's zone."""

from services.invoice.invoices.operations import invoices as operations
from services.invoice.invoices.repository import invoices
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database


async def mark_overdue(database: Database, limit: int) -> bool:
    """Mark up to `limit` late invoices; returns whether there may be more."""
    async with begin(database) as unit:
        keys = await invoices.claim_overdue(unit.tx, limit)
        if keys:
            works = await workspaces.works_of(unit, [workspace_id for workspace_id, _ in keys])
            await operations.mark_overdue(unit, keys, works)
    return len(keys) == limit
