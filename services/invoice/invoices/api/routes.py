"""Invoices: create, list, get, change, delete, issue, void, write off, and what happened to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status
from pydantic_core import to_json

from services.invoice.invoices.api.bodies import InvoiceBatch, InvoiceChanges, NewInvoice, WriteOff
from services.invoice.invoices.api.named import InvoiceId
from services.invoice.invoices.api.replies import BatchReply, BatchResult, NextNumber, Timeline, TimelineEntry
from services.invoice.invoices.domain.drafting import InvoiceRequest
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.operations import batch, issuing
from services.invoice.invoices.operations import invoices as operations
from services.invoice.invoices.repository import invoices
from services.invoice.invoices.repository import timeline as timelines
from services.invoice.invoices.repository.invoices import InvoiceFilter
from services.invoice.numbers import domain as numbering
from shared.events.invoice import InvoiceData, InvoiceStatus, PaymentStatus
from shared.http import errors, etag, payment_methods
from shared.http.etag import IfMatch
from shared.http.fields import Day
from shared.http.filters import words
from shared.http.gathered import Call, GatheredPost, LeftToRoute
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.queries import searched
from shared.http.work import Work
from shared.kernel.errors import BillingError
from shared.messaging.work import Unit
from shared.postgres import search

router = APIRouter(prefix="/v1/invoices", route_class=Route, tags=["invoices"])
READ, WRITE = require("invoices:read"), require("invoices:write")
Search = Annotated[
    str | None, Query(max_length=200, description=searched("number, reference or the contact's name"))
]
OfReminderLevel = Annotated[
    int | None, Query(ge=0, le=4, description="Reminded of so far; 4: ready to be handed over.")
]


async def _ask_for_new(body: NewInvoice, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


async def _ask_for_changed(body: InvoiceChanges, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


async def _ask_for_batch(body: InvoiceBatch, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [invoice.payment_method_id for invoice in body.invoices])


# Before Work among the arguments, so that the owner is asked before the request's transaction opens.
Named = Annotated[payment_methods.Named, Depends(_ask_for_new)]
NamedInChanges = Annotated[payment_methods.Named, Depends(_ask_for_changed)]
NamedInBatch = Annotated[payment_methods.Named, Depends(_ask_for_batch)]


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[WRITE])
async def create(body: NewInvoice, response: Response, methods: Named, work: Work, who: Who) -> InvoiceData:
    """Create a draft, or with `status: open` an issued invoice; totals are computed."""
    payment_methods.require(methods, body.payment_method_id, body.contact_id)
    [created] = await batch.create_invoices(work, [body.request()], who.currency)
    if isinstance(created, BillingError):
        raise created
    etag.tag(response, created.version)
    return created


@dataclass(frozen=True, slots=True)
class _Asked:
    """An invoice that is to be created with others, and the currency of its workspace."""

    request: InvoiceRequest
    currency: str


def gathered() -> GatheredPost[NewInvoice, _Asked]:
    """The route of `create` for those that come together."""
    return GatheredPost(
        "/v1/invoices",
        NewInvoice,
        scope="invoices:write",
        prepare=_to_request,
        write=_create_gathered,
        is_audited=True,
    )


def _to_request(who: Principal, body: NewInvoice) -> _Asked:
    if body.payment_method_id:
        # Its owner is asked first: by `create`.
        raise LeftToRoute
    return _Asked(body.request(), who.currency)


async def _create_gathered(unit: Unit, calls: Sequence[Call[_Asked]]) -> list[Response | Exception]:
    work, currency = calls[0].work(unit), calls[0].asked.currency
    # Those that say another currency of the workspace know of a change that the others do not know of.
    same = [call for call in calls if call.asked.currency == currency]
    requests, contexts = [call.asked.request for call in same], [call.context for call in same]
    created = iter(await batch.create_invoices(work, requests, currency, contexts))
    return [_created(next(created)) if call.asked.currency == currency else LeftToRoute() for call in calls]


def _created(result: InvoiceData | BillingError) -> Response | BillingError:
    if isinstance(result, BillingError):
        return result
    response = Response(to_json(result), status.HTTP_201_CREATED, media_type="application/json")
    etag.tag(response, result.version)
    return response


@router.post(
    "/batch",
    response_model=BatchReply,
    dependencies=[WRITE],
    operation_id="invoices.create_batch",
    summary="Create many invoices",
)
async def create_batch(body: InvoiceBatch, methods: NamedInBatch, work: Work, who: Who) -> Response:
    """Create up to 500 invoices; each has its own result, in the order of the request."""
    refusals = [
        payment_methods.refusal(methods, invoice.payment_method_id, invoice.contact_id)
        for invoice in body.invoices
    ]
    requests = [
        invoice.request() for invoice, refusal in zip(body.invoices, refusals, strict=True) if refusal is None
    ]
    created = iter(await batch.create_invoices(work, requests, who.currency))
    results = [refusal or next(created) for refusal in refusals]
    reply = BatchReply(data=[_result(index, result) for index, result in enumerate(results)])
    return Response(to_json(reply), media_type="application/json")


@router.get("", dependencies=[READ])
async def list_(
    part: Sliced,
    work: Work,
    status: Annotated[
        list[str] | None, Query(description="One or several, repeated or comma-separated.")
    ] = None,
    payment_status: PaymentStatus | None = None,
    overdue: bool | None = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    number: Annotated[str | None, Query(max_length=100, description="Exactly this one.")] = None,
    q: Search = None,
    issued_from: Day | None = None,
    issued_to: Day | None = None,
    due_from: Annotated[Day | None, Query(description="First day, inclusive.")] = None,
    due_to: Annotated[Day | None, Query(description="Last day, inclusive.")] = None,
    reference: Annotated[str | None, Query(max_length=200, description="Exactly; parts by `q`.")] = None,
    subscription_id: UUID | None = None,
    sent: bool | None = None,
    opened: bool | None = None,
    reminder_level: OfReminderLevel = None,
) -> Page[InvoiceData]:
    """List invoices with their lines, newest first."""
    today = work.clock.today()
    filters = InvoiceFilter(
        today=today,
        status=words(status, get_args(InvoiceStatus)),
        payment_status=payment_status,
        is_overdue=overdue,
        contact_id=contact_id,
        external_id=external_id,
        number=number,
        **search.terms(q),
        issued_from=issued_from,
        issued_to=issued_to,
        due_from=due_from,
        due_to=due_to,
        reference=reference,
        subscription_id=subscription_id,
        is_sent=sent,
        is_opened=opened,
        reminder_level=reminder_level,
    )
    rows = await invoices.find(work.tx, work.workspace_id, filters, part.window())
    return part.page(rows, lambda invoice: to_snapshot(invoice, today))


@router.get("/next-number", dependencies=[READ])
async def next_number(work: Work, on: Annotated[Day | None, Query(alias="date")] = None) -> NextNumber:
    """The number that the next invoice of this date would get: a preview, never a reservation."""
    day = on or work.clock.today()
    return NextNumber(number=await issuing.preview_number(work, numbering.INVOICES, day))


@router.get("/{invoice_id}", dependencies=[READ])
async def get(invoice_id: InvoiceId, response: Response, work: Work) -> InvoiceData:
    """Get an invoice with its lines."""
    return _reply(await invoices.get(work.tx, work.workspace_id, invoice_id), response, work)


@router.patch("/{invoice_id}", dependencies=[WRITE])
async def change(
    invoice_id: UUID,
    body: InvoiceChanges,
    response: Response,
    expected: IfMatch,
    methods: NamedInChanges,
    work: Work,
) -> InvoiceData:
    """Change a draft, and issue it with `status: open`; of an issued invoice only a little changes."""
    invoice = await operations.change_invoice(
        work,
        invoice_id,
        body.edit(),
        body.line_edits(),
        is_open=body.status == "open",
        expected_version=expected,
    )
    payment_methods.require(methods, body.payment_method_id, invoice.contact_id)
    return _reply(invoice, response, work)


@router.delete("/{invoice_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(invoice_id: UUID, work: Work) -> Response:
    """Delete a draft; an issued invoice is voided or credited instead."""
    await operations.delete_invoice(work, invoice_id)
    return Response(status_code=204)


@router.post("/{invoice_id}/issue", dependencies=[WRITE])
async def issue(invoice_id: UUID, response: Response, work: Work) -> InvoiceData:
    """Give a draft its number; from here it only gets paid, voided or credited."""
    return _reply(await operations.issue_invoice(work, invoice_id), response, work)


@router.post("/{invoice_id}/void", dependencies=[WRITE])
async def void(invoice_id: UUID, response: Response, work: Work) -> InvoiceData:
    """Cancel an issued invoice on which nothing was paid; it keeps its number."""
    return _reply(await operations.void_invoice(work, invoice_id), response, work)


@router.post("/{invoice_id}/write-off", dependencies=[WRITE])
async def write_off(
    invoice_id: UUID, response: Response, work: Work, body: WriteOff | None = None
) -> InvoiceData:
    """Give up on what an open invoice still asks for, or on part of it; it can still be paid.

    `uncollectible` once that is all that remains, `open` before. Money that comes in after all takes back
    what was written off; so does `…/write-off/reverse`.
    """
    request = body or WriteOff()
    invoice = await operations.write_off_invoice(work, invoice_id, request.amount_minor, request.reason)
    return _reply(invoice, response, work)


@router.post(
    "/{invoice_id}/write-off/reverse",
    dependencies=[WRITE],
    operation_id="invoices.reverse_write_off",
    summary="Ask again for what was written off of an invoice",
)
async def reverse_write_off(invoice_id: UUID, response: Response, work: Work) -> InvoiceData:
    """Ask again for all that was written off of an invoice."""
    return _reply(await operations.reverse_write_off(work, invoice_id), response, work)


@router.get("/{invoice_id}/events", dependencies=[READ])
async def timeline(
    invoice_id: InvoiceId,
    work: Work,
    include: Annotated[
        Literal["webhooks"] | None,
        Query(
            description="`webhooks`: with the newest 200 attempts to tell integrators, as "
            "`webhook.delivered`, `webhook.delayed` (tried again) or `webhook.failed`; takes the scope "
            "`webhooks:read`."
        ),
    ] = None,
) -> Timeline:
    """What happened to the invoice, oldest first: what, by whom, when."""
    await invoices.get(work.tx, work.workspace_id, invoice_id)
    rows = await timelines.read(work.tx, work.workspace_id, invoice_id)
    entries = [TimelineEntry(**row, type=type_) for row in rows for type_ in row["types"]]
    return Timeline(data=entries, webhooks=f"/v1/messages?subject={invoice_id}")


def _reply(invoice: Invoice, response: Response, work: Work) -> InvoiceData:
    etag.tag(response, invoice.version)
    return to_snapshot(invoice, work.clock.today())


def _result(index: int, result: InvoiceData | BillingError) -> BatchResult:
    if isinstance(result, BillingError):
        return BatchResult(index=index, status=int(result.status), error=errors.problem(result))
    return BatchResult(index=index, status=201, invoice=result)
