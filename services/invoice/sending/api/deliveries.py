"""Sending invoices, reminders, credit notes and quotes, and what became of each delivery."""

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
from services.invoice.sending.domain.channel_setting import SendingTools
from services.invoice.sending.domain.delivery import Channel
from services.invoice.sending.operations import channel_settings
from services.invoice.sending.operations import deliveries as operations
from services.invoice.sending.repository import deliveries
from services.invoice.sending.repository.deliveries import DeliveryFilter
from shared.events.delivery import DeliveryStatus
from shared.http import errors, etag
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Page, Slice, Sliced
from shared.http.work import Work
from shared.kernel.errors import BillingError, Invalid
from shared.postgres.pool import Connection

router = APIRouter(prefix="/v1", route_class=Route, tags=["sending"])
READ, WRITE = require("invoices:read"), require("invoices:write")
QUOTES = require("quotes:read")
OfChannel = Annotated[Channel | None, Query(description="Of one channel.")]
OfStatus = Annotated[DeliveryStatus | None, Query(description="In one status.")]


@router.post("/invoices/send", dependencies=[WRITE], summary="Send many invoices")
async def send_many(body: ManyInvoices, request: Request, work: Work, who: Who) -> SendResults:
    """Send up to 100 invoices, or reminders of them; each has its own result, in the order of the request."""
    await _require_channels(request, work, who, body)
    results = []
    for index, invoice_id in enumerate(body.invoice_ids):
        try:
            async with work.savepoint():
                sent = await _send_invoice(work, invoice_id, body)
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
    invoice_id: UUID, request: Request, work: Work, who: Who, body: InvoiceSending | None = None
) -> Deliveries:
    """Send it by e-mail, SMS or link, or with `reminder` a reminder of it; a draft is issued first.

    What is queued here leaves within seconds; its status tells how it went. A link is in the reply.
    """
    sending = body or InvoiceSending()
    await _require_channels(request, work, who, sending)
    return Deliveries(data=await _send_invoice(work, invoice_id, sending))


@router.get(
    "/invoices/{invoice_id}/deliveries",
    dependencies=[READ],
    summary="List an invoice's deliveries",
)
async def list_of_invoice(
    invoice_id: UUID, part: Sliced, work: Work, channel: OfChannel = None, status: OfStatus = None
) -> Page[DeliveryReply]:
    """List how the invoice and its reminders were sent, newest first."""
    invoice = await invoices.get(work.tx, work.workspace_id, invoice_id)
    wanted = DeliveryFilter(document_id=invoice_id, channel=channel, status=status and [status])
    return await _page(work, wanted, part, invoice.public_url)


@router.get(
    "/invoices/{invoice_id}/deliveries/{delivery_id}",
    dependencies=[READ],
    summary="Get a delivery of an invoice",
)
async def get(invoice_id: UUID, delivery_id: UUID, response: Response, work: Work) -> DeliveryReply:
    """Get one delivery of the invoice."""
    invoice = await invoices.get(work.tx, work.workspace_id, invoice_id)
    delivery = await deliveries.get(work.tx, work.workspace_id, invoice_id, delivery_id)
    etag.tag(response, delivery.version)
    return to_reply(delivery, invoice.public_url)


@router.post(
    "/invoices/{invoice_id}/deliveries/{delivery_id}/retry",
    dependencies=[WRITE],
    summary="Try a delivery again",
)
async def retry(
    invoice_id: UUID, delivery_id: UUID, response: Response, work: Work, body: Retry | None = None
) -> RetryReply:
    """Try again what failed, bounced, or never told how it went; the last may then arrive twice.

    It goes to the contact's present address, unless the delivery had one of its own or `to` is `original`.
    """
    before = await deliveries.get(work.tx, work.workspace_id, invoice_id, delivery_id)
    retried = await operations.retry_delivery(work, invoice_id, delivery_id, body.to if body else None)
    etag.tag(response, retried.version)
    return to_retry_reply(retried, before)


@router.post(
    "/credit-notes/{credit_note_id}/send",
    status_code=status.HTTP_202_ACCEPTED,
    dependencies=[WRITE],
    summary="Send a credit note",
)
async def send_credit_note(
    credit_note_id: UUID, request: Request, work: Work, who: Who, body: Sending | None = None
) -> Deliveries:
    """Send it by e-mail, with its PDF."""
    sending = body or Sending()
    await _require_channels(request, work, who, sending)
    queued = await operations.send_credit_note(work, credit_note_id, sending.to_request())
    return Deliveries(data=[to_reply(delivery) for delivery in queued])


@router.get(
    "/credit-notes/{credit_note_id}/deliveries",
    dependencies=[READ],
    summary="List a credit note's deliveries",
)
async def list_of_credit_note(credit_note_id: UUID, part: Sliced, work: Work) -> Page[DeliveryReply]:
    """List how the credit note was sent, newest first."""
    await credit_notes.get(work.tx, work.workspace_id, credit_note_id)
    return await _page(work, DeliveryFilter(document_id=credit_note_id), part)


@router.get(
    "/quotes/{quote_id}/deliveries",
    dependencies=[QUOTES],
    summary="List a quote's deliveries",
)
async def list_of_quote(quote_id: UUID, part: Sliced, work: Work) -> Page[DeliveryReply]:
    """List how the quote was sent, newest first."""
    await quotes.get(work.tx, work.workspace_id, quote_id)
    return await _page(work, DeliveryFilter(document_id=quote_id), part)


async def require_channels(request: Request, tx: Connection, who: Principal, channels: list[Channel]) -> None:
    """Raise ChannelNotConfigured where a live workspace has no way to send over one of them."""
    tools: SendingTools = request.app.state.sending
    if who.mode == "live":
        await channel_settings.require_channels(tx, who.workspace_id, channels, tools)


async def _require_channels(request: Request, work: Work, who: Principal, body: Sending) -> None:
    await require_channels(request, work.tx, who, list(body.channels))


async def _send_invoice(work: Work, invoice_id: UUID, body: InvoiceSending) -> list[DeliveryReply]:
    if body.level and not body.reminder:
        raise Invalid("Only a reminder has a level.", field="level")
    queued = await operations.send_invoice(
        work, invoice_id, body.to_request(body.level or 0), is_reminder=body.reminder
    )
    public_url = (await invoices.get(work.tx, work.workspace_id, invoice_id)).public_url
    return [to_reply(delivery, public_url) for delivery in queued]


async def _page(
    work: Work, wanted: DeliveryFilter, part: Slice, public_url: str | None = None
) -> Page[DeliveryReply]:
    tx, workspace_id = work.tx, work.workspace_id
    page = await deliveries.find(tx, workspace_id, wanted, part.window())
    total = await deliveries.count(tx, workspace_id, wanted) if part.wants_total else None
    return part.page([to_reply(delivery, public_url) for delivery in page], total)
