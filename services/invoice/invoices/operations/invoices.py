"""State changes of invoices."""

from typing import Any
from uuid import UUID

from services.invoice.common.operations import changes
from services.invoice.invoices.domain import drafting, edition, settling
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.operations.draft_context import lines_in_question, load_draft_context
from services.invoice.invoices.repository import editions, invoices
from services.invoice.lines.repository.lines import INVOICE_LINES
from services.invoice.numbers import operations as numbers
from shared.events.event import Event
from shared.events.invoice import (
    InvoiceCreated,
    InvoiceDeleted,
    InvoiceUpdated,
    InvoiceVoided,
    InvoiceWriteOffReversed,
    InvoiceWrittenOff,
)
from shared.kernel.clock import Clock
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def create_invoice(
    tx: Connection,
    workspace_id: UUID,
    fields: dict[str, Any],
    lines: list[dict[str, Any]],
    currency: str,
    clock: Clock,
    is_open: bool,
) -> Invoice:
    """Store a new draft, or issue it in the same change; `currency` is the workspace's.

    Raises Invalid naming the field, ContactArchived, NumberTaken or InvoiceExternalIdTaken.
    """
    context = await load_draft_context(tx, workspace_id, [fields], lines, clock, currency)
    made = drafting.draft_invoice(context, fields, lines, clock.now())
    await numbers.require_free(tx, workspace_id, made.number)
    events: tuple[type[Event], ...] = (InvoiceCreated,)
    if is_open:
        made = invoice_rules.at_version(await issuing.issue(tx, made, context, clock), version=1)
        events += issuing.kinds_at_issue(made)
    await invoices.insert(tx, made)
    await record(tx, made, clock, *events)
    return made


async def change_invoice(
    tx: Connection,
    workspace_id: UUID,
    invoice_id: UUID,
    fields: dict[str, Any],
    lines: list[dict[str, Any]] | None,
    clock: Clock,
    is_open: bool = False,
    expected_version: int | None = None,
) -> Invoice:
    """Change these fields (and all lines, where given); issue it in the same change where `is_open`.

    Raises NotFound, PreconditionFailed, InvoiceIsIssued, NumberTaken, Invalid naming the field or
    ContactArchived.
    """
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    require_version(invoice.version, expected_version)
    if lines is not None and invoice.status is not Status.DRAFT:
        raise invoice_rules.InvoiceIsIssued(field="lines")
    named = {"contact_id": invoice.contact_id} | fields
    context = await load_draft_context(
        tx, workspace_id, [named], lines_in_question(invoice.lines, lines), clock
    )
    changed = invoice_rules.edit(invoice, drafting.resolve(context, fields), clock.now())
    await numbers.require_free(tx, workspace_id, fields.get("number"))
    if changed.status is Status.DRAFT:
        if lines is None and changed.currency != invoice.currency:
            drafting.require_prices_in(context, changed.lines, changed.currency)
        made = changed.lines if lines is None else drafting.make_lines(context, lines, changed.currency)
        changed = drafting.price(changed, made)
        await INVOICE_LINES.replace(tx, changed)
    events: tuple[type[Event], ...] = (InvoiceUpdated,)
    if is_open:
        changed = invoice_rules.at_version(await issuing.issue(tx, changed, context, clock), changed.version)
        events += issuing.kinds_at_issue(changed)
    changed = await _next_edition(tx, invoice, changed, clock)
    await invoices.update(tx, changed)
    await record(tx, changed, clock, *events)
    return changed


async def issue_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> Invoice:
    """Give the draft its number; raises NotFound, InvoiceIsIssued, InvoiceHasNoLines or ContactArchived."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    context = await load_draft_context(tx, workspace_id, [{"contact_id": invoice.contact_id}], [], clock)
    issued = await issuing.issue(tx, invoice, context, clock)
    await invoices.update(tx, issued)
    await record(tx, issued, clock, InvoiceUpdated, *issuing.kinds_at_issue(issued))
    return issued


async def void_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> Invoice:
    """Cancel an issued invoice; raises NotFound, IllegalMove or InvoiceHasPayments."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    voided = invoice_rules.void(invoice, clock.now())
    await invoices.update(tx, voided)
    await record(tx, voided, clock, InvoiceUpdated, InvoiceVoided)
    return voided


async def write_off_invoice(
    tx: Connection,
    workspace_id: UUID,
    invoice_id: UUID,
    clock: Clock,
    amount_minor: int | None = None,
    reason: str | None = None,
) -> Invoice:
    """Give up on part or all of what an open invoice expects; raises NotFound, IllegalMove or ExceedsDue."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    written_off = settling.write_off(invoice, clock.now(), amount_minor, reason)
    await invoices.update(tx, written_off)
    await record(tx, written_off, clock, InvoiceUpdated, InvoiceWrittenOff)
    return written_off


async def reverse_write_off(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> Invoice:
    """Expect again what was written off; raises NotFound or NothingWrittenOff."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    expected = settling.reverse_write_off(invoice, clock.now())
    await invoices.update(tx, expected)
    await record(tx, expected, clock, InvoiceUpdated, InvoiceWriteOffReversed)
    return expected


async def delete_invoice(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> None:
    """Remove a draft; raises NotFound or InvoiceIsIssued."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    if invoice.status is not Status.DRAFT:
        raise invoice_rules.InvoiceIsIssued(field="status", status_now=invoice.status)
    await invoices.delete(tx, workspace_id, invoice_id)
    deleted = invoice_rules.edit(invoice, {}, clock.now())
    await record(tx, deleted, clock, InvoiceDeleted)


async def _next_edition(tx: Connection, before: Invoice, after: Invoice, clock: Clock) -> Invoice:
    """The changed invoice; where it prints something else, what it said before is kept."""
    followed = edition.follow(before, after, clock.now())
    if followed.edition != before.edition:
        await editions.keep(tx, edition.edition_of(before))
    return followed


async def record(tx: Connection, invoice: Invoice, clock: Clock, *events: type[Event]) -> None:
    """Tell these events of the invoice as it is now."""
    await changes.record(tx, *told(invoice, clock, *events))


def told(invoice: Invoice, clock: Clock, *events: type[Event]) -> list[Event]:
    """These events of the invoice as it is now."""
    data = to_snapshot(invoice, clock.today())
    return [event.of(invoice.workspace_id, data) for event in events]
