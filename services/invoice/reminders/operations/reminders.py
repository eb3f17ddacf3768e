"""State changes of an invoice's reminders that people and payments make."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.repository import invoices
from services.invoice.reminders.domain import reminders as rules
from services.invoice.reminders.domain import settings as settings_rules
from services.invoice.reminders.domain.reminders import Hold
from services.invoice.reminders.domain.settings import ReminderSettings, SettingsEdit
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from services.invoice.sending.domain import sendable
from services.invoice.sending.domain.delivery import Delivery, DeliveryRequest
from services.invoice.sending.operations.deliveries import queue_by_hand
from services.invoice.sending.operations.invoice_marks import MARKED_INVOICES
from services.invoice.sending.repository import deliveries
from shared.events.event import Event
from shared.events.invoice import InvoiceReminded, InvoiceUpdated
from shared.events.payment import PaymentData
from shared.kernel.versions import require_version
from shared.messaging.work import Work
from shared.postgres.pool import Connection

_UNDER_WAY = ("pending", "processing", "requires_action", "unknown", "needs_review")
_HoldRow = tuple[UUID, UUID, UUID, int, Hold | None]


async def edit_settings(
    work: Work, edit: SettingsEdit, expected_version: int | None = None
) -> ReminderSettings:
    """Change how the workspace reminds; raises PreconditionFailed, UnknownCurrency or Invalid."""
    settings = await reminder_settings.lock(work.tx, work.workspace_id)
    require_version(settings.version, expected_version)
    edited = settings_rules.edit_settings(settings, edit, work.clock.today(), work.clock.now())
    if edited is not settings:
        await reminder_settings.save(work.tx, edited)
    return edited


async def pause_reminders(
    work: Work, invoice_id: UUID, is_paused: bool | None, expected_version: int | None = None
) -> Invoice:
    """Stop the invoice's reminders, let them go on, or leave them to the settings (None).

    Raises NotFound or PreconditionFailed.
    """
    invoice = await MARKED_INVOICES.lock(work, invoice_id)
    require_version(invoice.value.version, expected_version)
    return await invoice.save(rules.pause(invoice.value, is_paused, work.clock.now()), InvoiceUpdated)


async def send_reminder(work: Work, invoice_id: UUID, request: DeliveryRequest) -> list[Delivery]:
    """Send a reminder of the invoice; without a level the one after the last, up to the second.

    Raises NotFound, InvoiceIsVoid, NothingToRemindOf and what `queue_deliveries` raises.
    """
    invoice = await invoices.lock(work.tx, work.workspace_id, invoice_id)
    began_at = work.clock.now()
    if not request.level:
        before = await deliveries.of_document(work.tx, work.workspace_id, invoice_id)
        request = replace(request, level=_next_level(invoice, before))
    sendable.require_sendable(invoice, request.level)
    queued = await queue_by_hand(work, invoice, request)
    if any(delivery.created_at >= began_at for delivery in queued):
        await _mark_reminded(work, invoice, request.level)
    return queued


def _next_level(invoice: Invoice, before: Sequence[Delivery]) -> int:
    """That of the reminder that is still to leave, so that asking twice sends one; else the next."""
    leaving = [delivery.level for delivery in before if delivery.level and not delivery.is_resting]
    sent = {invoice.reminder_level, *(delivery.level for delivery in before)}
    return max(leaving) if leaving else sendable.next_reminder_level(sent)


async def _mark_reminded(work: Work, invoice: Invoice, level: int) -> None:
    """The schedule goes on above this level; the caller holds the invoice's lock."""
    reminded, decided = rules.remind_by_hand(invoice, level, work.clock.now())
    await MARKED_INVOICES.locked(work, invoice).save(reminded, InvoiceUpdated, InvoiceReminded)
    await reminders.insert(work.tx, invoice.workspace_id, invoice.id, [decided])


async def store_payment_holds(tx: Connection, events: Sequence[Event]) -> None:
    """Keep back reminders of invoices whose money is under way, or was taken back by the payer's bank."""
    newest: dict[tuple[UUID, UUID], _HoldRow] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        for row in _holds(event):
            newest[row[1:3]] = row
    if not newest:
        return
    # Before anything else of this batch is locked, and in the order of ids.
    touched = [
        (event.workspace_id, allocation.invoice_id)
        for event in events
        for allocation in event.data.allocations
    ]
    locked = await invoices.lock_many(tx, [*touched, *(row[:2] for row in newest.values())])
    rows = [row for row in newest.values() if row[1] in locked]
    if rows:
        await reminders.store_holds(tx, rows)


def _holds(event: Event) -> list[_HoldRow]:
    payment: PaymentData = event.data
    reason = _hold_reason(payment)
    # Scheduled collections are of invoices that are never reminded of; money that came in holds nothing.
    if payment.is_automatic or (reason is None and (payment.invoice_id is None or payment.version == 1)):
        return []
    concerned = {allocation.invoice_id for allocation in payment.allocations} | {payment.invoice_id}
    return [
        (event.workspace_id, invoice_id, payment.id, event.sequence, reason)
        for invoice_id in concerned
        if invoice_id
    ]


def _hold_reason(payment: PaymentData) -> Hold | None:
    # Who made the event before disputes were listed, or disputes of before, tell of the money alone.
    undecided = any(dispute.status == "open" for dispute in payment.disputes) if payment.disputes else True
    if payment.amount_disputed_minor > 0 and undecided:
        return "dispute"
    return "collection" if payment.invoice_id and payment.state in _UNDER_WAY else None
