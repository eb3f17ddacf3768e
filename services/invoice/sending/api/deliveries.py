"""HTTP in: sending invoices, reminders, credit notes and quotes, and what became of each delivery."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.invoices.repository import invoices
from services.invoice.quotes import repository as quotes
from services.invoice.sending.api.bodies import (
    Deliveries,
    DeliveryReply,
    InvoiceSending,
    ManyInvoices,
    Retry,
    RetryReply,
    Sending,
    SendResult,
    SendResults,
    to_reply,
    to_retry_reply,
)
from services.invoice.sending.domain.delivery import Channel, Delivery
from services.invoice.sending.operations import channel_settings
from services.invoice.sending.operations import deliveries as operations
from services.invoice.sending.operations.channel_settings import SendingTools
from services.invoice.sending.repository import deliveries
from shared.events.delivery import DeliveryStatus
from shared.http import errors, etag
from shared.http.idempotency import Route
from shared.http.internal_auth import Now, Principal, Who, require
from shared.http.pagination import Page, Slice, Sliced
from shared.http.transactions import Tx
from shared.kernel.clock import Clock
from shared.kernel.errors import BillingError, Invalid
from shared.postgres.pool import Connection
from shared.postgres.transaction import savepoint

router = APIRouter(prefix="/v1", route_class=Route, tags=["sending"])
READ, WRITE = require("invoices:read"), require("invoices:write")
QUOTES = require("quotes:read")
OfChannel = Annotated[Channel | None, Query(description="Of one channel.")]
OfStatus = Annotated[DeliveryStatus | None, Query(description="In one status.")]


@router.post("/invoices/send", dependencies=[WRITE], summary="Send many invoices")
async def send_many(body: ManyInvoices, request: Request, tx: Tx, who: Who, clock: Now) -> SendResults:
    """Send up to 100 invoices, or reminders of them; each has its own result, in the order of the request."""
    await _require_channels(request, tx, who, body)
    results = []
    for index, invoice_id in enumerate(body.invoice_ids):
        try:
            async with savepoint(tx):
                sent = await _send_invoice(tx, who, invoice_id, body, clock)
            result = SendResult(index=index, invoice_id=invoice_id, status=202, deliveries=sent)
        except BillingError as error:
            problem, code = errors.problem(error), int(error.status)
            result = SendResult(index=index, invoice_id=invoice_id, status=code, error=problem)
        results.append(result)
    return SendResults(data=results)


@router.post(
    "/invoices/{invoice_id}/send",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[WRITE],
    summary="Send an invoice",
)
async def send(
    invoice_id: UUID, request: Request, tx: Tx, who: Who, clock: Now, body: InvoiceSending | None = None
) -> Deliveries:
    """Send it by e-mail, SMS or link, or with `reminder` a reminder of it; a draft is issued first.

    What is queued here leaves within seconds; its status tells how it went. A link is in the reply.
    """
    wanted = body or InvoiceSending()
    await _require_channels(request, tx, who, wanted)
    return Deliveries(data=await _send_invoice(tx, who, invoice_id, wanted, clock))


@router.get(
    "/invoices/{invoice_id}/deliveries",
    dependencies=[READ],
    summary="List an invoice's deliveries",
)
async def list_of_invoice(
    invoice_id: UUID,
    part: Sliced,
    tx: Tx,
    who: Who,
    channel: OfChannel = None,
    status: OfStatus = None,
) -> Page[DeliveryReply]:
    """List how the invoice and its reminders were sent, newest first."""
    invoice = await invoices.get(tx, who.workspace_id, invoice_id)
    return await _page(tx, who, invoice_id, part, channel, status, invoice.public_url)


@router.get(
    "/invoices/{invoice_id}/deliveries/{delivery_id}",
    dependencies=[READ],
    summary="Get a delivery of an invoice",
)
async def get(invoice_id: UUID, delivery_id: UUID, response: Response, tx: Tx, who: Who) -> DeliveryReply:
    """Get one delivery of the invoice."""
    invoice = await invoices.get(tx, who.workspace_id, invoice_id)
    found = await deliveries.get(tx, who.workspace_id, invoice_id, delivery_id)
    etag.tag(response, found.version)
    return to_reply(found, invoice.public_url)


@router.post(
    "/invoices/{invoice_id}/deliveries/{delivery_id}/retry",
    dependencies=[WRITE],
    summary="Try a delivery again",
)
async def retry(
    invoice_id: UUID,
    delivery_id: UUID,
    response: Response,
    tx: Tx,
    who: Who,
    clock: Now,
    body: Retry | None = None,
) -> RetryReply:
    """Try again what failed, bounced, or never told how it went; the last may then arrive twice.

    It goes to the contact's present address, unless the delivery had one of its own or `to` is `original`.
    """
    known = await deliveries.get(tx, who.workspace_id, invoice_id, delivery_id)
    to = body.to if body else None
    found = await operations.retry_delivery(tx, who.workspace_id, invoice_id, delivery_id, to, clock)
    etag.tag(response, found.version)
    return to_retry_reply(found, known)


@router.post(
    "/credit-notes/{credit_note_id}/send",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[WRITE],
    summary="Send a credit note",
)
async def send_credit_note(
    credit_note_id: UUID, request: Request, tx: Tx, who: Who, clock: Now, body: Sending | None = None
) -> Deliveries:
    """Send it by e-mail, with its PDF."""
    wanted = body or Sending()
    await _require_channels(request, tx, who, wanted)
    made = await operations.send_credit_note(tx, who.workspace_id, credit_note_id, wanted.to_request(), clock)
    return Deliveries(data=[to_reply(delivery) for delivery in made])


@router.get(
    "/credit-notes/{credit_note_id}/deliveries",
    dependencies=[READ],
    summary="List a credit note's deliveries",
)
async def list_of_credit_note(credit_note_id: UUID, part: Sliced, tx: Tx, who: Who) -> Page[DeliveryReply]:
    """List how the credit note was sent, newest first."""
    await credit_notes.get(tx, who.workspace_id, credit_note_id)
    return await _page(tx, who, credit_note_id, part)


@router.get(
    "/quotes/{quote_id}/deliveries",
    dependencies=[QUOTES],
    summary="List a quote's deliveries",
)
async def list_of_quote(quote_id: UUID, part: Sliced, tx: Tx, who: Who) -> Page[DeliveryReply]:
    """List how the quote was sent, newest first."""
    await quotes.get(tx, who.workspace_id, quote_id)
    return await _page(tx, who, quote_id, part)


async def require_channels(request: Request, tx: Connection, who: Principal, channels: list[Channel]) -> None:
    """Raise ChannelNotConfigured where a live workspace has no way to send over one of them."""
    tools: SendingTools = request.app.state.sending
    if who.mode == "live":
        await channel_settings.require_channels(tx, who.workspace_id, channels, tools)


async def _require_channels(request: Request, tx: Connection, who: Principal, body: Sending) -> None:
    await require_channels(request, tx, who, list(body.channels))


async def _send_invoice(
    tx: Connection, who: Principal, invoice_id: UUID, body: InvoiceSending, clock: Clock
) -> list[DeliveryReply]:
    if body.level and not body.reminder:
        raise Invalid("Only a reminder has a level.", field="level")
    made: list[Delivery] = await operations.send_invoice(
        tx, who.workspace_id, invoice_id, body.to_request(body.level or 0), clock, is_reminder=body.reminder
    )
    public_url = (await invoices.get(tx, who.workspace_id, invoice_id)).public_url
    return [to_reply(delivery, public_url) for delivery in made]


async def _page(
    tx: Connection,
    who: Principal,
    document_id: UUID,
    part: Slice,
    channel: str | None = None,
    status: str | None = None,
    public_url: str | None = None,
) -> Page[DeliveryReply]:
    filters = {"channel": channel, "status": status, **part.rows()}
    found = await deliveries.find(tx, who.workspace_id, document_id, filters)
    total = await deliveries.count(tx, who.workspace_id, document_id, filters) if part.wants_total else None
    return part.page([to_reply(delivery, public_url) for delivery in found], total)
