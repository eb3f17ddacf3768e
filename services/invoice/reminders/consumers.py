"""Payments heard: nobody is reminded of an invoice while its money is under way or disputed."""

from collections.abc import Sequence

from services.invoice.invoices.domain.payment_fact import PAYMENT_EVENTS, PaymentEvent
from services.invoice.reminders.operations import reminders
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on_batch(*PAYMENT_EVENTS)
async def store_payment_holds(unit: Unit, events: Sequence[PaymentEvent]) -> None:
    """Keep back reminders of the invoices that these payments touch, or let them go on."""
    await reminders.store_payment_holds(unit.tx, events)
