"""Products: what a workspace sells, at today's price. They are archived, never deleted."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.events.product import ProductData, TaxBehavior, TaxCategory
from shared.kernel import money
from shared.kernel.errors import Conflict


class ProductSkuTaken(Conflict):
    """Another product of the workspace has this sku."""

    code = "product_sku_taken"


@dataclass(frozen=True, slots=True)
class Product:
    """A product of one workspace; `unit_price` in major units, `tax_rate` in percent."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    name: str
    unit_price: Decimal
    currency: str
    tax_rate: Decimal
    tax_behavior: TaxBehavior
    description: str | None = None
    sku: str | None = None
    unit: str | None = None
    tax_category: TaxCategory | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    archived_at: datetime | None = None


def create(workspace_id: UUID, product_id: UUID, fields: dict[str, Any], now: datetime) -> Product:
    """A new product; raises UnknownCurrency."""
    money.exponent(fields["currency"])
    return Product(workspace_id, product_id, 1, now, now, **fields)


def change(product: Product, fields: dict[str, Any], now: datetime) -> Product:
    """The product with these fields changed; documents that name it stay as they are."""
    if "currency" in fields:
        money.exponent(fields["currency"])
    return replace(product, **fields, version=product.version + 1, updated_at=now)


def archive(product: Product, now: datetime) -> Product:
    """The product, no longer offered for new documents."""
    return replace(product, archived_at=now, version=product.version + 1, updated_at=now)


def snapshot(product: Product) -> ProductData:
    """The product as the public API and events show it."""
    names = ProductData.model_fields
    return ProductData(**{name: getattr(product, name) for name in names})
