"""What happens through an invoice's public link, and to it."""

from uuid import UUID

from services.invoice.invoices.domain import edition
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.operations.invoices import INVOICES
from services.invoice.invoices.repository import editions
from services.invoice.payer_page.domain import link_use
from services.invoice.sending.operations.invoice_marks import MARKED_INVOICES
from shared.events.invoice import InvoiceOpened, InvoiceUpdated
from shared.kernel.versions import require_version
from shared.messaging.work import Work


async def mark_opened(work: Work, invoice_id: UUID) -> Invoice:
    """Whoever has the link looks at the invoice: told once, however many look at the same time.

    Raises NotFound.
    """
    invoice = await MARKED_INVOICES.lock(work, invoice_id)
    opened = link_use.mark_opened(invoice.value, work.clock.now())
    return await invoice.save(opened, InvoiceUpdated, InvoiceOpened)


async def renew_link(work: Work, invoice_id: UUID, expected_version: int | None) -> Invoice:
    """Give the invoice another link; the old one ends. Raises NotFound, PreconditionFailed, NoPublicLink."""
    invoice = await INVOICES.lock(work, invoice_id)
    require_version(invoice.value.version, expected_version)
    renewed = link_use.renew_link(invoice.value, work.clock.now())
    await editions.keep(work.tx, edition.edition_of(invoice.value))
    return await invoice.save(renewed, InvoiceUpdated)
