"""What the end of dunning does to an invoice."""

from services.invoice.common.operations import changes
from services.invoice.invoices.domain import settling
from services.invoice.invoices.domain.invoice import Status
from services.invoice.invoices.operations.invoices import told
from services.invoice.invoices.repository import invoices
from shared.events.dunning import DunningEnded
from shared.events.invoice import InvoiceUpdated, InvoiceWrittenOff
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def write_off_uncollectible(tx: Connection, event: DunningEnded, clock: Clock) -> None:
    """Give up on what remains of the invoice, unless it is no longer open; raises NotFound."""
    invoice = await invoices.lock(tx, event.workspace_id, event.data.invoice_id)
    if invoice.status is not Status.OPEN:
        return
    written_off = settling.write_off(invoice, clock.now())
    await invoices.update(tx, written_off)
    facts = told(written_off, clock, InvoiceUpdated, InvoiceWrittenOff)
    await changes.record(tx, *(fact.caused_by(event) for fact in facts))
