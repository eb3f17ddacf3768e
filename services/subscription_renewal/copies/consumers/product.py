"""Products heard: what is agreed from now on has their prices of today."""

from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.copies.repository import products
from shared.events.product import ProductCreated, ProductDeleted, ProductUpdated
from shared.messaging.handlers import Handlers
from shared.messaging.work import Unit

handlers = Handlers()


@handlers.on(ProductCreated, ProductUpdated, ProductDeleted)
async def copy_product(unit: Unit, event: ProductCreated | ProductUpdated | ProductDeleted) -> None:
    """Keep the newest snapshot."""
    await products.store(unit.tx, Product.of(event.workspace_id, event.data))
