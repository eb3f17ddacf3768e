"""Many invoices in one request: each has its own result, the good ones share one number lock.

A row that cannot be made is refused before anything is written, so one statement stores all the others and
no row is done twice. Numbers are taken last, for those alone that nothing speaks against.
"""

from collections.abc import Sequence

from services.invoice.invoices.domain import drafting
from services.invoice.invoices.domain import invoice as invoice_rules
from services.invoice.invoices.domain.drafting import DraftContext, InvoiceRequest
from services.invoice.invoices.domain.invoice import Invoice, InvoiceExternalIdTaken
from services.invoice.invoices.operations import issuing
from services.invoice.invoices.operations.draft_context import load_draft_context
from services.invoice.invoices.operations.invoices import INVOICES
from services.invoice.invoices.repository import invoices
from services.invoice.lines.domain.line import LineIdTaken
from services.invoice.lines.repository.lines import INVOICE_LINES
from services.invoice.numbers import domain as numbering
from services.invoice.numbers import repository as numbers
from services.invoice.numbers.domain import NumberTaken
from shared.events.invoice import InvoiceCreated
from shared.kernel.errors import BillingError
from shared.messaging.work import Work

BatchResults = list[Invoice | BillingError]


async def create_invoices(work: Work, requests: Sequence[InvoiceRequest], currency: str) -> BatchResults:
    """Create each; an invoice or the reason against it, in the same order. `currency` is the workspace's."""
    contact_ids = [request.details.contact_id for request in requests]
    lines = [line for request in requests for line in request.lines]
    context = await load_draft_context(work, contact_ids, lines, currency)
    results = [_draft(work, context, request) for request in requests]
    await _refuse_taken(work, results)
    await _issue(work, context, requests, results)
    created = _invoices_in(results)
    if created:
        await invoices.insert(work.tx, *created)
        for invoice in created:
            kinds = issuing.kinds_at_issue(invoice) if invoice.issued_at else ()
            work.record(*INVOICES.told(work, invoice, InvoiceCreated, *kinds))
    return results


def _draft(work: Work, context: DraftContext, request: InvoiceRequest) -> Invoice | BillingError:
    try:
        draft = drafting.draft_invoice(context, request, work.clock.now())
        return issuing.prepare(draft, context, work.clock.today()) if request.is_open else draft
    except BillingError as error:
        return error


async def _refuse_taken(work: Work, results: BatchResults) -> None:
    """Put the reason in the place of invoices whose ids or numbers others have, of this batch or before."""
    drafts = _invoices_in(results)
    external_ids = {draft.external_id for draft in drafts if draft.external_id}
    chosen = {(work.workspace_id, draft.number) for draft in drafts if draft.number}
    line_ids = [line.id for draft in drafts for line in draft.lines]
    taken_ids = await invoices.find_external_ids(work.tx, work.workspace_id, list(external_ids))
    taken_numbers = {number for _, number in await numbers.standing(work.tx, chosen)} if chosen else set()
    taken_lines = await INVOICE_LINES.find_ids(work.tx, work.workspace_id, line_ids)
    for index, draft in enumerate(results):
        if not isinstance(draft, Invoice):
            continue
        if draft.external_id in taken_ids:
            results[index] = InvoiceExternalIdTaken(field="external_id")
        elif draft.number in taken_numbers:
            results[index] = NumberTaken(field="number")
        elif positions := [at for at, line in enumerate(draft.lines) if line.id in taken_lines]:
            results[index] = LineIdTaken(field=f"lines.{positions[0]}.id")
        taken_ids.add(draft.external_id or "")
        taken_numbers.add(draft.number or "")
        taken_lines |= {line.id for line in draft.lines}


async def _issue(
    work: Work, context: DraftContext, requests: Sequence[InvoiceRequest], results: BatchResults
) -> None:
    """Put the issued invoice in the place of each prepared draft that is to be open."""
    ready = [
        (index, draft)
        for index, (request, draft) in enumerate(zip(requests, results, strict=True))
        if request.is_open and isinstance(draft, Invoice)
    ]
    dates = [issuing.issue_date(draft) for _, draft in ready if not draft.number]
    numbers_taken = iter(await issuing.take_numbers(work, context.business, numbering.INVOICES, dates))
    for index, draft in ready:
        issued = issuing.seal(draft, draft.number or next(numbers_taken), context, work.clock.now())
        results[index] = invoice_rules.at_version(issued, version=1)


def _invoices_in(results: BatchResults) -> list[Invoice]:
    return [result for result in results if isinstance(result, Invoice)]
