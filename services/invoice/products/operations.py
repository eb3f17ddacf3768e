"""Changes of products: lock, decide, save, and tell."""

from uuid import UUID

from services.invoice.products import domain as product_rules
from services.invoice.products import repository as products
from services.invoice.products.domain import Product, ProductEdit
from shared.events.product import ProductCreated, ProductDeleted, ProductUpdated
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.messaging.aggregate import Aggregate
from shared.messaging.work import Work

PRODUCTS = Aggregate(
    products.lock, products.insert, products.update, lambda product, _: product_rules.to_snapshot(product)
)


async def create_product(work: Work, details: ProductEdit) -> Product:
    """Store a new product; raises UnknownCurrency, Invalid or ProductSkuTaken."""
    product = product_rules.new_product(work.workspace_id, new_id(), details, work.clock.now())
    return (await PRODUCTS.create(work, product, ProductCreated)).value


async def change_product(
    work: Work, product_id: UUID, changes: ProductEdit, expected_version: int | None = None
) -> Product:
    """Change these fields; raises NotFound, PreconditionFailed, Invalid, UnknownCurrency, ProductSkuTaken."""
    product = await PRODUCTS.lock(work, product_id)
    require_version(product.value.version, expected_version)
    return await product.save(product_rules.edit(product.value, changes, work.clock.now()), ProductUpdated)


async def archive_product(work: Work, product_id: UUID) -> None:
    """Archive the product; doing it again changes nothing. Raises NotFound."""
    product = await PRODUCTS.lock(work, product_id)
    await product.save(product_rules.archive(product.value, work.clock.now()), ProductDeleted)
