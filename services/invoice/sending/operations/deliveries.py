"""Queues documents to be sent, and tries deliveries again; `sending/workers/send.py` sends what is queued."""

from dataclasses import replace
from uuid import UUID

from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts import repository as contacts
from services.invoice.contacts.domain import Contact
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.documents.domain.print_model import Kind
from services.invoice.invoices.domain.invoice import Status
from services.invoice.invoices.operations.invoices import issue_invoice
from services.invoice.invoices.repository import invoices
from services.invoice.quotes import repository as quotes
from services.invoice.quotes.domain import Quote
from services.invoice.quotes.operations import send_quote
from services.invoice.sending.domain import delivery as delivery_rules
from services.invoice.sending.domain import sendable
from services.invoice.sending.domain.delivery import (
    Channel,
    Delivery,
    DeliveryChange,
    DeliveryRequest,
    RecipientRefused,
    RetryTo,
)
from services.invoice.sending.domain.sendable import SendableDocument
from services.invoice.sending.operations import invoice_marks
from services.invoice.sending.repository import deliveries
from shared.kernel import context
from shared.kernel.errors import IllegalMove
from shared.messaging.work import Work


async def queue_deliveries(
    work: Work, document: SendableDocument, request: DeliveryRequest
) -> list[Delivery]:
    """One delivery for each channel of the request, in its order; workers send them once this is committed.

    `document` is an invoice (which the caller has locked, issued, and found worth sending), a credit note or
    a quote. What was asked for before, by the same channel, level and dedupe key, is given back as it stands.
    A link is sent at once. Raises RecipientMissing or RecipientRefused, which name the field, or
    ChannelNotOffered; then nothing is queued.
    """
    contact = await contacts.get(work.tx, work.workspace_id, document.contact_id)
    request = _check_addresses(request, contact)
    kind, now = sendable.kind_of(document), work.clock.now()
    new = []
    for channel in dict.fromkeys(request.channels):
        recipient = sendable.recipient_of(contact, channel, request, kind)
        if recipient and not request.is_forced:
            await _require_not_refused(work, channel, recipient)
        new.append(sendable.new_delivery(document, channel, recipient, request, now))
    return [await _insert(work, delivery) for delivery in new]


async def queue_by_hand(work: Work, document: SendableDocument, request: DeliveryRequest) -> list[Delivery]:
    """Each request by hand is another delivery, but while one to the same address is still to leave."""
    before = await deliveries.of_document(work.tx, work.workspace_id, document.id)
    queued: list[Delivery] = []
    for channel in dict.fromkeys(request.channels):
        resting_count = sum(
            (delivery.channel, delivery.level) == (channel, request.level) and delivery.is_resting
            for delivery in before
        )
        key = f"by-hand-{resting_count}:{request.recipient(channel) or ''}"
        queued += await queue_deliveries(
            work, document, replace(request, channels=(channel,), dedupe_key=key)
        )
    return queued


async def send_invoice(work: Work, invoice_id: UUID, request: DeliveryRequest) -> list[Delivery]:
    """Send the invoice itself; a draft is issued first, in the same transaction.

    Raises NotFound, InvoiceIsVoid, what issuing raises and what `queue_deliveries` raises.
    """
    invoice = await invoices.lock(work.tx, work.workspace_id, invoice_id)
    if invoice.status is Status.DRAFT:
        invoice = await issue_invoice(work, invoice_id)
    sendable.require_sendable(invoice, level=0)
    return await queue_by_hand(work, invoice, request)


async def send_credit_note(work: Work, credit_note_id: UUID, request: DeliveryRequest) -> list[Delivery]:
    """Send the credit note; raises NotFound and what `queue_deliveries` raises."""
    note = await credit_notes.get(work.tx, work.workspace_id, credit_note_id)
    return await queue_by_hand(work, note, request)


async def offer_quote(work: Work, quote_id: UUID, request: DeliveryRequest) -> Quote:
    """Offer the quote and send it over the request's channels, if any; raises what each of both raises."""
    quote = await send_quote(work, quote_id)
    await queue_by_hand(work, quote, request)
    return quote


async def retry_delivery(work: Work, document_id: UUID, delivery_id: UUID, to: RetryTo | None) -> Delivery:
    """Try a delivery again that failed, bounced, or never told how it went.

    Without `to` it goes to the contact's address of now, unless whoever sent it gave one. Raises NotFound,
    DeliveryUnderWay or RecipientMissing; IllegalMove where the document must not go out any more.
    """
    tx, workspace_id = work.tx, work.workspace_id
    delivery = await deliveries.lock(tx, workspace_id, document_id, delivery_id)
    document = await load_document(work, delivery.kind, document_id)
    if sendable.is_outdated(document, delivery.level):
        raise IllegalMove("The document is not to be sent any more.", field="status")
    contact = await contacts.get(tx, workspace_id, delivery.contact_id)
    recipient = sendable.recipient_of_retry(contact, delivery, to)
    change = delivery_rules.retry(delivery, recipient, work.clock.now())
    await deliveries.remove_refused(tx, change.delivery)
    await deliveries.save(tx, change)
    await deliveries.add_to_timeline(tx, change, context.actor.get())
    return await deliveries.get(tx, workspace_id, document_id, delivery_id)


async def load_document(work: Work, kind: Kind, document_id: UUID) -> SendableDocument:
    """The invoice, credit note or quote with its lines; raises NotFound."""
    if kind == "invoice":
        return await invoices.get(work.tx, work.workspace_id, document_id)
    if kind == "quote":
        return await quotes.get(work.tx, work.workspace_id, document_id)
    return await credit_notes.get(work.tx, work.workspace_id, document_id)


async def _insert(work: Work, delivery: Delivery) -> Delivery:
    stored = await deliveries.insert(work.tx, delivery)
    if stored is None:
        return await deliveries.of_request(work.tx, delivery)
    is_link = delivery.channel == "link"
    if is_link and delivery.is_of_invoice_itself:
        await invoice_marks.mark_sent(work, delivery.document_id)
    change = DeliveryChange(stored, None, ("sent",) if is_link else ("queued",))
    await deliveries.add_to_timeline(work.tx, change, context.actor.get())
    return stored


async def _require_not_refused(work: Work, channel: Channel, recipient: str) -> None:
    if await deliveries.has_refused(work.tx, work.workspace_id, channel, recipient):
        raise RecipientRefused(field=delivery_rules.ADDRESS_FIELDS[channel], recipient=recipient)


def _check_addresses(request: DeliveryRequest, contact: Contact) -> DeliveryRequest:
    """The request with its addresses in their normal form; raises Invalid naming the field."""
    return contact_rules.normalize(request, contact.country)
