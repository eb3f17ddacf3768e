"""Many invoices at once, of one request or of several: each has its own result, and all share a number lock.

A row that cannot be made is refused before anything is written, so one statement stores all the others and
no row is done twice. Numbers are taken last, for those alone that nothing speaks against.
"""

from collections.abc import Callable, Sequence
from contextvars import Context
from functools import partial
from uuid import UUID

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
from shared.events.invoice import InvoiceCreated, InvoiceData
from shared.kernel import context
from shared.kernel.errors import BillingError
from shared.messaging.work import Work
from shared.postgres import audit

_Results = list[Invoice | BillingError]


async def create_invoices(
    work: Work, requests: Sequence[InvoiceRequest], currency: str, contexts: Sequence[Context] = ()
) -> list[InvoiceData | BillingError]:
    """Create each; the invoice or the reason against it, in the same order. `currency` is the workspace's.

    `contexts` are those of the callers, where each invoice is another one's: its events and the audit log
    then say that caller's trace and request. Raises what `invoices.insert` does, of whichever it is.
    """
    contact_ids = [request.details.contact_id for request in requests]
    lines = [line for request in requests for line in request.lines]
    loaded = await load_draft_context(work, contact_ids, lines, currency)
    results = [_draft(work, loaded, request) for request in requests]
    await _refuse_taken(work, requests, results)
    await _issue(work, loaded, requests, results)
    if created := _invoices_in(results):
        if len(contexts) > 1:
            await _tell_requests(work, results, contexts)
        await invoices.insert(work.tx, *created)
    recorders: list[Callable[..., None]] = [partial(within.run, work.record) for within in contexts]
    recorders = recorders or [work.record] * len(results)
    return [
        _record(work, one, record) if isinstance(one, Invoice) else one
        for one, record in zip(results, recorders, strict=True)
    ]


def _record(work: Work, invoice: Invoice, record: Callable[..., None]) -> InvoiceData:
    """Record what became of the invoice; its snapshot, as the events have it."""
    kinds = issuing.kinds_at_issue(invoice) if invoice.issued_at else ()
    events = INVOICES.told(work, invoice, InvoiceCreated, *kinds)
    record(*events)
    data: InvoiceData = events[0].data
    return data


async def _tell_requests(work: Work, results: _Results, contexts: Sequence[Context]) -> None:
    pairs = zip(results, contexts, strict=True)
    asked = {one.id: within.get(context.request_id) for one, within in pairs if isinstance(one, Invoice)}
    await audit.tell_requests(work.tx, asked)


def _draft(work: Work, loaded: DraftContext, request: InvoiceRequest) -> Invoice | BillingError:
    try:
        draft = drafting.draft_invoice(loaded, request, work.clock.now())
        return issuing.prepare(draft, loaded, work.clock.today()) if request.is_open else draft
    except BillingError as error:
        return error


async def _refuse_taken(work: Work, requests: Sequence[InvoiceRequest], results: _Results) -> None:
    """Put the reason in the place of invoices whose ids or numbers others have, of this batch or before."""
    drafts = _invoices_in(results)
    external_ids = {draft.external_id for draft in drafts if draft.external_id}
    chosen = {(work.workspace_id, draft.number) for draft in drafts if draft.number}
    # Ids that we made nobody has.
    line_ids = [line.id for request in requests for line in request.lines if isinstance(line.id, UUID)]
    tx, workspace_id = work.tx, work.workspace_id
    taken_ids, taken_numbers, taken_lines = set[str](), set[str](), set[UUID]()
    if external_ids:
        taken_ids = await invoices.find_external_ids(tx, workspace_id, list(external_ids))
    if chosen:
        taken_numbers = {number for _, number in await numbers.standing(tx, chosen)}
    if line_ids:
        taken_lines = await INVOICE_LINES.find_ids(tx, workspace_id, line_ids)
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
    work: Work, loaded: DraftContext, requests: Sequence[InvoiceRequest], results: _Results
) -> None:
    """Put the issued invoice in the place of each prepared draft that is to be open."""
    ready = [
        (index, draft)
        for index, (request, draft) in enumerate(zip(requests, results, strict=True))
        if request.is_open and isinstance(draft, Invoice)
    ]
    dates = [issuing.issue_date(draft) for _, draft in ready if not draft.number]
    numbers_taken = iter(await issuing.take_numbers(work, loaded.business, numbering.INVOICES, dates))
    for index, draft in ready:
        issued = issuing.seal(draft, draft.number or next(numbers_taken), loaded, work.clock.now())
        results[index] = invoice_rules.at_version(issued, version=1)


def _invoices_in(results: _Results) -> list[Invoice]:
    return [result for result in results if isinstance(result, Invoice)]
