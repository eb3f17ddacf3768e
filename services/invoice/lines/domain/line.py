"""Lines: what an invoice charges for, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar
from uuid import UUID

from services.invoice.lines.domain import supply, tax
from services.invoice.lines.domain.discount import Discount
from shared.events.invoice import LineData, LineTax
from shared.events.product import Tax, TaxBehavior, TaxCategory
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Arithmetic
from shared.kernel.unset import UNSET, Unset, applied, chosen, given

_EDITABLE = (
    "type description quantity unit unit_price tax_rate tax_category tax_behavior tax_exemption_reason "
    "discount product_id parent_line_id classification_number project supply_start supply_end"
).split()
_NEEDED = "An item needs it, unless its product has it."
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEdit:
    """What is said of a new line, or changed of one; None, too, leaves it to the product or what is usual."""

    id: UUID | Unset | None = UNSET
    type: Literal["item", "text"] | Unset = UNSET
    description: str | Unset | None = UNSET
    quantity: Decimal | Unset | None = UNSET
    unit: str | Unset | None = UNSET
    unit_price: Decimal | Unset | None = UNSET
    tax_rate: Decimal | Unset | None = UNSET
    tax_category: TaxCategory | Unset | None = UNSET
    tax_behavior: TaxBehavior | Unset | None = UNSET
    tax_exemption_reason: str | Unset | None = UNSET
    taxes: tuple[Tax, ...] | Unset | None = UNSET
    discount: Discount | Unset | None = UNSET
    product_id: UUID | Unset | None = UNSET
    parent_line_id: UUID | Unset | None = UNSET
    classification_number: str | Unset | None = UNSET
    project: str | Unset | None = UNSET
    supply_start: date | Unset | None = UNSET
    supply_end: date | Unset | None = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDefaults:
    """What a product gives a line that says nothing else."""

    product_id: UUID
    description: str
    unit: str | None
    unit_price: Decimal
    tax_rate: Decimal
    tax_category: TaxCategory | None
    tax_exemption_reason: str | None
    tax_behavior: TaxBehavior
    taxes: tuple[Tax, ...]


def new_line(line_id: UUID, details: LineEdit, product: LineDefaults | None, place: str) -> Line:
    """A line from what the caller gave, with the product's values where the caller gave none.

    Raises Invalid naming (below `place`) what an item lacks, or what a text row must not have.
    """
    own = _without_nulls(details)
    if own.type == "text":
        return _text_line(line_id, own, place)
    line = applied(own, to=_usual_line(product))
    if product and chosen(own.tax_category, product.tax_category) != product.tax_category:
        # The reason is that of the product's category.
        line = replace(line, tax_exemption_reason=own.tax_exemption_reason or None)
    if not line.description:
        raise Invalid(_NEEDED, field=f"{place}.description")
    if not isinstance(line.unit_price, Decimal):
        raise Invalid(_NEEDED, field=f"{place}.unit_price")
    supply.require_period(line.supply_start or None, line.supply_end or None, f"{place}.")
    stated = _state_taxes(line, _several_taxes(own, product, place), place)
    return Line(**given(replace(stated, id=line_id)))


def merge_changes(line: Line, changes: LineEdit) -> LineEdit:
    """What a caller would say to make this line with these changes; one tax replaces several, and back."""
    taxes = tuple(Tax(**levied.model_dump(exclude={"tax_minor"})) for levied in line.taxes)
    fields = {name: getattr(line, name) for name in _EDITABLE} | {"taxes": taxes or None}
    if taxes or changes.taxes:
        fields |= dict.fromkeys(_ONE_TAX)
    if any(getattr(changes, name) not in (None, UNSET) for name in _ONE_TAX):
        fields["taxes"] = None
    return applied(changes, to=LineEdit(**fields))


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


def _without_nulls(details: LineEdit) -> LineEdit:
    return LineEdit(**{name: value for name, value in given(details).items() if value is not None})


def _text_line(line_id: UUID, own: LineEdit, place: str) -> Line:
    extra = given(own).keys() - {"id", "type", "description", "parent_line_id"}
    if extra:
        raise Invalid("A text row has only a description.", field=f"{place}.{min(extra)}")
    if not own.description:
        raise Invalid("A text row needs a description.", field=f"{place}.description")
    return Line(line_id, "text", own.description, parent_line_id=own.parent_line_id or None)


def _usual_line(product: LineDefaults | None) -> LineEdit:
    usual = LineEdit(type="item", quantity=Decimal(1), tax_rate=Decimal(0), tax_behavior="exclusive")
    if product is None:
        return usual
    return applied(_without_nulls(LineEdit(**given(product))), to=usual)


def _several_taxes(own: LineEdit, product: LineDefaults | None, place: str) -> tuple[Tax, ...]:
    has_one = any(getattr(own, name) is not UNSET for name in _ONE_TAX)
    if own.taxes and has_one:
        raise Invalid("Give either taxes or the values of a single tax.", field=f"{place}.taxes")
    return own.taxes or (product.taxes if product and not has_one else ())


def _state_taxes(line: LineEdit, several: tuple[Tax, ...], place: str) -> LineEdit:
    if not several:
        rate, stated = line.tax_rate or Decimal(0), line.tax_exemption_reason or None
        reason = tax.exemption_reason(line.tax_category or None, rate, stated, place)
        return replace(line, tax_exemption_reason=reason, taxes=())
    taxes = tax.check_taxes(several, f"{place}.taxes")
    return replace(
        line,
        tax_rate=sum((levied.tax_rate for levied in taxes), Decimal(0)),
        tax_category=None,
        tax_exemption_reason=None,
        taxes=tuple(LineTax(**levied.model_dump()) for levied in taxes),
    )
