"""SQL of products."""

from typing import Any
from uuid import UUID

import asyncpg

from services.invoice.common.domain.parties import Tax
from services.invoice.common.repository.patterns import anywhere
from services.invoice.products.domain import Product, ProductSkuTaken
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection

_COLUMNS = """id, version, created_at, updated_at, name, description, sku, unit, unit_price, currency,
    tax_rate, tax_category, tax_behavior, taxes, metadata, archived_at,
    tax_exemption_reason"""
_NAMES = [name.strip() for name in _COLUMNS.split(",")]


async def get(tx: Connection, workspace_id: UUID, product_id: UUID) -> Product:
    """The product; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM product WHERE workspace_id = $1 AND id = $2",
        workspace_id,
        product_id,
    )
    return _product(row) if row else raise_not_found("product", product_id)


async def lock(tx: Connection, workspace_id: UUID, product_id: UUID) -> Product:
    """The product, locked against other changes; raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT workspace_id, {_COLUMNS} FROM product WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE",
        workspace_id,
        product_id,
    )
    return _product(row) if row else raise_not_found("product", product_id)


async def get_many(tx: Connection, workspace_id: UUID, product_ids: list[UUID]) -> dict[UUID, Product]:
    """The products that exist among these ids."""
    if not product_ids:
        return {}
    rows = await tx.fetch(
        f"SELECT workspace_id, {_COLUMNS} FROM product WHERE workspace_id = $1 AND id = ANY($2::uuid[])",
        workspace_id,
        product_ids,
    )
    return {row["id"]: _product(row) for row in rows}


async def insert(tx: Connection, product: Product) -> None:
    """Store a new product; raises ProductSkuTaken."""
    try:
        await tx.execute(
            f"INSERT INTO product (workspace_id, {_COLUMNS}) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
            product.workspace_id,
            *_values(product),
        )
    except asyncpg.UniqueViolationError as error:
        raise ProductSkuTaken(field="sku") from error


async def update(tx: Connection, product: Product) -> None:
    """Store a changed product; raises ProductSkuTaken."""
    try:
        await tx.execute(
            f"UPDATE product SET ({_COLUMNS}) = "
            "ROW($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "
            "WHERE workspace_id = $1 AND id = $2",
            product.workspace_id,
            *_values(product),
        )
    except asyncpg.UniqueViolationError as error:
        raise ProductSkuTaken(field="sku") from error


async def find(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> list[Product]:
    """Products, newest first: `q`, `sku`, `archived`, `after`, `limit`, `offset`."""
    rows = await tx.fetch(
        f"""SELECT workspace_id, {_COLUMNS} FROM product
        WHERE workspace_id = $1
          AND ($2::text IS NULL OR name ILIKE $2 OR sku ILIKE $2)
          AND ($3::text IS NULL OR sku = $3)
          AND ($4::boolean IS NULL OR (archived_at IS NOT NULL) = $4)
          AND ($5::uuid IS NULL OR id < $5)
        ORDER BY id DESC LIMIT $6 OFFSET $7""",
        workspace_id,
        anywhere(filters["q"]),
        filters["sku"],
        filters["archived"],
        filters["after"],
        filters["limit"],
        filters["offset"],
    )
    return [_product(row) for row in rows]


async def count(tx: Connection, workspace_id: UUID, filters: dict[str, Any]) -> int:
    """How many products the filters find."""
    found: int = await tx.fetchval(
        """SELECT count(*) FROM product WHERE workspace_id = $1
          AND ($2::text IS NULL OR name ILIKE $2 OR sku ILIKE $2)
          AND ($3::text IS NULL OR sku = $3)
          AND ($4::boolean IS NULL OR (archived_at IS NOT NULL) = $4)""",
        workspace_id,
        anywhere(filters["q"]),
        filters["sku"],
        filters["archived"],
    )
    return found


def _values(product: Product) -> tuple[Any, ...]:
    special = {"taxes": [levied.model_dump(mode="json") for levied in product.taxes]}
    return tuple(special[name] if name in special else getattr(product, name) for name in _NAMES)


def _product(row: Any) -> Product:
    return Product(**dict(row) | {"taxes": tuple(Tax(**levied) for levied in row["taxes"])})
