"""Payments and dunning heard: invoices show what has been paid, and may be written off."""

from collections.abc import Sequence

from services.invoice.invoices.domain.payment_fact import PAYMENT_EVENTS, PaymentEvent
from services.invoice.invoices.operations import settlement
from services.invoice.invoices.operations.invoices import write_off_uncollectible
from shared.events.dunning import DunningEnded
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(*PAYMENT_EVENTS)
async def apply_payments(unit: Unit, events: Sequence[PaymentEvent]) -> None:
    """Show on each invoice the newest state of its receivable, whatever changed it."""
    touching = [event for event in events if event.data.allocations]
    if touching:
        works = await workspaces.works_of(unit, [event.workspace_id for event in touching])
        await settlement.apply_payments(unit, touching, works)
    await settlement.note_payments(unit, events)


@handlers.on(DunningEnded)
async def write_off_after_dunning(unit: Unit, event: DunningEnded) -> None:
    """Write the invoice off when the last retry failed and that is what is to be done then."""
    if event.data.status == "exhausted" and event.data.terminal_action == "uncollectible":
        await write_off_uncollectible(await workspaces.work_of(unit, event.workspace_id), event)
