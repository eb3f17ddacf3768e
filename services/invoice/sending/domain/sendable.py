"""Which documents may be sent, to which address, and what being sent changes of an invoice."""

from dataclasses import replace
from datetime import datetime

from services.invoice.contacts.domain import Contact
from services.invoice.credit_notes.domain.credit_note import CreditNote
from services.invoice.documents.domain.print_model import Kind
from services.invoice.invoices.domain.invoice import Invoice, Status
from services.invoice.quotes.domain import Quote
from services.invoice.sending.domain.delivery import (
    ADDRESS_FIELDS,
    Channel,
    ChannelNotOffered,
    Delivery,
    DeliveryRequest,
    DeliveryStatus,
    RecipientMissing,
    RetryTo,
)
from shared.kernel.errors import Conflict
from shared.kernel.ids import new_id

SendableDocument = Invoice | CreditNote | Quote


class InvoiceIsVoid(Conflict):
    """A void invoice is neither sent nor written as an e-invoice."""

    code = "invoice_is_void"


class NothingToRemindOf(Conflict):
    """Only an open invoice on which something remains to be paid is reminded of."""

    code = "nothing_to_remind_of"


def kind_of(document: SendableDocument) -> Kind:
    """What it is called on a delivery."""
    if isinstance(document, Invoice):
        return "invoice"
    return "quote" if isinstance(document, Quote) else "credit_note"


def require_sendable(invoice: Invoice, level: int) -> None:
    """Raise InvoiceIsVoid or NothingToRemindOf unless the invoice may be sent as this level."""
    if invoice.status is Status.VOID:
        raise InvoiceIsVoid(field="status")
    if level and not may_be_reminded_of(invoice):
        raise NothingToRemindOf(field="reminder", status_now=invoice.status.value)


def may_be_reminded_of(invoice: Invoice) -> bool:
    """Whether it is open and something remains to be paid."""
    return invoice.status is Status.OPEN and invoice.amount_due_minor > 0


def is_outdated(document: SendableDocument, level: int) -> bool:
    """Whether what was queued must not go out any more: voided, declined, or paid before its reminder."""
    if isinstance(document, Quote):
        return document.status.value in ("accepted", "declined")
    if isinstance(document, CreditNote):
        return False
    return document.status is Status.VOID or bool(level and not may_be_reminded_of(document))


def recipient_of(contact: Contact, channel: Channel, request: DeliveryRequest, kind: Kind) -> str | None:
    """Whom to send to; None for a link. Raises RecipientMissing or ChannelNotOffered."""
    if channel == "link":
        if kind != "invoice":
            raise ChannelNotOffered(field="channels")
        return None
    field = ADDRESS_FIELDS[channel]
    address: str | None = request.recipient(channel) or getattr(contact, field)
    if not address:
        raise RecipientMissing(
            f"The contact {contact.name} has no {field}: give it here or on the contact.",
            field=field,
            contact_id=str(contact.id),
        )
    return address


def recipient_of_retry(contact: Contact, delivery: Delivery, to: RetryTo | None) -> str | None:
    """Whom another try goes to: `to` says it, else the contact's address of now unless one was given.

    Raises RecipientMissing where the present address is asked for and there is none.
    """
    if to == "original" or delivery.channel == "link" or (to is None and delivery.is_recipient_given):
        return delivery.recipient
    if to is None and not getattr(contact, ADDRESS_FIELDS[delivery.channel]):
        return delivery.recipient
    return recipient_of(contact, delivery.channel, DeliveryRequest((delivery.channel,)), delivery.kind)


def next_reminder_level(levels: set[int]) -> int:
    """The level of a reminder by hand after these; never by itself the formal notice."""
    return min(max(levels, default=0) + 1, 2)


def new_delivery(
    document: SendableDocument,
    channel: Channel,
    recipient: str | None,
    request: DeliveryRequest,
    now: datetime,
) -> Delivery:
    """A new delivery; one by link is sent by being made: whoever asked hands it over."""
    is_link = channel == "link"
    return Delivery(
        workspace_id=document.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        kind=kind_of(document),
        document_id=document.id,
        contact_id=document.contact_id,
        channel=channel,
        level=request.level,
        dedupe_key=request.dedupe_key,
        recipient=recipient,
        message=request.message,
        is_recipient_given=request.recipient(channel) is not None,
        status=DeliveryStatus.SENT if is_link else DeliveryStatus.QUEUED,
        sent_at=now if is_link else None,
    )


def mark_sent(invoice: Invoice, now: datetime) -> Invoice:
    """The invoice after it was sent first; the same invoice when it was before."""
    if invoice.sent_at is not None:
        return invoice
    return replace(invoice, sent_at=now, version=invoice.version + 1, updated_at=now)
