"""SQL of the copies of products."""

from collections.abc import Sequence
from dataclasses import astuple
from uuid import UUID

from services.subscription_renewal.copies.domain.product import Product
from shared.postgres.pool import Connection


async def store(tx: Connection, product: Product) -> bool:
    """Keep the newest copy of the product; returns whether it was news."""
    done: str = await tx.execute(
        """INSERT INTO product_copy (workspace_id, product_id, sequence, name, description, unit, unit_price,
            currency, tax_rate, tax_category, tax_behavior, is_archived, tax_exemption_reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (workspace_id, product_id) DO UPDATE SET sequence = excluded.sequence,
            name = excluded.name, description = excluded.description, unit = excluded.unit,
            unit_price = excluded.unit_price, currency = excluded.currency, tax_rate = excluded.tax_rate,
            tax_category = excluded.tax_category, tax_behavior = excluded.tax_behavior,
            is_archived = excluded.is_archived, tax_exemption_reason = excluded.tax_exemption_reason
        WHERE product_copy.sequence < excluded.sequence""",
        *astuple(product),
    )
    return done == "INSERT 0 1"


async def get_many(tx: Connection, workspace_id: UUID, product_ids: Sequence[UUID]) -> dict[UUID, Product]:
    """The copies of these products, those that there are."""
    rows = await tx.fetch(
        """SELECT workspace_id, product_id, sequence, name, description, unit, unit_price, currency, tax_rate,
            tax_category, tax_behavior, is_archived, tax_exemption_reason
        FROM product_copy WHERE workspace_id = $1 AND product_id = ANY($2::uuid[])""",
        workspace_id,
        product_ids,
    )
    return {row["product_id"]: Product(**row) for row in rows}
