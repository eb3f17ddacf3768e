"""Products: what a workspace sells, at today's price. They are archived, never deleted."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.invoice.lines.domain import tax
from services.invoice.lines.domain.line import LineDefaults
from shared.events.product import ProductData, Tax, TaxBehavior, TaxCategory
from shared.kernel import money
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.unset import UNSET, Unset, applied


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEdit:
    """What is said of a new product, or changed of one; `taxes` stand in place of one rate and category."""

    name: str | Unset = UNSET
    unit_price: Decimal | Unset = UNSET
    currency: str | Unset = UNSET
    tax_rate: Decimal | Unset = UNSET
    tax_behavior: TaxBehavior | Unset = UNSET
    tax_category: TaxCategory | Unset | None = UNSET
    tax_exemption_reason: str | Unset | None = UNSET
    taxes: tuple[Tax, ...] | Unset = UNSET
    description: str | Unset | None = UNSET
    sku: str | Unset | None = UNSET
    unit: str | Unset | None = UNSET
    metadata: dict[str, str] | Unset = UNSET


def new_product(workspace_id: UUID, product_id: UUID, details: ProductEdit, now: datetime) -> Product:
    """A new product; raises UnknownCurrency, or Invalid for taxes that do not go together."""
    nothing = Decimal(0)
    product = Product(workspace_id, product_id, 1, now, now, "", nothing, "", nothing, "exclusive")
    return _apply(details, product)


def edit(product: Product, changes: ProductEdit, now: datetime) -> Product:
    """The product with these fields changed; documents that name it stay as they are. Raises the same."""
    return replace(_apply(changes, product), version=product.version + 1, updated_at=now)


def archive(product: Product, now: datetime) -> Product:
    """The product, no longer offered for new documents; the same one where it is archived already."""
    if product.archived_at:
        return product
    return replace(product, archived_at=now, version=product.version + 1, updated_at=now)


def to_snapshot(product: Product) -> ProductData:
    """The product as the public API and events show it."""
    names = ProductData.model_fields
    return ProductData(**{name: getattr(product, name) for name in names})


def to_line_defaults(product: Product) -> LineDefaults:
    """What a line that names the product has where nothing else is said."""
    return LineDefaults(
        product_id=product.id,
        description=product.description or product.name,
        unit=product.unit,
        unit_price=product.unit_price,
        tax_rate=product.tax_rate,
        tax_category=product.tax_category,
        tax_exemption_reason=product.tax_exemption_reason,
        tax_behavior=product.tax_behavior,
        taxes=product.taxes,
    )


def _apply(changes: ProductEdit, product: Product) -> Product:
    if not isinstance(changes.currency, Unset):
        money.exponent(changes.currency)
    changed = applied(_choose_taxes(changes), to=product)
    _require_taxes(changed)
    return changed


def _choose_taxes(changes: ProductEdit) -> ProductEdit:
    """The edit with one tax or several: what is given last takes the place of what was."""
    if isinstance(changes.taxes, Unset) or not changes.taxes:
        tax_fields = (changes.taxes, changes.tax_rate, changes.tax_category)
        names_tax = any(value is not UNSET for value in tax_fields)
        return replace(changes, taxes=()) if names_tax else changes
    if changes.tax_rate or changes.tax_category:
        raise Invalid("Give either taxes or the values of a single tax.", field="taxes")
    taxes = tax.check_taxes(changes.taxes, "taxes")
    rate = sum((levied.tax_rate for levied in taxes), Decimal(0))
    return replace(changes, taxes=tuple(taxes), tax_rate=rate, tax_category=None)


def _require_taxes(product: Product) -> None:
    """Raise Invalid unless its lines can be sold as it is; an exemption's reason may be left to them."""
    if not product.taxes:
        reason = product.tax_exemption_reason
        stated = reason or ("left to the line" if product.tax_category == "E" else None)
        tax.exemption_reason(product.tax_category, product.tax_rate, stated, "")
    elif product.tax_exemption_reason:
        raise Invalid("Each of several taxes has a reason of its own.", field="tax_exemption_reason")
