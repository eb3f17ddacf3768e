"""Dunning heard: it is time to collect an invoice once more."""

from services.payment.collections.operations.collections import CollectionRequest, collect
from shared.events.dunning import DunningRetryDue
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()


@handlers.on(DunningRetryDue)
async def collect_again(tx: Connection, event: DunningRetryDue) -> None:
    """Begin a collection, if the invoice still asks for money and none is on its way."""
    clock = (await workspaces.clocks(tx, [event.workspace_id]))[event.workspace_id]
    await collect(tx, CollectionRequest(event.workspace_id, event.data.invoice_id, cause=event), clock)
