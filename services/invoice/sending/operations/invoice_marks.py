"""Invoices as sending, reminders and payer pages change them: their marks alone."""

from uuid import UUID

from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.repository import invoices
from services.invoice.sending.domain import sendable
from services.invoice.sending.repository import invoice_marks
from shared.events.invoice import InvoiceSent, InvoiceUpdated
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Work

MARKED_INVOICES = Aggregate(
    invoices.lock,
    invoices.insert,
    invoice_marks.save,
    lambda invoice, work: to_snapshot(invoice, work.clock.today()),
)


async def mark_sent(work: Work, invoice_id: UUID) -> None:
    """The invoice itself went out: the first time that is told of. Raises NotFound."""
    invoice = await MARKED_INVOICES.lock(work, invoice_id)
    await invoice.save(sendable.mark_sent(invoice.value, work.clock.now()), InvoiceUpdated, InvoiceSent)
