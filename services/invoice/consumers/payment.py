"""Payments heard: invoices show what has been paid, contacts what they are owed."""

from collections.abc import Sequence

from services.invoice.operations import contacts as contact_operations
from services.invoice.operations import settlement
from shared.events.payment import CreditBalanceUpdated, PaymentCreated, PaymentUpdated
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()


@handlers.on_batch(PaymentCreated, PaymentUpdated)
async def apply_payments(tx: Connection, events: Sequence[PaymentCreated | PaymentUpdated]) -> None:
    """Show on each invoice the newest state of its receivable."""
    clocks = await workspaces.clocks(tx, [event.workspace_id for event in events])
    await settlement.apply_payments(tx, events, clocks)


@handlers.on(CreditBalanceUpdated)
async def show_credit_balance(tx: Connection, event: CreditBalanceUpdated) -> None:
    """Show on the contact what the workspace owes it."""
    clocks = await workspaces.clocks(tx, [event.workspace_id])
    await contact_operations.show_credit_balance(tx, event, clocks[event.workspace_id])
