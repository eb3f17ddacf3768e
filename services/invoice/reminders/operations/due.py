"""Reminders that are due are queued: one an invoice, decided anew under its lock."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.invoice.invoices.domain.invoice import Invoice
from services.invoice.invoices.repository import invoices
from services.invoice.reminders import rendering as reminder_fee
from services.invoice.reminders.domain import reminders as rules
from services.invoice.reminders.domain.reminders import DueStep, Hold
from services.invoice.reminders.domain.settings import ReminderSettings, ReminderStep
from services.invoice.reminders.repository import reminders
from services.invoice.reminders.repository import settings as reminder_settings
from services.invoice.sending.domain.delivery import DeliveryRequest, RecipientMissing, RecipientRefused
from services.invoice.sending.operations import deliveries
from services.invoice.sending.operations.invoice_marks import MARKED_INVOICES
from shared.events.invoice import InvoiceReminded, InvoiceUpdated
from shared.kernel.clock import Clock
from shared.messaging.work import Unit, Work

_DEDUPE_KEY = "reminder"


async def queue_due_reminders(
    unit: Unit, keys: Sequence[tuple[UUID, UUID]], works: Mapping[UUID, Work]
) -> None:
    """Queue what is due of these (workspace, invoice) ids, which the caller has locked.

    Nothing is queued of an invoice that was paid, paused or reminded of meanwhile.
    """
    settings = await reminder_settings.lock_shared(unit.tx, sorted(works))
    locked = await invoices.lock_many(unit.tx, keys)
    holds = await reminders.holds(unit.tx, keys)
    for invoice in locked.values():
        work, how = works[invoice.workspace_id], settings[invoice.workspace_id]
        if due := _find_due(how, invoice, holds.get(invoice.id, ()), work.clock):
            await _take_step(work, how, invoice, due)


def _find_due(
    settings: ReminderSettings, invoice: Invoice, holds: Collection[Hold], clock: Clock
) -> DueStep | None:
    state = rules.reminder_state(invoice, clock.zone)
    step = rules.due_step(settings, state, clock.today()) if state else None
    if state is None or step is None or rules.obstacles(settings, invoice, holds):
        return None
    return DueStep(state, step)


async def _take_step(work: Work, settings: ReminderSettings, invoice: Invoice, due: DueStep) -> None:
    unsent_because = await _queue(work, invoice, due.step)
    reminded, decided = rules.take_step(settings, invoice, due, unsent_because, work.clock.now())
    events = [InvoiceUpdated] if unsent_because else [InvoiceUpdated, InvoiceReminded]
    await MARKED_INVOICES.locked(work, invoice).save(reminded, *events)
    await reminders.insert(work.tx, invoice.workspace_id, invoice.id, decided)


async def _queue(work: Work, invoice: Invoice, step: ReminderStep) -> str | None:
    """Queue it over each channel that the contact can be reached by; the reason where there is none."""
    because: str | None = None
    message = _fee_sentence(invoice, step)
    queued_count = 0
    for channel in step.channels:
        try:
            request = DeliveryRequest([channel], step.level, _DEDUPE_KEY, message=message)
            queued_count += len(await deliveries.queue_deliveries(work, invoice, request))
        except (RecipientMissing, RecipientRefused) as error:
            because = error.code
    return None if queued_count else because


def _fee_sentence(invoice: Invoice, step: ReminderStep) -> str | None:
    if step.fee is None or step.fee.currency != invoice.currency:
        return None
    return reminder_fee.fee_sentence(step.fee.amount_minor, step.fee.currency, invoice.contact.locale)
