"""Invoices heard: what is settled ends its campaign, and subscriptions follow what is owed for them."""

from collections.abc import Sequence

from services.subscription_renewal.copies.domain.invoice import InvoiceCopy, concerns_us
from services.subscription_renewal.dunning.operations import campaigns as operations
from shared.events.invoice import (
    InvoiceOverdue,
    InvoicePaid,
    InvoiceVoided,
    InvoiceWriteOffReversed,
    InvoiceWrittenOff,
)
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(InvoicePaid, InvoiceVoided, InvoiceWrittenOff, InvoiceWriteOffReversed, InvoiceOverdue)
async def note_invoices(
    unit: Unit,
    events: Sequence[
        InvoicePaid | InvoiceVoided | InvoiceWrittenOff | InvoiceWriteOffReversed | InvoiceOverdue
    ],
) -> None:
    """Keep the newest snapshot of each invoice that concerns us."""
    newest: dict[object, InvoiceCopy] = {}
    for event in sorted(events, key=lambda one: one.sequence):
        if concerns_us(event.data):
            newest[event.workspace_id, event.subject] = InvoiceCopy.of(event.workspace_id, event.data)
    if newest:
        copies = list(newest.values())
        works = await workspaces.works_of(unit, [copy.workspace_id for copy in copies])
        await operations.note_invoices(unit, copies, works)
