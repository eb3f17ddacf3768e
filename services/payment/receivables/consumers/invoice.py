"""Invoices heard: issued ones ask for money, those void or written off no longer do."""

from collections.abc import Sequence

from services.payment.metrics import INVOICES_HEARD
from services.payment.receivables import operations
from services.payment.receivables.domain.receivable import of_invoice
from shared.events.invoice import (
    InvoiceIssued,
    InvoiceUpdated,
    InvoiceVoided,
    InvoiceWriteOffReversed,
    InvoiceWrittenOff,
)
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(InvoiceIssued)
async def open_receivables(unit: Unit, events: Sequence[InvoiceIssued]) -> None:
    """Open what these invoices ask for; the contacts' credit balances settle it as far as they go."""
    await _store(unit, events)
    INVOICES_HEARD.labels("issued").inc(len(events))


@handlers.on_batch(InvoiceUpdated)
async def update_receivables(unit: Unit, events: Sequence[InvoiceUpdated]) -> None:
    """Keep the due date; a draft asks for nothing yet."""
    # By its number: a status that is not known here may be one of before or after its issue.
    issued = [event for event in events if event.data.number and event.data.status != "draft"]
    await _store(unit, issued)
    INVOICES_HEARD.labels("updated").inc(len(issued))


@handlers.on_batch(InvoiceVoided)
async def close_receivables(unit: Unit, events: Sequence[InvoiceVoided]) -> None:
    """Close what void invoices asked for; money paid meanwhile goes to the credit balance."""
    clocks = await workspaces.clocks(unit.tx, [event.workspace_id for event in events])
    await operations.close_receivables(unit, events, clocks)
    INVOICES_HEARD.labels("voided").inc(len(events))


@handlers.on_batch(InvoiceWrittenOff, InvoiceWriteOffReversed)
async def write_off_receivables(
    unit: Unit, events: Sequence[InvoiceWrittenOff | InvoiceWriteOffReversed]
) -> None:
    """Expect part or all of the rest no more, or again."""
    clocks = await workspaces.clocks(unit.tx, [event.workspace_id for event in events])
    await operations.write_off_receivables(unit, events, clocks)
    INVOICES_HEARD.labels("written_off").inc(len(events))


async def _store(unit: Unit, events: Sequence[InvoiceIssued | InvoiceUpdated]) -> None:
    clocks = await workspaces.clocks(unit.tx, [event.workspace_id for event in events])
    snapshots = [of_invoice(event.workspace_id, event.data) for event in events]
    await operations.store_receivables(unit, snapshots, clocks, events)
