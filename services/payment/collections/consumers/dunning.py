"""Dunning heard: it is time to collect an invoice once more."""

from services.payment.collections.operations.collect import CollectionRequest, collect
from shared.events.dunning import DunningRetryDue
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(DunningRetryDue)
async def collect_again(unit: Unit, event: DunningRetryDue) -> None:
    """Begin a collection, if the invoice still asks for money and none is on its way."""
    work = await workspaces.work_of(unit, event.workspace_id)
    await collect(work, CollectionRequest(event.data.invoice_id, cause=event))
