"""Products heard: renewals bill today's price."""

from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.copies.repository import products
from shared.events.product import ProductCreated, ProductDeleted, ProductUpdated
from shared.messaging.handlers import Handlers
from shared.postgres.pool import Connection

handlers = Handlers()


@handlers.on(ProductCreated, ProductUpdated, ProductDeleted)
async def copy_product(tx: Connection, event: ProductCreated | ProductUpdated | ProductDeleted) -> None:
    """Keep the newest snapshot."""
    await products.store(tx, Product.of(event.workspace_id, event.data))
