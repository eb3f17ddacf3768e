"""Credit notes heard: their invoices ask for less."""

from collections.abc import Sequence

from services.payment.receivables import operations
from shared.events.credit_note import CreditNoteIssued
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(CreditNoteIssued)
async def credit_receivables(unit: Unit, events: Sequence[CreditNoteIssued]) -> None:
    """Reduce what the invoices ask for; what was paid beyond that is refunded or becomes credit balance."""
    clocks = await workspaces.clocks(unit.tx, [event.workspace_id for event in events])
    await operations.credit_receivables(unit, events, clocks)
