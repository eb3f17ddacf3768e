"""Changes of invoices: lock, decide, save, and tell; a number is taken last."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.invoice.invoices.domain import drafting, edition, settling
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.invoice import Invoice, InvoiceEdit, Status
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.operations.draft_context import lines_in_question, load_draft_context
from services.invoice.invoices.repository import editions, invoices
from services.invoice.lines.domain.line import LineEdit
from services.invoice.lines.repository.lines import INVOICE_LINES
from services.invoice.numbers import operations as numbers
from shared.events.dunning import DunningEnded
from shared.events.event import Event
from shared.events.invoice import (
    InvoiceDeleted,
    InvoiceOverdue,
    InvoiceUpdated,
    InvoiceVoided,
    InvoiceWriteOffReversed,
    InvoiceWrittenOff,
)
from shared.kernel.unset import chosen
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Unit, Work

INVOICES = Aggregate(
    invoices.lock,
    invoices.insert,
    invoices.update,
    lambda invoice, work: to_snapshot(invoice, work.clock.today()),
    invoices.delete,
)


async def change_invoice(
    work: Work,
    invoice_id: UUID,
    edit: InvoiceEdit,
    lines: Sequence[LineEdit] | None = None,
    *,
    is_open: bool = False,
    expected_version: int | None = None,
) -> Invoice:
    """Change these fields (and all lines, where given); issue it in the same change where `is_open`.

    Raises NotFound, PreconditionFailed, InvoiceIsIssued, NumberTaken, Invalid naming the field or
    ContactArchived.
    """
    locked = await INVOICES.lock(work, invoice_id)
    before = locked.value
    require_version(before.version, expected_version)
    if lines is not None and before.status is not Status.DRAFT:
        raise invoice_rules.InvoiceIsIssued(field="lines")
    contact_id = chosen(edit.contact_id, before.contact_id)
    context = await load_draft_context(work, [contact_id], lines_in_question(before.lines, lines))
    changed = drafting.edit_invoice(context, before, edit, work.clock.now())
    await numbers.require_free(work, edit.number or None)
    if changed.status is Status.DRAFT:
        changed = drafting.price(changed, drafting.choose_lines(context, lines, before, changed.currency))
        await INVOICE_LINES.replace(work.tx, changed)
    kinds: tuple[type[Event], ...] = (InvoiceUpdated,)
    if is_open:
        changed = invoice_rules.at_version(await issuing.issue(work, changed, context), changed.version)
        kinds += issuing.kinds_at_issue(changed)
    changed = edition.follow(before, changed, work.clock.now())
    if changed.edition != before.edition:
        await editions.keep(work.tx, edition.edition_of(before))
    return await locked.save(changed, *kinds)


async def issue_invoice(work: Work, invoice_id: UUID) -> Invoice:
    """Give the draft its number; raises NotFound, InvoiceIsIssued, InvoiceHasNoLines or ContactArchived."""
    invoice = await INVOICES.lock(work, invoice_id)
    context = await load_draft_context(work, [invoice.value.contact_id])
    issued = await issuing.issue(work, invoice.value, context)
    return await invoice.save(issued, InvoiceUpdated, *issuing.kinds_at_issue(issued))


async def void_invoice(work: Work, invoice_id: UUID) -> Invoice:
    """Cancel an issued invoice; raises NotFound, IllegalMove or InvoiceHasPayments."""
    invoice = await INVOICES.lock(work, invoice_id)
    voided = invoice_rules.void(invoice.value, work.clock.now())
    return await invoice.save(voided, InvoiceUpdated, InvoiceVoided)


async def write_off_invoice(
    work: Work, invoice_id: UUID, amount_minor: int | None = None, reason: str | None = None
) -> Invoice:
    """Give up on part or all of what an open invoice expects; raises NotFound, IllegalMove or ExceedsDue."""
    invoice = await INVOICES.lock(work, invoice_id)
    written_off = settling.write_off(invoice.value, work.clock.now(), amount_minor, reason)
    return await invoice.save(written_off, InvoiceUpdated, InvoiceWrittenOff)


async def write_off_uncollectible(work: Work, event: DunningEnded) -> None:
    """Give up on what remains of a dunned invoice, unless it is no longer open; raises NotFound."""
    invoice = await INVOICES.lock(work, event.data.invoice_id)
    if invoice.value.status is Status.OPEN:
        written_off = settling.write_off(invoice.value, work.clock.now())
        facts = INVOICES.told(work, written_off, InvoiceUpdated, InvoiceWrittenOff)
        await invoice.save(written_off, *(fact.caused_by(event) for fact in facts))


async def reverse_write_off(work: Work, invoice_id: UUID) -> Invoice:
    """Expect again what was written off; raises NotFound or NothingWrittenOff."""
    invoice = await INVOICES.lock(work, invoice_id)
    expected = settling.reverse_write_off(invoice.value, work.clock.now())
    return await invoice.save(expected, InvoiceUpdated, InvoiceWriteOffReversed)


async def delete_invoice(work: Work, invoice_id: UUID) -> None:
    """Remove a draft; raises NotFound or InvoiceIsIssued."""
    invoice = await INVOICES.lock(work, invoice_id)
    await invoice.delete(invoice_rules.touch(invoice.value, work.clock.now()), InvoiceDeleted)


async def mark_overdue(unit: Unit, keys: Sequence[tuple[UUID, UUID]], works: Mapping[UUID, Work]) -> None:
    """Tell that these (workspace, invoice) ids, whose rows the unit has locked, are late."""
    late: list[Invoice] = []
    for invoice in (await invoices.lock_many(unit.tx, keys)).values():
        work = works[invoice.workspace_id]
        late.append(invoice_rules.mark_overdue(invoice, work.clock.now()))
        work.record(*INVOICES.told(work, late[-1], InvoiceUpdated, InvoiceOverdue))
    await invoices.mark_overdue(unit.tx, late)
