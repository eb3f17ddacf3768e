"""SQL of the copies of products."""

from uuid import UUID

from shared.events.product import ProductData
from shared.postgres.pool import Connection


async def store(tx: Connection, workspace_id: UUID, product: ProductData) -> bool:
    """Keep the newest snapshot of the product; returns whether it was news."""
    done = await tx.execute(
        """INSERT INTO product_copy (workspace_id, product_id, sequence, name, description, unit, unit_price,
            currency, tax_rate, tax_category, tax_behavior, is_archived)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (workspace_id, product_id) DO UPDATE SET sequence = excluded.sequence,
            name = excluded.name, description = excluded.description, unit = excluded.unit,
            unit_price = excluded.unit_price, currency = excluded.currency, tax_rate = excluded.tax_rate,
            tax_category = excluded.tax_category, tax_behavior = excluded.tax_behavior,
            is_archived = excluded.is_archived
        WHERE product_copy.sequence < excluded.sequence""",
        workspace_id,
        product.id,
        product.version,
        product.name,
        product.description,
        product.unit,
        product.unit_price,
        product.currency,
        product.tax_rate,
        product.tax_category,
        product.tax_behavior,
        product.archived_at is not None,
    )
    return done == "INSERT 0 1"
