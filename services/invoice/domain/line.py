"""Lines: what an invoice charges for, row by row."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from services.invoice.domain.product import Product
from shared.events.invoice import LineData, LineDiscount
from shared.events.product import TaxBehavior
from shared.kernel import money
from shared.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Line:
    """One row. Prices in major units, rates in percent; the three amounts are set by totals.py."""

    id: UUID
    type: Literal["item", "text"]
    description: str
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None
    tax_category: str | None = None
    tax_behavior: TaxBehavior | None = None
    discount_percent: Decimal | None = None
    discount_minor: int | None = None
    product_id: UUID | None = None
    net_minor: int = 0
    tax_minor: int = 0
    gross_minor: int = 0


def make(line_id: UUID, fields: dict[str, Any], product: Product | None, field_name: str) -> Line:
    """A line from what the caller gave, with the product's values where the caller gave none.

    Raises Invalid naming what an item lacks, or what a text row must not have.
    """
    if fields.get("type") == "text":
        return _text_line(line_id, fields, field_name)
    given = {name: value for name, value in fields.items() if value is not None}
    basis = {"quantity": Decimal(1), "tax_rate": Decimal(0)} | (_defaults(product) if product else {})
    line = basis | given
    for name in ("description", "unit_price"):
        if line.get(name) is None:
            raise Invalid("An item needs it, unless its product has it.", field=f"{field_name}.{name}")
    discount = line.pop("discount", None) or {}
    line.setdefault("tax_behavior", "exclusive")
    line["type"] = "item"
    return Line(
        id=line_id,
        discount_percent=discount.get("percent"),
        discount_minor=discount.get("amount_minor"),
        **line,
    )


def amount_minor(line: Line, currency: str) -> int:
    """Quantity × unit price − discount, rounded half-up: net for exclusive prices, else gross."""
    if line.type == "text" or line.quantity is None or line.unit_price is None:
        return 0
    price = money.EXACT.multiply(line.quantity, line.unit_price)
    if line.discount_percent is not None:
        price = money.EXACT.multiply(price, (100 - line.discount_percent).scaleb(-2))
    decimals = money.exponent(currency)
    rounded = int(money.round_half_up(price, decimals).scaleb(decimals, context=money.EXACT))
    return rounded - (line.discount_minor or 0)


def data(line: Line) -> LineData:
    """The line as the public API and events show it."""
    discount = None
    if line.discount_percent is not None or line.discount_minor is not None:
        discount = LineDiscount(percent=line.discount_percent, amount_minor=line.discount_minor)
    names = set(LineData.model_fields) - {"discount"}
    return LineData(**{name: getattr(line, name) for name in names}, discount=discount)


def _text_line(line_id: UUID, fields: dict[str, Any], field_name: str) -> Line:
    for name, value in fields.items():
        if name not in ("type", "description") and value is not None:
            raise Invalid("A text row has only a description.", field=f"{field_name}.{name}")
    if not fields.get("description"):
        raise Invalid("A text row needs a description.", field=f"{field_name}.description")
    return Line(id=line_id, type="text", description=fields["description"])


def _defaults(product: Product) -> dict[str, Any]:
    return {
        "description": product.description or product.name,
        "unit": product.unit,
        "unit_price": product.unit_price,
        "tax_rate": product.tax_rate,
        "tax_category": product.tax_category,
        "tax_behavior": product.tax_behavior,
        "product_id": product.id,
    }
