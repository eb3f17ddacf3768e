"""State changes of products."""

from typing import Any
from uuid import UUID

from services.invoice.common.operations import changes
from services.invoice.products import domain as product_rules
from services.invoice.products import repository as products
from services.invoice.products.domain import Product
from shared.events.product import ProductCreated, ProductDeleted, ProductUpdated
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id
from shared.kernel.versions import require_version
from shared.postgres.pool import Connection


async def create_product(tx: Connection, workspace_id: UUID, fields: dict[str, Any], clock: Clock) -> Product:
    """Store a new product; raises UnknownCurrency or ProductSkuTaken."""
    product = product_rules.new_product(workspace_id, new_id(), fields, clock.now())
    await products.insert(tx, product)
    await changes.record(tx, ProductCreated.of(workspace_id, product_rules.to_snapshot(product)))
    return product


async def change_product(
    tx: Connection,
    workspace_id: UUID,
    product_id: UUID,
    fields: dict[str, Any],
    clock: Clock,
    expected_version: int | None = None,
) -> Product:
    """Change these fields; raises NotFound, PreconditionFailed, UnknownCurrency or ProductSkuTaken."""
    product = await products.lock(tx, workspace_id, product_id)
    require_version(product.version, expected_version)
    changed = product_rules.change(product, fields, clock.now())
    await products.update(tx, changed)
    await changes.record(tx, ProductUpdated.of(workspace_id, product_rules.to_snapshot(changed)))
    return changed


async def archive_product(tx: Connection, workspace_id: UUID, product_id: UUID, clock: Clock) -> None:
    """Archive the product; doing it again changes nothing. Raises NotFound."""
    product = await products.lock(tx, workspace_id, product_id)
    if product.archived_at:
        return
    archived = product_rules.archive(product, clock.now())
    await products.update(tx, archived)
    await changes.record(tx, ProductDeleted.of(workspace_id, product_rules.to_snapshot(archived)))
