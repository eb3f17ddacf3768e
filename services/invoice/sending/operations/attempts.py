"""One attempt to send: `prepare_message`, then `begin_attempt` before anything leaves, `conclude_attempt`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from services.invoice.credit_notes.domain import credit_note as credit_note_rules
from services.invoice.credit_notes.domain.credit_note import CreditNote
from services.invoice.documents import operations as documents
from services.invoice.documents.domain import print_model
from services.invoice.documents.domain.document_data import DataWriter
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.operations import PrintOrder, RenderedDocument
from services.invoice.documents.rendering.wording import language_of
from services.invoice.quotes import domain as quote_rules
from services.invoice.quotes.domain import Quote
from services.invoice.sending.channels.channel import Attachment, Message
from services.invoice.sending.domain import delivery as rules
from services.invoice.sending.domain import sendable
from services.invoice.sending.domain.delivery import (
    Delivery,
    DeliveryChange,
    DeliveryStatus,
    Outcome,
    Verdict,
)
from services.invoice.sending.domain.message_template import InvalidTemplate, Texts
from services.invoice.sending.domain.sendable import SendableDocument
from services.invoice.sending.operations import invoice_marks, message_templates
from services.invoice.sending.operations.deliveries import load_document
from services.invoice.sending.rendering.message import MessageSubject
from services.invoice.sending.repository import deliveries
from shared.events.delivery import DeliveryData, InvoiceDeliveryFailed
from shared.kernel import context
from shared.kernel.clock import Clock
from shared.kernel.leased_work import LeaseLost
from shared.messaging.work import Work

_ACCEPTED = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED)


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """What one delivery says, and what is printed to go along with an e-mail."""

    delivery: Delivery
    texts: Texts
    model: PrintModel
    order: PrintOrder | None

    async def render(self, writer: DataWriter) -> RenderedDocument | None:
        """The document as it was issued; raises ValidationUnavailable."""
        if self.order is None:
            return None
        order = await documents.attach_data(self.order, writer)
        return await asyncio.to_thread(documents.render_document, order)

    def message(self, rendered: RenderedDocument | None) -> Message:
        """The message with its file."""
        delivery, document = self.delivery, self.model
        files: tuple[Attachment, ...] = ()
        if rendered:
            name = f"{print_model.file_name(document.number)}.pdf"
            files = (Attachment(name, "application/pdf", rendered.content),)
        return Message(
            delivery_id=delivery.id,
            recipient=delivery.recipient or "",
            recipient_name=document.buyer.name,
            language=language_of(document.buyer.locale),
            text=self.texts.body,
            subject=self.texts.subject or "",
            html=self.texts.html,
            business_name=document.seller.name,
            reply_to=document.seller.email,
            attachments=files,
        )


async def prepare_message(work: Work, delivery: Delivery) -> PreparedMessage | Outcome:
    """What is to be said now, or the outcome of a delivery for which nothing is to be sent any more."""
    if interrupted := rules.outcome_of_interruption(delivery):
        return interrupted
    document = await load_document(work, delivery.kind, delivery.document_id)
    if sendable.is_outdated(document, delivery.level):
        return Outcome(Verdict.CANCELED, "outdated", "It was paid, voided or answered meanwhile.")
    current, printed, public_url = _print_models_of(document, work.clock)
    kind = f"reminder_{delivery.level}" if delivery.level else delivery.kind
    try:
        about = MessageSubject(
            kind, delivery.channel, current, work.clock.today(), public_url, delivery.message
        )
        texts = await message_templates.compose_message(work, about)
    except InvalidTemplate as error:
        return Outcome(Verdict.FAILED, error.code, error.detail)
    order = None
    if delivery.channel == "email":
        order = await documents.load_print_order(work, delivery.document_id, printed)
    return PreparedMessage(delivery, texts, printed, order)


async def begin_attempt(work: Work, delivery: Delivery, lease: timedelta) -> Delivery:
    """Note that an attempt begins, before anything leaves; raises LeaseLost."""
    begun = rules.begin(delivery, work.clock.now())
    if not await deliveries.begin(work.tx, begun, lease):
        raise LeaseLost
    return begun


async def conclude_attempt(
    work: Work,
    delivery: Delivery,
    outcome: Outcome,
    delays: Sequence[timedelta],
    rendered: RenderedDocument | None = None,
) -> DeliveryChange:
    """Store what an attempt came to, in its timeline and on its document; raises LeaseLost.

    Records invoice.updated and invoice.sent when an invoice itself went out first, and
    invoice.delivery_failed when one ended without arriving.
    """
    change = rules.conclude(delivery, outcome, work.clock.now(), delays)
    if not await deliveries.save(work.tx, change, fence=delivery.lease_token):
        raise LeaseLost
    if rendered:
        await documents.keep_rendering(work, rendered)
    await record_outcome(work, change, context.actor.get())
    return change


async def record_outcome(work: Work, change: DeliveryChange, actor: str) -> None:
    """What follows from a stored change: its address is (un)marked, its invoice marked, its timeline told.

    Records invoice.delivery_failed where an invoice's delivery has ended without arriving.
    """
    delivery = change.delivery
    if delivery.status in _ACCEPTED:
        await deliveries.remove_refused(work.tx, delivery)
        if delivery.is_of_invoice_itself:
            await invoice_marks.mark_sent(work, delivery.document_id)
    elif delivery.status is DeliveryStatus.BOUNCED:
        await deliveries.add_refused(work.tx, delivery)
    await deliveries.add_to_timeline(work.tx, change, actor)
    if _has_failed(change):
        work.record(InvoiceDeliveryFailed.of(delivery.workspace_id, to_snapshot(delivery)))


def to_snapshot(delivery: Delivery) -> DeliveryData:
    """The delivery as the public API and events show it."""
    names = set(DeliveryData.model_fields) - {"status"}
    return DeliveryData(status=delivery.status.value, **{name: getattr(delivery, name) for name in names})


def _has_failed(change: DeliveryChange) -> bool:
    is_over = change.delay is None and change.delivery.kind == "invoice"
    return is_over and change.delivery.status in (
        DeliveryStatus.BOUNCED,
        DeliveryStatus.FAILED,
        DeliveryStatus.UNKNOWN,
    )


def _print_models_of(document: SendableDocument, clock: Clock) -> tuple[PrintModel, PrintModel, str | None]:
    """The document with what was paid since, the same as it was issued, and where it can be seen."""
    if isinstance(document, Quote):
        quote = print_model.from_quote(quote_rules.to_snapshot(document))
        return quote, quote, None
    if isinstance(document, CreditNote):
        note = print_model.from_credit_note(credit_note_rules.to_snapshot(document))
        return note, note, None
    printed = partial(print_model.from_invoice, document, clock.zone, clock.today())
    return printed(is_current=True), printed(), document.public_url
