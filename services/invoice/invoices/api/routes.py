"""HTTP in: invoices."""

from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from services.invoice.common.api.filters import words
from services.invoice.common.repository import changes
from services.invoice.invoices.api.bodies import InvoiceBatch, InvoiceChanges, NewInvoice, WriteOff
from services.invoice.invoices.api.replies import BatchReply, NextNumber, Timeline
from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.domain.snapshot import to_snapshot
from services.invoice.invoices.operations import batch, issuing
from services.invoice.invoices.operations import invoices as operations
from services.invoice.invoices.repository import invoices
from services.invoice.numbers import domain as numbering
from shared.events.invoice import InvoiceData, InvoiceStatus, PaymentStatus
from shared.http import errors, etag, payment_methods
from shared.http.etag import IfMatch
from shared.http.fields import Day
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Who, require
from shared.http.pagination import Page, Sliced
from shared.http.transactions import Tx
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError

router = APIRouter(prefix="/v1/invoices", route_class=Route, tags=["invoices"])
READ, WRITE = require("invoices:read"), require("invoices:write")
OfReminderLevel = Annotated[
    int | None, Query(ge=0, le=4, description="Reminded of so far; 4: ready to be handed over.")
]


async def _named_in(body: NewInvoice, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


async def _named_in_changes(body: InvoiceChanges, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [body.payment_method_id])


async def _named_in_batch(body: InvoiceBatch, request: Request) -> payment_methods.Named:
    return await payment_methods.named(request, [one.payment_method_id for one in body.invoices])


# Before Tx among the arguments, so that the owner is asked before the request's transaction opens.
Named = Annotated[payment_methods.Named, Depends(_named_in)]
NamedInChanges = Annotated[payment_methods.Named, Depends(_named_in_changes)]
NamedInBatch = Annotated[payment_methods.Named, Depends(_named_in_batch)]


@router.post("", status_code=status.HTTP_201_CREATED, response_model=InvoiceData, dependencies=[WRITE])
async def create(body: NewInvoice, response: Response, methods: Named, tx: Tx, who: Who, clock: Now) -> Any:
    """Create a draft, or with `status: open` an issued invoice; totals are computed."""
    payment_methods.require(methods, body.payment_method_id, body.contact_id)
    lines = [line.model_dump() for line in body.lines]
    invoice = await operations.create_invoice(
        tx, who.workspace_id, body.fields(), lines, who.currency, clock, is_open=body.status == "open"
    )
    return _reply(invoice, response, clock)


@router.post("/batch", response_model=BatchReply, dependencies=[WRITE])
async def create_batch(body: InvoiceBatch, methods: NamedInBatch, tx: Tx, who: Who, clock: Now) -> Any:
    """Create up to 500 invoices; each has its own result, in the order of the request."""
    refused = [
        payment_methods.refusal(methods, one.payment_method_id, one.contact_id) for one in body.invoices
    ]
    wanted = [
        (one.fields(), [line.model_dump() for line in one.lines], one.status == "open")
        for one, error in zip(body.invoices, refused, strict=True)
        if error is None
    ]
    made = iter(await batch.create_invoices(tx, who.workspace_id, wanted, who.currency, clock))
    results = [error or next(made) for error in refused]
    return {"data": [_result(index, result, clock) for index, result in enumerate(results)]}


@router.get("", response_model=Page[InvoiceData], dependencies=[READ])
async def list_(
    part: Sliced,
    tx: Tx,
    who: Who,
    clock: Now,
    status: Annotated[
        list[str] | None, Query(description="One or several, repeated or comma-separated.")
    ] = None,
    payment_status: PaymentStatus | None = None,
    overdue: bool | None = None,
    contact_id: UUID | None = None,
    external_id: Annotated[str | None, Query(max_length=200)] = None,
    q: Annotated[str | None, Query(max_length=200, description="Part of number, reference or name.")] = None,
    issued_from: Day | None = None,
    issued_to: Day | None = None,
    subscription_id: UUID | None = None,
    sent: bool | None = None,
    opened: bool | None = None,
    reminder_level: OfReminderLevel = None,
) -> Any:
    """List invoices with their lines, newest first."""
    filters = {
        "status": words(status, get_args(InvoiceStatus)),
        "payment_status": payment_status,
        "overdue": overdue,
        "today": clock.today(),
        "contact_id": contact_id,
        "external_id": external_id,
        "q": q,
        "issued_from": issued_from,
        "issued_to": issued_to,
        "subscription_id": subscription_id,
        "sent": sent,
        "opened": opened,
        "reminder_level": reminder_level,
        **part.rows(),
    }
    found = await invoices.find(tx, who.workspace_id, filters)
    total = await invoices.count(tx, who.workspace_id, filters) if part.wants_total else None
    return part.page([to_snapshot(invoice, clock.today()) for invoice in found], total)


@router.get("/next-number", response_model=NextNumber, dependencies=[READ])
async def next_number(
    tx: Tx, who: Who, clock: Now, on: Annotated[Day | None, Query(alias="date")] = None
) -> Any:
    """The number that the next invoice of this date would get: a preview, never a reservation."""
    number = await issuing.preview(tx, who.workspace_id, numbering.INVOICES, on or clock.today(), clock)
    return NextNumber(number=number)


@router.get("/{invoice_id}", response_model=InvoiceData, dependencies=[READ])
async def get(invoice_id: UUID, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """Get an invoice with its lines."""
    return _reply(await invoices.get(tx, who.workspace_id, invoice_id), response, clock)


@router.patch("/{invoice_id}", response_model=InvoiceData, dependencies=[WRITE])
async def change(
    invoice_id: UUID,
    body: InvoiceChanges,
    response: Response,
    expected: IfMatch,
    methods: NamedInChanges,
    tx: Tx,
    who: Who,
    clock: Now,
) -> Any:
    """Change a draft, and issue it with `status: open`; of an issued invoice only a little changes."""
    invoice = await operations.change_invoice(
        tx,
        who.workspace_id,
        invoice_id,
        body.fields(),
        body.new_lines(),
        clock,
        is_open=body.status == "open",
        expected_version=expected,
    )
    payment_methods.require(methods, body.payment_method_id, invoice.contact_id)
    return _reply(invoice, response, clock)


@router.delete("/{invoice_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[WRITE])
async def delete(invoice_id: UUID, tx: Tx, who: Who, clock: Now) -> Response:
    """Delete a draft; an issued invoice is voided or credited instead."""
    await operations.delete_invoice(tx, who.workspace_id, invoice_id, clock)
    return Response(status_code=204)


@router.post("/{invoice_id}/issue", response_model=InvoiceData, dependencies=[WRITE])
async def issue(invoice_id: UUID, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """Give a draft its number; from here it only gets paid, voided or credited."""
    return _reply(await operations.issue_invoice(tx, who.workspace_id, invoice_id, clock), response, clock)


@router.post("/{invoice_id}/void", response_model=InvoiceData, dependencies=[WRITE])
async def void(invoice_id: UUID, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """Cancel an issued invoice on which nothing was paid; it keeps its number."""
    return _reply(await operations.void_invoice(tx, who.workspace_id, invoice_id, clock), response, clock)


@router.post("/{invoice_id}/write-off", response_model=InvoiceData, dependencies=[WRITE])
async def write_off(
    invoice_id: UUID, response: Response, tx: Tx, who: Who, clock: Now, body: WriteOff | None = None
) -> Any:
    """Give up on what an open invoice still asks for, or on part of it; it can still be paid.

    `uncollectible` once that is all that remains, `open` before. Money that comes in after all takes back
    what was written off; so does `…/write-off/reverse`.
    """
    wish = body or WriteOff()
    invoice = await operations.write_off_invoice(
        tx, who.workspace_id, invoice_id, clock, wish.amount_minor, wish.reason
    )
    return _reply(invoice, response, clock)


@router.post("/{invoice_id}/write-off/reverse", response_model=InvoiceData, dependencies=[WRITE])
async def reverse_write_off(invoice_id: UUID, response: Response, tx: Tx, who: Who, clock: Now) -> Any:
    """Ask again for all that was written off of an invoice."""
    return _reply(
        await operations.reverse_write_off(tx, who.workspace_id, invoice_id, clock), response, clock
    )


@router.get("/{invoice_id}/events", response_model=Timeline, dependencies=[READ])
async def timeline(
    invoice_id: UUID,
    tx: Tx,
    who: Who,
    include: Annotated[
        Literal["webhooks"] | None,
        Query(
            description="`webhooks`: with the newest 200 attempts to tell integrators, as "
            "`webhook.delivered`, `webhook.delayed` (tried again) or `webhook.failed`; takes the scope "
            "`webhooks:read`."
        ),
    ] = None,
) -> Any:
    """What happened to the invoice, oldest first: what, by whom, when."""
    await invoices.get(tx, who.workspace_id, invoice_id)
    rows = await changes.timeline(tx, who.workspace_id, "invoice", invoice_id)
    entries = [{**row, "type": type_} for row in rows for type_ in row["types"]]
    return {"data": entries, "webhooks": f"/v1/messages?subject={invoice_id}"}


def _reply(invoice: Invoice, response: Response, clock: Clock) -> InvoiceData:
    etag.tag(response, invoice.version)
    return to_snapshot(invoice, clock.today())


def _result(index: int, result: Invoice | BillingError, clock: Clock) -> dict[str, Any]:
    if isinstance(result, Invoice):
        return {"index": index, "status": 201, "invoice": to_snapshot(result, clock.today())}
    return {"index": index, "status": int(result.status), "error": errors.problem(result)}
