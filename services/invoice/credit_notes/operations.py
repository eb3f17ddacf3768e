"""Credit notes: issuing one is a change of its invoice too. The number is taken last."""

from dataclasses import replace
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.operations import load_business
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain import crediting
from services.invoice.credit_notes.domain.credit_note import CreditNote, CreditRequest
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain import settling
from services.invoice.invoices.operations import issuing, settlement
from services.invoice.invoices.operations.invoices import INVOICES
from services.invoice.numbers import domain as numbering
from shared.events.credit_note import CreditNoteIssued
from shared.messaging.work import Work


async def credit_invoice(work: Work, invoice_id: UUID, request: CreditRequest) -> CreditNote:
    """Take back lines of an issued invoice, or without any in the request all that is not credited yet.

    Raises NotFound, InvoiceNotCreditable, NothingToCredit, SellerMissing, CreditExceedsLine,
    CreditExceedsInvoice, CreditNoteExternalIdTaken, or Invalid naming the field.
    """
    invoice = await INVOICES.lock(work, invoice_id)
    before = invoice.value
    credit_note_rules.require_creditable(before)
    credited = await credit_notes.credited(work.tx, work.workspace_id, invoice_id)
    credits = crediting.credit_lines(before.lines, credited, request.lines, before.rounding)
    now = work.clock.now()
    draft = credit_note_rules.draft(before, credits, credited, request, now)
    after = settling.credit(before, draft.total_minor, now)
    await invoice.save(after, *settlement.events_for_change(before, after, work.clock.today()))
    note = await _issue(work, draft)
    await credit_notes.insert(work.tx, note)
    work.record(CreditNoteIssued.of(work.workspace_id, credit_note_rules.to_snapshot(note)))
    return note


async def _issue(work: Work, draft: CreditNote) -> CreditNote:
    business = await load_business(work)
    # An invoice from before the business had a name does not say who sells.
    seller = draft.seller or business_rules.to_seller(business)
    invoice_rules.require_seller(seller)
    (number,) = await issuing.take_numbers(work, business, numbering.CREDIT_NOTES, [draft.issue_date])
    return credit_note_rules.issue(replace(draft, seller=seller), number)
