"""Subscriptions heard: what is left of one that has stopped is its contact's to spend."""

from services.payment.credit_balances.domain.released_credit import heard
from services.payment.credit_balances.operations.released_credits import take_credit
from shared.events.subscription import SubscriptionCreditReleased
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()


@handlers.on(SubscriptionCreditReleased)
async def raise_credit_balance(tx: Connection, event: SubscriptionCreditReleased) -> None:
    """Put the credit into the contact's balance, where the next invoices take it from."""
    clock = (await workspaces.clocks(tx, [event.workspace_id]))[event.workspace_id]
    await take_credit(tx, heard(event.workspace_id, event.data), clock, event)
