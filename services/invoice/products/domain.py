"""Products: what a workspace sells, at today's price. They are archived, never deleted."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.invoice.lines.domain import tax
from shared.events.product import ProductData, Tax, TaxBehavior, TaxCategory
from shared.kernel import money
from shared.kernel.errors import Conflict, Invalid


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
    taxes: tuple[Tax, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    archived_at: datetime | None = None
    tax_exemption_reason: str | None = None


def new_product(workspace_id: UUID, product_id: UUID, fields: dict[str, Any], now: datetime) -> Product:
    """A new product; raises UnknownCurrency, or Invalid for taxes that do not go together."""
    money.exponent(fields["currency"])
    return _checked(Product(workspace_id, product_id, 1, now, now, **_taxed(fields)))


def change(product: Product, fields: dict[str, Any], now: datetime) -> Product:
    """The product with these fields changed; documents that name it stay as they are."""
    if "currency" in fields:
        money.exponent(fields["currency"])
    return _checked(replace(product, **_taxed(fields), version=product.version + 1, updated_at=now))


def archive(product: Product, now: datetime) -> Product:
    """The product, no longer offered for new documents."""
    return replace(product, archived_at=now, version=product.version + 1, updated_at=now)


def to_snapshot(product: Product) -> ProductData:
    """The product as the public API and events show it."""
    names = ProductData.model_fields
    return ProductData(**{name: getattr(product, name) for name in names})


def _checked(product: Product) -> Product:
    """The product, whose lines can be sold as it is; an exemption's reason may be left to them."""
    if not product.taxes:
        reason = product.tax_exemption_reason
        said = reason or ("left to the line" if product.tax_category == "E" else None)
        tax.exemption_reason(product.tax_category, product.tax_rate, said, "")
    elif product.tax_exemption_reason:
        raise Invalid("Each of several taxes has a reason of its own.", field="tax_exemption_reason")
    return product


def _taxed(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields with one tax or several: what is given last takes the place of what was."""
    given = {name: value for name, value in fields.items() if name != "taxes"}
    if not fields.get("taxes"):
        return given | ({"taxes": ()} if fields.keys() & {"taxes", "tax_rate", "tax_category"} else {})
    if given.get("tax_rate") or given.get("tax_category"):
        raise Invalid("Give either taxes or the values of a single tax.", field="taxes")
    taxes = tax.taxes_from_fields(fields["taxes"], "taxes")
    rate = sum((levied.tax_rate for levied in taxes), Decimal(0))
    return given | {"taxes": tuple(taxes), "tax_rate": rate, "tax_category": None}
