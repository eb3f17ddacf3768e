"""Billings that could not become invoices are tried again, each workspace's by itself."""

from services.invoice.billings import operations
from services.invoice.billings import repository as billings
from services.invoice.metrics import WAITING_BILLINGS
from shared.messaging import workspaces
from shared.messaging.work import begin
from shared.postgres.transaction import Database


async def bill_waiting(database: Database, limit: int) -> bool:
    """Try up to `limit` of them; returns whether there may be more."""
    async with begin(database) as unit:
        claimed = await billings.claim(unit.tx, limit)
        if claimed:
            works = await workspaces.works_of(unit, [billing.billed.workspace_id for billing in claimed])
            await operations.bill_waiting(unit, claimed, works)
        WAITING_BILLINGS.set(await billings.count(unit.tx))
    return len(claimed) == limit
