"""SQL of the copies of products."""

from dataclasses import astuple

from services.subscription_renewal.domain.product import Product
from shared.postgres.pool import Connection


async def store(tx: Connection, product: Product) -> bool:
    """Keep the newest copy of the product; returns whether it was news."""
    done: str = await tx.execute(
        """INSERT INTO product_copy (workspace_id, product_id, sequence, name, description, unit, unit_price,
            currency, tax_rate, tax_category, tax_behavior, is_archived)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (workspace_id, product_id) DO UPDATE SET sequence = excluded.sequence,
            name = excluded.name, description = excluded.description, unit = excluded.unit,
            unit_price = excluded.unit_price, currency = excluded.currency, tax_rate = excluded.tax_rate,
            tax_category = excluded.tax_category, tax_behavior = excluded.tax_behavior,
            is_archived = excluded.is_archived
        WHERE product_copy.sequence < excluded.sequence""",
        *astuple(product),
    )
    return done == "INSERT 0 1"
