"""Reminders that are due are queued: one an invoice, decided anew under its lock."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.operations.invoices import record
from services.invoice.invoices.repository import invoices
from services.invoice.reminders import rendering as reminder_fee
from services.invoice.reminders.domain import reminders as rules
from services.invoice.reminders.domain.reminders import Hold, ReminderState
from services.invoice.reminders.domain.settings import ReminderSettings, ReminderStep
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from services.invoice.sending.domain.delivery import DeliveryRequest, RecipientMissing, RecipientRefused
from services.invoice.sending.operations import deliveries
from shared.events.invoice import InvoiceReminded, InvoiceUpdated
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection

_DEDUPE_KEY = "reminder"


async def queue_due_reminders(
    tx: Connection, keys: Sequence[tuple[UUID, UUID]], clocks: Mapping[UUID, Clock]
) -> None:
    """Queue what is due of these (workspace, invoice) ids, which the caller has locked.

    Nothing is queued of an invoice that was paid, paused or reminded of meanwhile.
    """
    settings = await reminder_settings.lock_shared(tx, sorted(clocks))
    found = await invoices.lock_many(tx, keys)
    holds = await reminders.holds(tx, keys)
    for invoice in found.values():
        clock = clocks[invoice.workspace_id]
        due = _due(settings[invoice.workspace_id], invoice, holds.get(invoice.id, ()), clock)
        if due:
            await _take_step(tx, settings[invoice.workspace_id], invoice, *due, clock)


def _due(
    settings: ReminderSettings, invoice: Invoice, holds: Collection[Hold], clock: Clock
) -> tuple[ReminderState, ReminderStep] | None:
    at = rules.reminder_state(invoice, clock.zone)
    step = rules.due_step(settings, at, clock.today()) if at else None
    if at is None or step is None or rules.obstacles(settings, invoice, holds):
        return None
    return at, step


async def _take_step(
    tx: Connection,
    settings: ReminderSettings,
    invoice: Invoice,
    at: ReminderState,
    step: ReminderStep,
    clock: Clock,
) -> None:
    unsent_because = await _queue(tx, invoice, step, clock)
    reminded, decided = rules.take_step(settings, invoice, at, step, unsent_because, clock.now())
    await invoices.update(tx, reminded)
    await reminders.insert(tx, invoice.workspace_id, invoice.id, decided)
    events = [InvoiceUpdated] if unsent_because else [InvoiceUpdated, InvoiceReminded]
    await record(tx, reminded, clock, *events)


async def _queue(tx: Connection, invoice: Invoice, step: ReminderStep, clock: Clock) -> str | None:
    """Queue it over each channel that the contact can be reached by; the reason where there is none."""
    because: str | None = None
    message = _fee_sentence(invoice, step)
    queued_count = 0
    for channel in step.channels:
        try:
            request = DeliveryRequest([channel], step.level, _DEDUPE_KEY, message=message)
            queued_count += len(await deliveries.queue_deliveries(tx, invoice, request, clock))
        except (RecipientMissing, RecipientRefused) as error:
            because = error.code
    return None if queued_count else because


def _fee_sentence(invoice: Invoice, step: ReminderStep) -> str | None:
    if step.fee is None or step.fee.currency != invoice.currency:
        return None
    return reminder_fee.fee_sentence(step.fee.amount_minor, step.fee.currency, invoice.contact.locale)
