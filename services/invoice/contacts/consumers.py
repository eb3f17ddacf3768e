"""Credit balances heard: contacts show what they are owed."""

from services.invoice.contacts import operations
from shared.events.payment import CreditBalanceUpdated
from shared.messaging import workspaces
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(CreditBalanceUpdated)
async def show_credit_balance(unit: Unit, event: CreditBalanceUpdated) -> None:
    """Show on the contact what the workspace owes it."""
    await operations.show_credit_balance(await workspaces.work_of(unit, event.workspace_id), event)
