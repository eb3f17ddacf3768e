"""State changes of credit notes: each is a change of its invoice too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.invoice.business.domain import business as business_rules
from services.invoice.business.operations import load_business
from services.invoice.common.operations import changes
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain import crediting
from services.invoice.credit_notes.domain.credit_note import CreditNote
from services.invoice.invoices.domain import issuable, settling
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.operations import issuing, settlement
from services.invoice.invoices.repository import invoices
from services.invoice.numbers import domain as numbering
from shared.events.credit_note import CreditNoteIssued
from shared.events.event import Event
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def credit_invoice(
    tx: Connection,
    workspace_id: UUID,
    invoice_id: UUID,
    fields: dict[str, Any],
    lines: Sequence[dict[str, Any]] | None,
    clock: Clock,
) -> CreditNote:
    """Take back these lines of an issued invoice, or with None all that is not credited yet.

    Raises NotFound, InvoiceNotCreditable, NothingToCredit, SellerMissing, CreditExceedsLine,
    CreditExceedsInvoice, CreditNoteExternalIdTaken, or Invalid naming the field.
    """
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    credit_note_rules.require_creditable(invoice)
    before = await credit_notes.credited(tx, workspace_id, invoice_id)
    taken = crediting.credit_lines(invoice.lines, before, lines, invoice.rounding)
    draft = credit_note_rules.draft(invoice, taken, before, fields, clock.today(), clock.now())
    credited = settling.credit(invoice, draft.total_minor, clock.now())
    await invoices.update(tx, credited)
    note = await _numbered(tx, draft, clock)
    await credit_notes.insert(tx, note)
    await changes.record(tx, *_events(invoice, credited, note, clock))
    return note


async def _numbered(tx: Connection, draft: CreditNote, clock: Clock) -> CreditNote:
    business = await load_business(tx, draft.workspace_id, clock)
    # An invoice from before the business had a name does not say who sells.
    seller = draft.seller or business_rules.to_seller(business)
    issuable.require_seller(seller)
    (number,) = await issuing.take(tx, business, numbering.CREDIT_NOTES, [draft.issue_date])
    return credit_note_rules.issue(replace(draft, seller=seller), number)


def _events(before: Invoice, after: Invoice, note: CreditNote, clock: Clock) -> list[Event]:
    events = settlement.told(before, after, clock)
    return [*events, CreditNoteIssued.of(note.workspace_id, credit_note_rules.to_snapshot(note))]
