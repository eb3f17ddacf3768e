"""Many invoices in one request: each has its own result, the good ones share one number lock."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.invoice.common.operations import changes
from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.drafting import DraftContext
from services.invoice.invoices.domain.invoice import Invoice, InvoiceExternalIdTaken
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.operations.draft_context import load_draft_context
from services.invoice.invoices.operations.invoices import told
from services.invoice.invoices.repository import invoices
from services.invoice.lines.domain.line import LineIdTaken
from services.invoice.lines.repository.lines import INVOICE_LINES
from services.invoice.numbers import domain as numbering
from services.invoice.numbers import repository as numbers
from services.invoice.numbers.domain import NumberTaken
from shared.events.invoice import InvoiceCreated
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError
from shared.postgres.pool import Connection

Wanted = tuple[dict[str, Any], list[dict[str, Any]], bool]


async def create_invoices(
    tx: Connection, workspace_id: UUID, wanted: Sequence[Wanted], currency: str, clock: Clock
) -> list[Invoice | BillingError]:
    """Create (fields, lines, is_open) each; an invoice or the reason against it, in the same order."""
    fields = [one for one, _, _ in wanted]
    lines = [line for _, rows, _ in wanted for line in rows]
    context = await load_draft_context(tx, workspace_id, fields, lines, clock, currency)
    results = [_drafted(context, one, clock) for one in wanted]
    await _refuse_taken(tx, workspace_id, results)
    await _number(tx, context, results, [is_open for _, _, is_open in wanted], clock)
    made = [result for result in results if isinstance(result, Invoice)]
    if made:
        await invoices.insert(tx, *made)
        await changes.record(tx, *(event for one in made for event in told(one, clock, *_events(one))))
    return results


def _drafted(context: DraftContext, wanted: Wanted, clock: Clock) -> Invoice | BillingError:
    fields, lines, is_open = wanted
    try:
        made = drafting.draft_invoice(context, fields, lines, clock.now())
        return issuing.prepare(made, context, clock) if is_open else made
    except BillingError as error:
        return error


async def _refuse_taken(tx: Connection, workspace_id: UUID, results: list[Invoice | BillingError]) -> None:
    made = [result for result in results if isinstance(result, Invoice)]
    external_ids = {one.external_id for one in made if one.external_id}
    chosen = {(workspace_id, one.number) for one in made if one.number}
    known_ids = await invoices.taken(tx, workspace_id, list(external_ids))
    known_numbers = {number for _, number in await numbers.standing(tx, chosen)} if chosen else set()
    known_lines = await INVOICE_LINES.known(tx, workspace_id, [line.id for one in made for line in one.lines])
    for index, result in enumerate(results):
        if not isinstance(result, Invoice):
            continue
        if result.external_id in known_ids:
            results[index] = InvoiceExternalIdTaken(field="external_id")
        elif result.number in known_numbers:
            results[index] = NumberTaken(field="number")
        elif taken := [at for at, line in enumerate(result.lines) if line.id in known_lines]:
            results[index] = LineIdTaken(field=f"lines.{taken[0]}.id")
        known_ids.add(result.external_id or "")
        known_numbers.add(result.number or "")
        known_lines |= {line.id for line in result.lines}


async def _number(
    tx: Connection,
    context: DraftContext,
    results: list[Invoice | BillingError],
    is_open: list[bool],
    clock: Clock,
) -> None:
    ready = [(i, one) for i, one in enumerate(results) if is_open[i] and isinstance(one, Invoice)]
    dates = [issuing.issue_date(one) for _, one in ready if not one.number]
    taken = iter(await issuing.take(tx, context.business, numbering.INVOICES, dates))
    for index, one in ready:
        issued = issuing.seal(one, one.number or next(taken), context, clock)
        results[index] = invoice_rules.at_version(issued, version=1)


def _events(invoice: Invoice) -> tuple[Any, ...]:
    is_issued = invoice.issued_at is not None
    return (InvoiceCreated, *(issuing.kinds_at_issue(invoice) if is_issued else ()))
