"""What happens through an invoice's public link, and to it."""

from uuid import UUID

from services.invoice.invoices.domain import edition
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.operations.invoices import record
from services.invoice.invoices.repository import editions, invoices
from services.invoice.payer_page.domain import link_use
from shared.events.invoice import InvoiceOpened, InvoiceUpdated
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def mark_opened(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> Invoice:
    """Whoever has the link looks at the invoice: told once, however many look at the same time.

    Raises NotFound.
    """
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    opened = link_use.mark_opened(invoice, clock.now())
    if opened is not invoice:
        await invoices.update(tx, opened)
        await record(tx, opened, clock, InvoiceUpdated, InvoiceOpened)
    return opened


async def renew_link(
    tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock, expected_version: int | None
) -> Invoice:
    """Give the invoice another link; the old one ends. Raises NotFound, PreconditionFailed, NoPublicLink."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    require_version(invoice.version, expected_version)
    renewed = link_use.renew_link(invoice, clock.now())
    await editions.keep(tx, edition.edition_of(invoice))
    await invoices.update(tx, renewed)
    await record(tx, renewed, clock, InvoiceUpdated)
    return renewed
