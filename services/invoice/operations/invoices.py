"""State changes of invoices."""

from typing import Any
from uuid import UUID

from services.invoice.domain import contact as contact_rules
from services.invoice.domain import facets, numbering, totals
from services.invoice.domain import invoice as invoice_rules
from services.invoice.domain import line as line_rules
from services.invoice.domain.invoice import Invoice, Status
from services.invoice.repository import contacts, invoice_lines, invoices, numbers, products
from shared.events.event import Event
from shared.events.invoice import (
    InvoiceCreated,
    InvoiceDeleted,
    InvoiceIssued,
    InvoicePaid,
    InvoiceUpdated,
    InvoiceVoided,
)
from shared.kernel import money
from shared.kernel.clock import Clock
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.messaging import outbox
from shared.postgres.pool import Connection


async def create_invoice(
    tx: Connection,
    workspace_id: UUID,
    fields: dict[str, Any],
    lines: list[dict[str, Any]],
    clock: Clock,
    is_open: bool,
) -> Invoice:
    """Store a new draft, or issue it in the same change.

    Raises Invalid naming the field, ContactArchived, or InvoiceExternalIdTaken.
    """
    money.exponent(fields["currency"])
    contact = await _contact(tx, workspace_id, fields.pop("contact_id"))
    draft = invoice_rules.blank(
        workspace_id, new_id(), contact_rules.on_document(contact), fields, clock.now()
    )
    draft = await _with_lines(tx, draft, lines)
    if not is_open:
        await invoices.insert(tx, draft)
        await _record(tx, draft, clock, InvoiceCreated)
        return draft
    issued = invoice_rules.same_change(await _issued(tx, draft, clock), version=1)
    await invoices.insert(tx, issued)
    await _record(tx, issued, clock, InvoiceCreated, *_issue_events(issued))
    return issued


async def change_invoice(
    tx: Connection,
    workspace_id: UUID,
    invoice_id: UUID,
    fields: dict[str, Any],
    lines: list[dict[str, Any]] | None,
    clock: Clock,
    is_open: bool,
    expected_version: int | None = None,
) -> Invoice:
    """Change these fields (and all lines, where given); issue it in the same change where `is_open`.

    Raises NotFound, PreconditionFailed, InvoiceIsIssued, Invalid naming the field, ContactArchived.
    """
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    require_version(invoice.version, expected_version)
    if lines is not None and invoice.status is not Status.DRAFT:
        raise invoice_rules.InvoiceIsIssued(field="lines")
    changed = invoice_rules.edit(invoice, await _resolved(tx, workspace_id, fields), clock.now())
    if lines is not None or "currency" in fields:
        changed = await _with_lines(tx, changed, lines)
        await invoice_lines.replace(tx, changed)
    events: tuple[type[Event], ...] = (InvoiceUpdated,)
    if is_open:
        issued = await _issued(tx, changed, clock)
        changed = invoice_rules.same_change(issued, changed.version)
        events += _issue_events(changed)
    await invoices.update(tx, changed)
    await _record(tx, changed, clock, *events)
    return changed


async def issue_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> Invoice:
    """Give the draft its number; raises NotFound, InvoiceIsIssued, InvoiceHasNoLines or ContactArchived."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    issued = await _issued(tx, invoice, clock)
    await invoices.update(tx, issued)
    await _record(tx, issued, clock, InvoiceUpdated, *_issue_events(issued))
    return issued


async def void_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> Invoice:
    """Cancel an issued invoice; raises NotFound, IllegalMove or InvoiceHasPayments."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    voided = invoice_rules.void(invoice, clock.now())
    await invoices.update(tx, voided)
    await _record(tx, voided, clock, InvoiceUpdated, InvoiceVoided)
    return voided


async def delete_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> None:
    """Remove a draft; raises NotFound or InvoiceIsIssued."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    if invoice.status is not Status.DRAFT:
        raise invoice_rules.InvoiceIsIssued(field="status", status_now=invoice.status)
    await invoices.delete(tx, workspace_id, invoice_id)
    deleted = invoice_rules.edit(invoice, {}, clock.now())
    await _record(tx, deleted, clock, InvoiceDeleted)


async def _issued(tx: Connection, draft: Invoice, clock: Clock) -> Invoice:
    invoice_rules.require_issuable(draft)
    contact = await _contact(tx, draft.workspace_id, draft.contact_id)
    dated = invoice_rules.dated(draft, clock.today())
    assert dated.issue_date is not None
    year = dated.issue_date.year
    # Last before saving: whoever waits for the series waits for two statements only.
    (sequence,) = await numbers.take(tx, draft.workspace_id, draft.series, year)
    number = numbering.write(numbering.Format(), year, sequence)
    return invoice_rules.issue(dated, contact_rules.on_document(contact), number, clock.now())


def _issue_events(issued: Invoice) -> tuple[type[Event], ...]:
    return (InvoiceIssued, InvoicePaid) if issued.status is Status.PAID else (InvoiceIssued,)


async def _with_lines(tx: Connection, invoice: Invoice, lines: list[dict[str, Any]] | None) -> Invoice:
    if lines is None:
        return invoice_rules.with_totals(invoice, totals.compute(invoice.lines, invoice.currency))
    wanted = [line["product_id"] for line in lines if line.get("product_id")]
    found = await products.get_many(tx, invoice.workspace_id, wanted)
    made = []
    for index, line in enumerate(lines):
        product_id = line.get("product_id")
        if product_id and product_id not in found:
            raise Invalid("There is no such product in this workspace.", field=f"lines.{index}.product_id")
        made.append(line_rules.make(new_id(), line, found.get(product_id), f"lines.{index}"))
    return invoice_rules.with_totals(invoice, totals.compute(made, invoice.currency))


async def _resolved(tx: Connection, workspace_id: UUID, fields: dict[str, Any]) -> dict[str, Any]:
    if "currency" in fields:
        money.exponent(fields["currency"])
    if "contact_id" not in fields:
        return fields
    contact = await _contact(tx, workspace_id, fields["contact_id"])
    return {**fields, "contact": contact_rules.on_document(contact)}


async def _contact(tx: Connection, workspace_id: UUID, contact_id: UUID) -> contact_rules.Contact:
    try:
        contact = await contacts.get(tx, workspace_id, contact_id)
    except NotFound as error:
        raise Invalid("There is no such contact in this workspace.", field="contact_id") from error
    contact_rules.require_active(contact)
    return contact


async def _record(tx: Connection, invoice: Invoice, clock: Clock, *events: type[Event]) -> None:
    data = facets.snapshot(invoice, clock.today())
    await outbox.record(tx, *(event.of(invoice.workspace_id, data) for event in events))
