"""Changes of a draft's single lines: each is a change of its invoice."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.invoices.domain.invoice import Invoice, InvoiceIsIssued, Status
from services.invoice.invoices.operations.draft_context import load_draft_context
from services.invoice.invoices.operations.invoices import INVOICES
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain.line import Line, LineEdit
from services.invoice.lines.repository.lines import INVOICE_LINES
from shared.events.invoice import InvoiceUpdated
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.messaging.work import Work

MAX_LINES = 1000
ChangeLines = Callable[[Sequence[Line], DraftContext, str], Sequence[Line]]
"""New lines from those of a draft, what they may name, and the draft's currency."""


class TooManyLines(Conflict):
    """An invoice has at most 1,000 lines."""

    code = "too_many_lines"


async def add_line(work: Work, invoice_id: UUID, details: LineEdit) -> tuple[Invoice, Line]:
    """Add a line at the end of a draft; raises NotFound, InvoiceIsIssued, TooManyLines or Invalid."""
    line_id = details.id or new_id()

    def add(lines: Sequence[Line], context: DraftContext, currency: str) -> Sequence[Line]:
        if len(lines) >= MAX_LINES:
            raise TooManyLines(field="invoice_id")
        return [*lines, *drafting.make_lines(context, [replace(details, id=line_id)], currency)]

    changed = await _change_lines(work, invoice_id, details, add)
    return changed, _line(changed, line_id)


async def change_line(work: Work, line_id: UUID, edit: LineEdit) -> tuple[Invoice, Line]:
    """Change a draft's line; raises NotFound, InvoiceIsIssued or Invalid."""

    def change(lines: Sequence[Line], context: DraftContext, currency: str) -> Sequence[Line]:
        return [_change_one(line, edit, context, currency) if line.id == line_id else line for line in lines]

    invoice_id = await INVOICE_LINES.document_of(work.tx, work.workspace_id, line_id)
    changed = await _change_lines(work, invoice_id, edit, change)
    return changed, _line(changed, line_id)


async def delete_line(work: Work, line_id: UUID) -> None:
    """Remove a draft's line and the rows below it; raises NotFound or InvoiceIsIssued."""

    def remove(lines: Sequence[Line], *_: object) -> Sequence[Line]:
        return [line for line in lines if line_id not in (line.id, line.parent_line_id)]

    invoice_id = await INVOICE_LINES.document_of(work.tx, work.workspace_id, line_id)
    await _change_lines(work, invoice_id, LineEdit(), remove)


async def _change_lines(work: Work, invoice_id: UUID, edit: LineEdit, change: ChangeLines) -> Invoice:
    invoice = await INVOICES.lock(work, invoice_id)
    before = invoice.value
    if before.status is not Status.DRAFT:
        raise InvoiceIsIssued(field="invoice_id", status_now=before.status)
    context = await load_draft_context(work, lines=[edit, *before.lines])
    lines = change(before.lines, context, before.currency)
    changed = drafting.price(invoice_rules.touch(before, work.clock.now()), lines)
    await INVOICE_LINES.replace(work.tx, changed)
    return await invoice.save(changed, InvoiceUpdated)


def _change_one(line: Line, edit: LineEdit, context: DraftContext, currency: str) -> Line:
    details = replace(line_rules.merge_changes(line, edit), id=line.id)
    (changed,) = drafting.make_lines(context, [details], currency)
    return changed


def _line(invoice: Invoice, line_id: UUID) -> Line:
    return next(line for line in invoice.lines if line.id == line_id)
