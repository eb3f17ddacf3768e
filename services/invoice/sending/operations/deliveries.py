"""Queues documents to be sent, and tries deliveries again; `sending/workers/send.py` sends what is queued."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.invoice.contacts import domain as contact_rules
from services.invoice.contacts import repository as contacts
from services.invoice.contacts.domain import Contact
from services.invoice.credit_notes import repository as credit_notes
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.invoices.operations.invoices import issue_invoice, record
from services.invoice.invoices.repository import invoices
from services.invoice.quotes.domain import Quote
from services.invoice.quotes.operations import send_quote
from services.invoice.reminders.operations import reminders
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
from services.invoice.sending.repository import deliveries, sent_documents
from shared.events.invoice import InvoiceSent, InvoiceUpdated
from shared.kernel import context
from shared.kernel.clock import Clock
from shared.kernel.errors import IllegalMove
from shared.postgres.pool import Connection


async def queue_deliveries(
    tx: Connection, document: SendableDocument, request: DeliveryRequest, clock: Clock
) -> list[Delivery]:
    """One delivery for each channel of the request, in its order; workers send them once this is committed.

    `document` is an invoice (which the caller has locked, issued, and found worth sending), a credit note or
    a quote. What was asked for before, by the same channel, level and dedupe key, is given back as it stands.
    A link is sent at once. Raises RecipientMissing or RecipientRefused, which name the field, or
    ChannelNotOffered; then nothing is queued.
    """
    contact = await contacts.get(tx, document.workspace_id, document.contact_id)
    request = _check_addresses(request, contact)
    kind, now = sendable.kind_of(document), clock.now()
    made = []
    for channel in dict.fromkeys(request.channels):
        recipient = sendable.recipient_of(contact, channel, request, kind)
        await _require_not_refused(tx, contact, channel, recipient, request)
        made.append(
            delivery_rules.new_delivery(
                document.workspace_id, kind, document.id, contact.id, channel, recipient, request, now
            )
        )
    return [await _insert(tx, delivery, clock) for delivery in made]


async def send_invoice(
    tx: Connection,
    workspace_id: UUID,
    invoice_id: UUID,
    request: DeliveryRequest,
    clock: Clock,
    *,
    is_reminder: bool,
) -> list[Delivery]:
    """Send the invoice, or a reminder of it; a draft is issued first, in the same transaction.

    A reminder without a level follows the last one, up to the second. Raises NotFound, InvoiceIsVoid,
    NothingToRemindOf, what issuing raises and what `queue` raises.
    """
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    began_at = clock.now()
    if is_reminder and not request.level:
        known = await deliveries.of_document(tx, workspace_id, invoice_id)
        request = replace(request, level=_next_level(invoice, known))
    if invoice.status is Status.DRAFT and not is_reminder:
        invoice = await issue_invoice(tx, workspace_id, invoice_id, clock)
    sendable.require_sendable(invoice, request.level)
    made = await _queue_by_hand(tx, invoice, request, clock)
    if is_reminder and any(one.created_at >= began_at for one in made):
        await reminders.mark_reminded(tx, invoice, request.level, clock)
    return made


async def send_credit_note(
    tx: Connection, workspace_id: UUID, credit_note_id: UUID, request: DeliveryRequest, clock: Clock
) -> list[Delivery]:
    """Send the credit note; raises NotFound and what `queue` raises."""
    note = await credit_notes.get(tx, workspace_id, credit_note_id)
    return await _queue_by_hand(tx, note, request, clock)


async def offer_quote(
    tx: Connection, workspace_id: UUID, quote_id: UUID, request: DeliveryRequest, clock: Clock
) -> Quote:
    """Offer the quote and send it over the request's channels, if any; raises what each of both raises."""
    quote = await send_quote(tx, workspace_id, quote_id, clock)
    await _queue_by_hand(tx, quote, request, clock)
    return quote


