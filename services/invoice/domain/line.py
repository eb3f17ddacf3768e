"""Lines: what an invoice charges for, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from services.invoice.domain import discount as discounts
from services.invoice.domain import tax
from services.invoice.domain.discount import Discount
from services.invoice.domain.product import Product
from shared.events.invoice import LineData
from shared.events.product import TaxBehavior, TaxCategory
from shared.kernel import money
from shared.kernel.errors import Invalid

_GIVEN = (
    "type description quantity unit unit_price tax_rate tax_category tax_behavior tax_exemption_reason "
    "product_id parent_line_id classification_number project"
).split()


@dataclass(frozen=True, slots=True)
class Line:
    """One row. Prices in major units, rates in percent; the amounts are set by totals.py."""

    id: UUID
    type: Literal["item", "text"]
    description: str
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None
    tax_category: TaxCategory | None = None
    tax_behavior: TaxBehavior | None = None
    tax_exemption_reason: str | None = None
    discount: Discount | None = None
    product_id: UUID | None = None
    parent_line_id: UUID | None = None
    classification_number: str | None = None
    project: str | None = None
    discount_share_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    gross_minor: int = 0


def make(line_id: UUID, fields: dict[str, Any], product: Product | None, place: str) -> Line:
    """A line from what the caller gave, with the product's values where the caller gave none.

    Raises Invalid naming (below `place`) what an item lacks, or what a text row must not have.
    """
    given = {name: value for name, value in fields.items() if value is not None and name != "id"}
    if given.get("type") == "text":
        return _text_line(line_id, given, place)
    basis: dict[str, Any] = {"quantity": Decimal(1), "tax_rate": Decimal(0), "tax_behavior": "exclusive"}
    line = basis | (_defaults(product) if product else {}) | given | {"type": "item"}
    for name in ("description", "unit_price"):
        if not line.get(name) and line.get(name) != 0:
            raise Invalid("An item needs it, unless its product has it.", field=f"{place}.{name}")
    line["discount"] = discounts.from_fields(line.get("discount"))
    line["tax_exemption_reason"] = tax.exemption_reason(
        line.get("tax_category"), line["tax_rate"], line.get("tax_exemption_reason"), place
    )
    return Line(id=line_id, **line)


def given(line: Line) -> dict[str, Any]:
    """What a caller would give to make this line again."""
    fields = {name: getattr(line, name) for name in _GIVEN}
    return fields | {"discount": line.discount and line.discount.data.model_dump()}


def require_parents(lines: Sequence[Line]) -> None:
    """Raise Invalid for a row whose parent is not a row above it, or is itself below another."""
    above: dict[UUID, Line] = {}
    for index, line in enumerate(lines):
        if line.parent_line_id:
            parent = above.get(line.parent_line_id)
            if parent is None or parent.parent_line_id:
                message = "The parent must be a row above that has no parent itself."
                raise Invalid(message, field=f"lines.{index}.parent_line_id")
        above[line.id] = line


def amount_minor(line: Line, currency: str, mode: str = "half_up") -> int:
    """Quantity × unit price − discount, rounded: net for exclusive prices, gross for inclusive ones."""
    if line.type == "text" or line.quantity is None or line.unit_price is None:
        return 0
    price = money.EXACT.multiply(line.quantity, line.unit_price)
    discount = line.discount or Discount()
    if discount.percent is not None:
        price = money.EXACT.multiply(price, (100 - discount.percent).scaleb(-2))
    decimals = money.exponent(currency)
    rounded = money.ROUNDING[mode](price, decimals)
    return int(rounded.scaleb(decimals, context=money.EXACT)) - (discount.amount_minor or 0)


def data(line: Line) -> LineData:
    """The line as the public API and events show it."""
    names = set(LineData.model_fields) - {"discount"}
    discount = line.discount.data if line.discount else None
    return LineData(**{name: getattr(line, name) for name in names}, discount=discount)


def _text_line(line_id: UUID, given: dict[str, Any], place: str) -> Line:
    extra = given.keys() - {"type", "description", "parent_line_id"}
    if extra:
        raise Invalid("A text row has only a description.", field=f"{place}.{min(extra)}")
    if not given.get("description"):
        raise Invalid("A text row needs a description.", field=f"{place}.description")
    return Line(id=line_id, **given)


def _defaults(product: Product) -> dict[str, Any]:
    found = {
        "description": product.description or product.name,
        "unit": product.unit,
        "unit_price": product.unit_price,
        "tax_rate": product.tax_rate,
        "tax_category": product.tax_category,
        "tax_behavior": product.tax_behavior,
        "product_id": product.id,
    }
    return {name: value for name, value in found.items() if value is not None}
