"""Clock in: billings that could not become invoices are tried again, each workspace's by itself."""

from services.invoice.billings import operations as renewals
from services.invoice.billings.repository import waiting_billings
from services.invoice.metrics import WAITING_BILLINGS
from shared.messaging import workspaces
from shared.postgres.transaction import Database


async def bill_waiting(database: Database, limit: int) -> bool:
    """Try up to `limit` of them; returns whether there may be more."""
    async with database.transaction() as tx:
        claimed = await waiting_billings.claim(tx, limit)
        if claimed:
            clocks = await workspaces.clocks(tx, list({one.billed.workspace_id for one in claimed}))
            await renewals.bill_waiting(tx, claimed, clocks)
        WAITING_BILLINGS.set(await waiting_billings.count(tx))
    return len(claimed) == limit