async def retry_delivery(
    tx: Connection,
    workspace_id: UUID,
    document_id: UUID,
    delivery_id: UUID,
    to: RetryTo | None,
    clock: Clock,
) -> Delivery:
    """Try a delivery again that failed, bounced, or never told how it went.

    Without `to` it goes to the contact's address of now, unless whoever sent it gave one. Raises NotFound,
    DeliveryUnderWay or RecipientMissing; IllegalMove where the document must not go out any more.
    """
    known = await deliveries.lock(tx, workspace_id, document_id, delivery_id)
    document = await sent_documents.get(tx, workspace_id, known.kind, document_id)
    if sendable.is_outdated(document, known.level):
        raise IllegalMove("The document is not to be sent any more.", field="status")
    contact = await contacts.get(tx, workspace_id, known.contact_id)
    step = delivery_rules.retry(known, sendable.recipient_of_retry(contact, known, to), clock.now())
    await deliveries.remove_refused(tx, step.delivery)
    await deliveries.save(tx, step)
    await deliveries.add_to_timeline(tx, step, context.actor.get())
    return await deliveries.get(tx, workspace_id, document_id, delivery_id)


async def mark_invoice_sent(tx: Connection, workspace_id: UUID, invoice_id: UUID, clock: Clock) -> None:
    """The invoice itself went out: the first time that is told of. Raises NotFound."""
    invoice = await invoices.lock(tx, workspace_id, invoice_id)
    if invoice.sent_at is None:
        sent = sendable.mark_sent(invoice, clock.now())
        await invoices.update(tx, sent)
        await record(tx, sent, clock, InvoiceUpdated, InvoiceSent)


def _next_level(invoice: Invoice, known: Sequence[Delivery]) -> int:
    """That of the reminder that is still to leave, so that asking twice sends one; else the next."""
    leaving = [one.level for one in known if one.level and not one.is_resting]
    sent = {invoice.reminder_level, *(one.level for one in known)}
    return max(leaving) if leaving else sendable.next_reminder_level(sent)


async def _queue_by_hand(
    tx: Connection, document: SendableDocument, request: DeliveryRequest, clock: Clock
) -> list[Delivery]:
    """Each request by hand is another delivery, but while one to the same address is still to leave."""
    known = await deliveries.of_document(tx, document.workspace_id, document.id)
    queued: list[Delivery] = []
    for channel in dict.fromkeys(request.channels):
        same = [
            one for one in known if (one.channel, one.level) == (channel, request.level) and one.is_resting
        ]
        key = f"by-hand-{len(same)}:{request.recipient(channel) or ''}"
        queued += await queue_deliveries(
            tx, document, replace(request, channels=(channel,), dedupe_key=key), clock
        )
    return queued


async def _insert(tx: Connection, delivery: Delivery, clock: Clock) -> Delivery:
    stored = await deliveries.insert(tx, delivery)
    if stored is None:
        return await deliveries.of_request(tx, delivery)
    happened = ("sent",) if delivery.channel == "link" else ("queued",)
    if delivery.channel == "link" and delivery.kind == "invoice" and delivery.level == 0:
        await mark_invoice_sent(tx, delivery.workspace_id, delivery.document_id, clock)
    await deliveries.add_to_timeline(tx, DeliveryChange(stored, None, happened), context.actor.get())
    return stored


async def _require_not_refused(
    tx: Connection, contact: Contact, channel: Channel, recipient: str | None, request: DeliveryRequest
) -> None:
    if recipient is None or request.is_forced:
        return
    if await deliveries.has_refused(tx, contact.workspace_id, channel, recipient):
        raise RecipientRefused(field=delivery_rules.ADDRESS_FIELDS[channel], recipient=recipient)


def _check_addresses(request: DeliveryRequest, contact: Contact) -> DeliveryRequest:
    """The request with its addresses in their normal form; raises Invalid naming the field."""
    given = {name: value for name, value in (("email", request.email), ("phone", request.phone)) if value}
    return replace(request, **contact_rules.normalize(given, contact.country))
