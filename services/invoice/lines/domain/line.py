"""Lines: what an invoice charges for, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeVar
from uuid import UUID

from services.invoice.lines.domain import discount as discounts
from services.invoice.lines.domain import supply, tax
from services.invoice.lines.domain.discount import Discount
from services.invoice.products.domain import Product
from shared.events.invoice import LineData, LineTax
from shared.events.product import TaxBehavior, TaxCategory
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Arithmetic

_GIVEN = (
    "type description quantity unit unit_price tax_rate tax_category tax_behavior tax_exemption_reason "
    "product_id parent_line_id classification_number project supply_start supply_end"
).split()
_ONE_TAX = ("tax_rate", "tax_category", "tax_exemption_reason")
D = TypeVar("D", bound=LineData)


class LineIdTaken(Invalid):
    """A line of another document has this id."""

    code = "line_id_taken"


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
    taxes: tuple[LineTax, ...] = ()
    discount: Discount | None = None
    product_id: UUID | None = None
    parent_line_id: UUID | None = None
    classification_number: str | None = None
    project: str | None = None
    supply_start: date | None = None
    supply_end: date | None = None
    discount_share_minor: int = 0
    net_minor: int = 0
    tax_minor: int = 0
    gross_minor: int = 0

    @property
    def levied(self) -> tuple[LineTax, ...]:
        """Its taxes with their amounts, whether it has one or several; none of a text row."""
        if self.type == "text":
            return ()
        return self.taxes or (
            LineTax.model_construct(
                tax_rate=self.tax_rate or Decimal(0),
                tax_category=self.tax_category,
                tax_exemption_reason=self.tax_exemption_reason,
                name=None,
                tax_minor=self.tax_minor,
            ),
        )

    @property
    def amount_minor(self) -> int:
        """What its price came to after all discounts: gross for an inclusive price, else net."""
        return self.gross_minor if self.tax_behavior == "inclusive" else self.net_minor

    @property
    def whole_percent(self) -> Decimal:
        """What that amount is in percent of the price without tax."""
        return tax.whole_percent(self.tax_rate or Decimal(0), self.tax_behavior)


def new_line(line_id: UUID, fields: dict[str, Any], product: Product | None, place: str) -> Line:
    """A line from what the caller gave, with the product's values where the caller gave none.

    Raises Invalid naming (below `place`) what an item lacks, or what a text row must not have.
    """
    given = {name: value for name, value in fields.items() if value is not None and name != "id"}
    if given.get("type") == "text":
        return _text_line(line_id, given, place)
    basis: dict[str, Any] = {"quantity": Decimal(1), "tax_rate": Decimal(0), "tax_behavior": "exclusive"}
    line = basis | (_defaults(product) if product else {}) | given | {"type": "item"}
    if product and given.get("tax_category", product.tax_category) != product.tax_category:
        # The reason is that of the product's category.
        line["tax_exemption_reason"] = given.get("tax_exemption_reason")
    for name in ("description", "unit_price"):
        if not line.get(name) and line.get(name) != 0:
            raise Invalid("An item needs it, unless its product has it.", field=f"{place}.{name}")
    supply.require_period(line.get("supply_start"), line.get("supply_end"), f"{place}.")
    line["discount"] = discounts.from_fields(line.get("discount"))
    line |= _taxed(line, _several(given, product, place), place)
    return Line(id=line_id, **line)


def merge_changes(line: Line, changes: dict[str, Any]) -> dict[str, Any]:
    """What a caller would give to make this line with these changes; one tax replaces several, and back."""
    fields = {name: getattr(line, name) for name in _GIVEN}
    fields["discount"] = line.discount and line.discount.data.model_dump()
    if line.taxes:
        fields["taxes"] = [levied.model_dump(exclude={"tax_minor"}) for levied in line.taxes]
    for name in _ONE_TAX if line.taxes or changes.get("taxes") else ():
        fields[name] = None
    if any(changes.get(name) is not None for name in _ONE_TAX):
        fields.pop("taxes", None)
    return fields | changes


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


def amount_minor(line: Line, arithmetic: Arithmetic) -> int:
    """What its price comes to after its own discount; 0 for a text row."""
    if line.type == "text" or line.quantity is None or line.unit_price is None:
        return 0
    off = line.discount or Discount()
    return arithmetic.line_minor(line.quantity, line.unit_price, off.percent, off.amount_minor)


def to_data(line: Line, shape: type[D] = LineData) -> D:  # type: ignore[assignment]
    """The line as the public API and events show it."""
    names = set(shape.model_fields) - {"discount"}
    discount = line.discount.data if line.discount else None
    return shape(**{name: getattr(line, name) for name in names}, discount=discount)


def _text_line(line_id: UUID, given: dict[str, Any], place: str) -> Line:
    extra = given.keys() - {"type", "description", "parent_line_id"}
    if extra:
        raise Invalid("A text row has only a description.", field=f"{place}.{min(extra)}")
    if not given.get("description"):
        raise Invalid("A text row needs a description.", field=f"{place}.description")
    return Line(id=line_id, **given)


def _several(given: dict[str, Any], product: Product | None, place: str) -> list[dict[str, Any]]:
    taxes: list[dict[str, Any]] = given.get("taxes") or []
    has_one = any(name in given for name in _ONE_TAX)
    if taxes and has_one:
        raise Invalid("Give either taxes or the values of a single tax.", field=f"{place}.taxes")
    return (
        [levied.model_dump() for levied in product.taxes] if product and not taxes and not has_one else taxes
    )


def _taxed(line: dict[str, Any], several: list[dict[str, Any]], place: str) -> dict[str, Any]:
    if not several:
        reason = tax.exemption_reason(
            line.get("tax_category"), line["tax_rate"], line.get("tax_exemption_reason"), place
        )
        return {"tax_exemption_reason": reason, "taxes": ()}
    taxes = tax.taxes_from_fields(several, f"{place}.taxes")
    return {
        "tax_rate": sum((levied.tax_rate for levied in taxes), Decimal(0)),
        "tax_category": None,
        "tax_exemption_reason": None,
        "taxes": tuple(LineTax(**levied.model_dump()) for levied in taxes),
    }


def _defaults(product: Product) -> dict[str, Any]:
    found = {
        "description": product.description or product.name,
        "unit": product.unit,
        "unit_price": product.unit_price,
        "tax_rate": product.tax_rate,
        "tax_category": product.tax_category,
        "tax_exemption_reason": product.tax_exemption_reason,
        "tax_behavior": product.tax_behavior,
        "product_id": product.id,
    }
    return {name: value for name, value in found.items() if value is not None}
