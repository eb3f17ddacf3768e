"""Subscriptions heard: what they bill becomes issued invoices."""

from collections.abc import Sequence

from services.invoice.billings import operations as renewals
from shared.events.subscription import SubscriptionProrated, SubscriptionRenewed
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.metrics import DUPLICATES
from shared.postgres.pool import Connection

handlers = Handlers()
DUPLICATES.labels("invoice", "invoice_one_per_cycle")


@handlers.on_batch(SubscriptionRenewed, SubscriptionProrated)
async def bill_subscriptions(
    tx: Connection, events: Sequence[SubscriptionRenewed | SubscriptionProrated]
) -> None:
    """Issue the invoice of every period and change that has none yet."""
    clocks = await workspaces.clocks(tx, list({event.workspace_id for event in events}))
    billed_before = await renewals.bill_subscriptions(tx, events, clocks)
    DUPLICATES.labels("invoice", "invoice_one_per_cycle").inc(billed_before)
