"""Subscriptions heard: what is left of one that has stopped is its contact's to spend."""

from services.payment.released_credits.domain import to_released_credit
from services.payment.released_credits.operations import take_credit
from shared.events.subscription import SubscriptionCreditReleased
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(SubscriptionCreditReleased)
async def raise_credit_balance(unit: Unit, event: SubscriptionCreditReleased) -> None:
    """Put the credit into the contact's balance, where the next invoices take it from."""
    work = await workspaces.work_of(unit, event.workspace_id)
    await take_credit(work, to_released_credit(event.workspace_id, event.data), event)
