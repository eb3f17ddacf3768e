"""Sending credit notes, and what became of each delivery of an invoice, credit note or quote."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from services.invoice.credit_notes import repository as credit_notes
from services.invoice.invoices.api.named import InvoiceId
from services.invoice.invoices.repository import invoices
from services.invoice.quotes import repository as quotes
from services.invoice.sending.api.bodies import (
    Deliveries,
    DeliveryReply,
    Retry,
    RetryReply,
    Sending,
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
from shared.http import etag
from shared.http.idempotency import Route
from shared.http.internal_auth import Principal, Who, require
from shared.http.pagination import Page, Slice, Sliced
from shared.http.work import Work
from shared.postgres.pool import Connection

router = APIRouter(prefix="/v1", route_class=Route, tags=["sending"])
READ, WRITE = require("invoices:read"), require("invoices:write")
QUOTES = require("quotes:read")
OfChannel = Annotated[Channel | None, Query(description="Of one channel.")]
OfStatus = Annotated[DeliveryStatus | None, Query(description="In one status.")]


@router.get(
    "/invoices/{invoice_id}/deliveries",
    dependencies=[READ],
    summary="List an invoice's deliveries",
)
async def list_of_invoice(
    invoice_id: InvoiceId, part: Sliced, work: Work, channel: OfChannel = None, status: OfStatus = None
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
async def get(invoice_id: InvoiceId, delivery_id: UUID, response: Response, work: Work) -> DeliveryReply:
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
    await require_channels(request, work.tx, who, list(sending.channels))
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


async def _page(
    work: Work, wanted: DeliveryFilter, part: Slice, public_url: str | None = None
) -> Page[DeliveryReply]:
    tx, workspace_id = work.tx, work.workspace_id
    page = await deliveries.find(tx, workspace_id, wanted, part.window())
    return part.page(page, lambda delivery: to_reply(delivery, public_url))
