"""Sending invoices, and reminders of them, by hand: one route for both, here as reminders know of sending."""

from uuid import UUID

from fastapi import APIRouter, Request, status

from services.invoice.invoices.repository import invoices
from services.invoice.reminders.operations import reminders as operations
from services.invoice.sending.api.bodies import (
    Deliveries,
    DeliveryReply,
    InvoiceSending,
    ManyInvoices,
    SendResult,
    SendResults,
    to_reply,
)
from services.invoice.sending.api.deliveries import require_channels
from services.invoice.sending.operations import deliveries
from shared.http import errors
from shared.http.idempotency import Route
from shared.http.internal_auth import Who, require
from shared.http.work import Work
from shared.kernel.errors import BillingError, Invalid

router = APIRouter(prefix="/v1", route_class=Route, tags=["sending"])
WRITE = require("invoices:write")


@router.post(
    "/invoices/send", dependencies=[WRITE], summary="Send many invoices", operation_id="invoices.send_many"
)
async def send_many(body: ManyInvoices, request: Request, work: Work, who: Who) -> SendResults:
    """Send up to 100 invoices, or reminders of them; each has its own result, in the order of the request."""
    await require_channels(request, work.tx, who, list(body.channels))
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
    await require_channels(request, work.tx, who, list(sending.channels))
    return Deliveries(data=await _send_invoice(work, invoice_id, sending))


async def _send_invoice(work: Work, invoice_id: UUID, body: InvoiceSending) -> list[DeliveryReply]:
    if body.level and not body.reminder:
        raise Invalid("Only a reminder has a level.", field="level")
    send = operations.send_reminder if body.reminder else deliveries.send_invoice
    queued = await send(work, invoice_id, body.to_request(body.level or 0))
    public_url = (await invoices.get(work.tx, work.workspace_id, invoice_id)).public_url
    return [to_reply(delivery, public_url) for delivery in queued]
