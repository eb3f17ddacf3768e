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
from services.invoice.documents.domain.print_model import PrintModel
from services.invoice.documents.operations import PrintOrder, RenderedDocument
from services.invoice.documents.rendering.wording import language_of
from services.invoice.e_invoices.validation.process import ValidationProcess
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
from services.invoice.sending.operations import message_templates
from services.invoice.sending.operations.deliveries import mark_invoice_sent
from services.invoice.sending.repository import deliveries, sent_documents
from shared.events.delivery import DeliveryData, InvoiceDeliveryFailed
from shared.kernel import context
from shared.kernel.clock import Clock
from shared.messaging import outbox
from shared.postgres.pool import Connection

_ACCEPTED = (DeliveryStatus.SENT, DeliveryStatus.DELIVERED)


class LeaseLost(Exception):
    """Another worker has the delivery by now: nothing of what this one did is stored."""


@dataclass(frozen=True, slots=True)
class PreparedMessage:
    """What one delivery says, and what is printed to go along with an e-mail."""

    delivery: Delivery
    texts: Texts
    model: PrintModel
    order: PrintOrder | None

    async def render(self, validation: ValidationProcess) -> RenderedDocument | None:
        """The document as it was issued; raises ValidationUnavailable."""
        if self.order is None:
            return None
        order = await documents.attach_data(self.order, validation)
        return await asyncio.to_thread(documents.render_document, order)

    def message(self, printed: RenderedDocument | None) -> Message:
        """The message with its file."""
        delivery, document = self.delivery, self.model
        files: tuple[Attachment, ...] = ()
        if printed:
            name = f"{print_model.file_name(document.number)}.pdf"
            files = (Attachment(name, "application/pdf", printed.content),)
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


async def prepare_message(tx: Connection, delivery: Delivery, clock: Clock) -> PreparedMessage | Outcome:
    """What is to be said now, or the outcome of a delivery for which nothing is to be sent any more."""
    if interrupted := rules.outcome_of_interruption(delivery):
        return interrupted
    document = await sent_documents.get(tx, delivery.workspace_id, delivery.kind, delivery.document_id)
    if sendable.is_outdated(document, delivery.level):
        return Outcome(Verdict.CANCELED, "outdated", "It was paid, voided or answered meanwhile.")
    current, printed, public_url = _load_print_models(document, clock)
    kind = f"reminder_{delivery.level}" if delivery.level else delivery.kind
    try:
        texts = await message_templates.compose_message(
            tx,
            delivery.workspace_id,
            kind,
            delivery.channel,
            current,
            clock.today(),
            public_url,
            delivery.message,
        )
    except InvalidTemplate as error:
        return Outcome(Verdict.FAILED, error.code, error.detail)
    order = None
    if delivery.channel == "email":
        order = await documents.load_print_order(tx, delivery.workspace_id, delivery.document_id, printed)
    return PreparedMessage(delivery, texts, printed, order)


async def begin_attempt(tx: Connection, delivery: Delivery, clock: Clock, lease: timedelta) -> Delivery:
    """Note that an attempt begins, before anything leaves; raises LeaseLost."""
    begun = rules.begin(delivery, clock.now())
    if not await deliveries.begin(tx, begun, lease):
        raise LeaseLost
    return begun


async def conclude_attempt(
    tx: Connection,
    delivery: Delivery,
    outcome: Outcome,
    clock: Clock,
    delays: Sequence[timedelta],
    printed: RenderedDocument | None = None,
) -> DeliveryChange:
    """Store what an attempt came to, in its timeline and on its document; raises LeaseLost.

    Records invoice.updated and invoice.sent when an invoice itself went out first, and
    invoice.delivery_failed when one ended without arriving.
    """
    step = rules.conclude(delivery, outcome, clock.now(), delays)
    if not await deliveries.save(tx, step, fence=delivery.lease_token):
        raise LeaseLost
    done = step.delivery
    if printed:
        await documents.keep_rendering(tx, printed, clock.now())
    if done.status in _ACCEPTED:
        await deliveries.remove_refused(tx, done)
        if done.kind == "invoice" and done.level == 0:
            await mark_invoice_sent(tx, done.workspace_id, done.document_id, clock)
    elif done.status is DeliveryStatus.BOUNCED:
        await deliveries.add_refused(tx, done)
    await deliveries.add_to_timeline(tx, step, context.actor.get())
    await record_failure(tx, step)
    return step


async def record_failure(tx: Connection, step: DeliveryChange) -> None:
    """Record invoice.delivery_failed where an invoice's delivery has ended without arriving."""
    if _has_failed(step):
        await outbox.record(tx, InvoiceDeliveryFailed.of(step.delivery.workspace_id, snapshot(step.delivery)))


def snapshot(delivery: Delivery) -> DeliveryData:
    """The delivery as the public API and events show it."""
    names = set(DeliveryData.model_fields) - {"status"}
    return DeliveryData(status=delivery.status.value, **{name: getattr(delivery, name) for name in names})


def _has_failed(step: DeliveryChange) -> bool:
    is_over = step.delay is None and step.delivery.kind == "invoice"
    return is_over and step.delivery.status in (
        DeliveryStatus.BOUNCED,
        DeliveryStatus.FAILED,
        DeliveryStatus.UNKNOWN,
    )


def _load_print_models(document: SendableDocument, clock: Clock) -> tuple[PrintModel, PrintModel, str | None]:
    """The document with what was paid since, the same as it was issued, and where it can be seen."""
    if isinstance(document, Quote):
        quote = print_model.from_quote(quote_rules.to_snapshot(document))
        return quote, quote, None
    if isinstance(document, CreditNote):
        note = print_model.from_credit_note(credit_note_rules.to_snapshot(document))
        return note, note, None
    printed = partial(print_model.from_invoice, document, clock.zone, clock.today())
    return printed(is_current=True), printed(), document.public_url
