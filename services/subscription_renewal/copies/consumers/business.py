"""Business profiles heard: subscriptions round as the invoices that bill them."""

from services.subscription_renewal.copies.domain.business import Business
from services.subscription_renewal.copies.repository import businesses
from shared.events.business import BusinessUpdated
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(BusinessUpdated)
async def copy_business(unit: Unit, event: BusinessUpdated) -> None:
    """Keep the newest way to round; what falls due from now on is computed by it."""
    await businesses.store(unit.tx, Business.of(event.workspace_id, event.data))
