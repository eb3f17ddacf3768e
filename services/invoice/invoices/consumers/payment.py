"""Payments heard: invoices show what has been paid, contacts what they are owed."""

from collections.abc import Sequence

from services.invoice.contacts import operations as contact_operations
from services.invoice.invoices.operations import settlement
from services.invoice.reminders.operations import reminders
from shared.events.event import Event
from shared.events.payment import (
    CreditBalanceUpdated,
    PaymentCreated,
    PaymentDisputeClosed,
    PaymentDisputed,
    PaymentFailed,
    PaymentMoved,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentUpdated,
    PaymentVoided,
)
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()
_OF_A_PAYMENT = (
    PaymentCreated,
    PaymentUpdated,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentDisputed,
    PaymentDisputeClosed,
    PaymentFailed,
    PaymentVoided,
    PaymentMoved,
)


@handlers.on_batch(*_OF_A_PAYMENT)
async def apply_payments(tx: Connection, events: Sequence[Event]) -> None:
    """Show on each invoice the newest state of its receivable, whatever changed it.

    Nobody is reminded of an invoice while its money is under way or disputed.
    """
    await reminders.store_payment_holds(tx, events)
    touching = [event for event in events if event.data.allocations]
    if touching:
        clocks = await workspaces.clocks(tx, [event.workspace_id for event in touching])
        await settlement.apply_payments(tx, touching, clocks)
    await settlement.tell_payments(tx, events)


@handlers.on(CreditBalanceUpdated)
async def show_credit_balance(tx: Connection, event: CreditBalanceUpdated) -> None:
    """Show on the contact what the workspace owes it."""
    clocks = await workspaces.clocks(tx, [event.workspace_id])
    await contact_operations.show_credit_balance(tx, event, clocks[event.workspace_id])
