"""Subscriptions heard: what they bill becomes issued invoices."""

from collections.abc import Sequence

from services.invoice.billings import operations
from shared.events.subscription import SubscriptionProrated, SubscriptionRenewed
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.metrics import DUPLICATES
from shared.messaging.work import Unit

handlers = Handlers()
DUPLICATES.labels("invoice", "invoice_one_per_cycle")


@handlers.on_batch(SubscriptionRenewed, SubscriptionProrated)
async def bill_subscriptions(
    unit: Unit, events: Sequence[SubscriptionRenewed | SubscriptionProrated]
) -> None:
    """Issue the invoice of every period and change that has none yet."""
    works = await workspaces.works_of(unit, [event.workspace_id for event in events])
    billed_before = await operations.bill_subscriptions(unit, events, works)
    DUPLICATES.labels("invoice", "invoice_one_per_cycle").inc(billed_before)
