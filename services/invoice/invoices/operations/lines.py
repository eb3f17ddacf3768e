"""State changes of a draft's single lines: each is a change of its invoice."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.invoices.domain.invoice import Invoice, InvoiceIsIssued, Status
from services.invoice.invoices.operations.draft_context import load_draft_context
from services.invoice.invoices.operations.invoices import record
from services.invoice.invoices.repository import invoices
from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain.line import Line
from services.invoice.lines.repository.lines import INVOICE_LINES
from shared.events.invoice import InvoiceUpdated
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id
from shared.postgres.pool import Connection

MAX_LINES = 1000
Rows = Sequence[Line]


class TooManyLines(Conflict):
    """An invoice has at most 1,000 lines."""

    code = "too_many_lines"


async def add_line(
    tx: Connection, workspace_id: UUID, invoice_id: UUID, fields: dict[str, Any], clock: Clock
) -> tuple[Invoice, Line]:
    """Add a line at the end of a draft; raises NotFound, InvoiceIsIssued, TooManyLines or Invalid."""
    identity = fields.get("id") or new_id()

    def add(lines: Rows, context: DraftContext, currency: str) -> Rows:
        if len(lines) >= MAX_LINES:
            raise TooManyLines(field="invoice_id")
        (made,) = drafting.make_lines(context, [fields | {"id": identity}], currency)
        return [*lines, made]

    changed = await _change(tx, workspace_id, invoice_id, fields, clock, add)
    return changed, _line(changed, identity)


async def change_line(
    tx: Connection, workspace_id: UUID, line_id: UUID, fields: dict[str, Any], clock: Clock
) -> tuple[Invoice, Line]:
    """Change a draft's line; raises NotFound, InvoiceIsIssued or Invalid."""

    def change(lines: Rows, context: DraftContext, currency: str) -> Rows:
        return [_merged(line, fields, context, currency) if line.id == line_id else line for line in lines]

    invoice_id = await INVOICE_LINES.document_of(tx, workspace_id, line_id)
    changed = await _change(tx, workspace_id, invoice_id, fields, clock, change)
    return changed, _line(changed, line_id)


async def delete_line(tx: Connection, workspace_id: UUID, line_id: UUID, clock: Clock) -> None:
    """Remove a draft's line and the rows below it; raises NotFound or InvoiceIsIssued."""
    invoice_id = await INVOICE_LINES.document_of(tx, workspace_id, line_id)

    def remove(lines: Rows, *_: object) -> Rows:
        return [line for line in lines if line_id not in (line.id, line.parent_line_id)]

    await _change(tx, workspace_id, invoice_id, {}, clock, remove)


async def _change(
    tx: Connection,
    workspace_id: UUID,
    invoice_id: UUID,
    fields: dict[str, Any],
    clock: Clock,
    edit: Callable[[Rows, DraftContext, str], Rows],
) -> Invoice:
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    if invoice.status is not Status.DRAFT:
        raise InvoiceIsIssued(field="invoice_id", status_now=invoice.status)
    rows = [fields, *({"product_id": line.product_id} for line in invoice.lines)]
    context = await load_draft_context(tx, workspace_id, [], rows, clock)
    changed = invoice_rules.edit(invoice, {}, clock.now())
    changed = drafting.price(changed, edit(invoice.lines, context, invoice.currency))
    await INVOICE_LINES.replace(tx, changed)
    await invoices.update(tx, changed)
    await record(tx, changed, clock, InvoiceUpdated)
    return changed


def _merged(line: Line, fields: dict[str, Any], context: DraftContext, currency: str) -> Line:
    (made,) = drafting.make_lines(
        context, [line_rules.merge_changes(line, fields) | {"id": line.id}], currency
    )
    return made


def _line(invoice: Invoice, line_id: UUID) -> Line:
    return next(line for line in invoice.lines if line.id == line_id)
