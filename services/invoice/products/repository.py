"""Products: one row each."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg

from services.invoice.products.domain import Product, ProductSkuTaken
from shared.events.product import Tax
from shared.kernel.errors import raise_not_found
from shared.postgres import search
from shared.postgres.listing import Found, Listing, Window, in_order, where, where_by
from shared.postgres.named import Statement, places
from shared.postgres.pool import Connection

_NAMES = (
    "id version created_at updated_at name description sku unit unit_price currency tax_rate tax_category "
    "tax_behavior taxes metadata archived_at tax_exemption_reason"
).split()
_COLUMNS = f"workspace_id, {', '.join(_NAMES)}"
_BY_ID = f"SELECT {_COLUMNS} FROM product WHERE workspace_id = :workspace_id AND id = :id"
_GET, _LOCK = Statement(_BY_ID), Statement(f"{_BY_ID} FOR NO KEY UPDATE")
_INSERT = Statement(f"INSERT INTO product ({_COLUMNS}) VALUES (:workspace_id, {places(_NAMES)})")
_UPDATE = Statement(
    f"UPDATE product SET ({', '.join(_NAMES)}) = ROW({places(_NAMES)}) "
    "WHERE workspace_id = :workspace_id AND id = :id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products; `q` are beginnings of words of name or sku."""

    q: Annotated[str | None, where(search.has_words("name", "sku"), found_in=search.found_in("product"))] = (
        None
    )
    literal: Annotated[str | None, where(search.has_literally("name", "sku"))] = None
    sku: Annotated[str | None, in_order("sku = :sku")] = None
    is_archived: Annotated[
        bool | None, where_by({True: "archived_at IS NOT NULL", False: "archived_at IS NULL"})
    ] = None


_LIST = Listing(ProductFilter, "product", _COLUMNS)


async def get(tx: Connection, workspace_id: UUID, product_id: UUID) -> Product:
    """The product; raises NotFound."""
    row = await _GET.fetchrow(tx, workspace_id=workspace_id, id=product_id)
    return _product(row) if row else raise_not_found("product", product_id)


async def lock(tx: Connection, workspace_id: UUID, product_id: UUID) -> Product:
    """The product, locked against other changes; raises NotFound."""
    row = await _LOCK.fetchrow(tx, workspace_id=workspace_id, id=product_id)
    return _product(row) if row else raise_not_found("product", product_id)


async def get_many(tx: Connection, workspace_id: UUID, product_ids: list[UUID]) -> dict[UUID, Product]:
    """The products that exist among these ids."""
    if not product_ids:
        return {}
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM product WHERE workspace_id = $1 AND id = ANY($2::uuid[])",
        workspace_id,
        product_ids,
    )
    return {row["id"]: _product(row) for row in rows}


async def insert(tx: Connection, product: Product) -> None:
    """Store a new product; raises ProductSkuTaken."""
    await _write(tx, _INSERT, product)


async def update(tx: Connection, product: Product) -> None:
    """Store a changed product; raises ProductSkuTaken."""
    await _write(tx, _UPDATE, product)


async def find(tx: Connection, workspace_id: UUID, filters: ProductFilter, window: Window) -> Found[Product]:
    """The products of this part of the list, newest first."""
    return await _LIST.find(tx, workspace_id, filters, window, _product)


async def _write(tx: Connection, statement: Statement, product: Product) -> None:
    taxes = [levied.model_dump(mode="json") for levied in product.taxes]
    try:
        await statement.execute(tx, product, taxes=taxes)
    except asyncpg.UniqueViolationError as error:
        raise ProductSkuTaken(field="sku") from error


def _product(row: asyncpg.Record) -> Product:
    return Product(**dict(row) | {"taxes": tuple(Tax(**levied) for levied in row["taxes"])})
