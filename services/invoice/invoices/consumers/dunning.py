"""Dunning heard: an invoice that nobody could collect may be written off."""

from services.invoice.invoices.operations import dunning
from shared.events.dunning import DunningEnded
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()


@handlers.on(DunningEnded)
async def write_off_uncollectible(tx: Connection, event: DunningEnded) -> None:
    """Write the invoice off when the last retry failed and that is what is to be done then."""
    if event.data.status == "exhausted" and event.data.terminal_action == "uncollectible":
        clocks = await workspaces.clocks(tx, [event.workspace_id])
        await dunning.write_off_uncollectible(tx, event, clocks[event.workspace_id])
