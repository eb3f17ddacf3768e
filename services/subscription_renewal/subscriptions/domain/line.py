"""Lines: what a subscription charges for each period, and what they come to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from pydantic import TypeAdapter

from services.subscription_renewal.copies.domain.product import Product
from services.subscription_renewal.prices.domain.rating import MAX_MINOR, AmountTooLarge
from shared.events.invoice import Discount
from shared.events.product import TaxBehavior, TaxCategory
from shared.events.subscription import ScheduledChange, SubscriptionLineData
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Arithmetic

Line = SubscriptionLineData
Lines = tuple[Line, ...]
# EN 16931's categories without tax; the invoice service refuses what disagrees, so it is refused here.
_UNTAXED = frozenset({"Z", "E", "AE", "K", "G", "O"})
_NEEDED = "A line needs it, unless its product has it."
T = TypeVar("T")
_SEVERAL = TypeAdapter(list[Line])


class ProductArchived(Invalid):
    """The product is archived: nothing new is sold of it."""

    code = "product_archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedLine:
    """A line as it is asked for: what is not given is its product's of today.

    `place` stands before its fields in the request: nothing where it was not given as a list.
    """

    description: str | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None
    tax_category: TaxCategory | None = None
    tax_behavior: TaxBehavior | None = None
    tax_exemption_reason: str | None = None
    discount: Discount | None = None
    product_id: UUID | None = None
    place: str | None = None

    def place_at(self, index: int) -> str:
        """What stands before its fields where it is the line of this index: `lines.0.`."""
        return f"lines.{index}." if self.place is None else self.place


_NOTHING = WantedLine()


def make_all(
    lines: Sequence[WantedLine], products: Mapping[UUID, Product], arithmetic: Arithmetic
) -> tuple[Line, ...]:
    """Lines with today's values of their products where they give none; raises Invalid naming the field.

    These prices are kept: a later change of the product does not touch the subscription.
    """
    made = list[Line]()
    for index, line in enumerate(lines):
        product = products[line.product_id] if line.product_id else None
        made.append(_make(line, product, arithmetic.currency, line.place_at(index)))
    return require_amounts(made, arithmetic)


def require_amounts(lines: Sequence[Line], arithmetic: Arithmetic) -> Lines:
    """The lines, which can be billed; raises UnknownCurrency, AmountTooLarge or Invalid."""
    money.exponent(arithmetic.currency)
    for index, line in enumerate(lines):
        amount = amount_minor(line, arithmetic)
        if abs(amount) > MAX_MINOR:
            raise AmountTooLarge(field=f"lines.{index}")
        if amount < 0 and line.discount and line.discount.amount_minor:
            message = "The discount is larger than what it is taken from."
            raise Invalid(message, field=f"lines.{index}.discount")
    if not lines or gross(lines, arithmetic) < 0:
        raise Invalid("There must be lines, and they must not come to less than nothing.", field="lines")
    return tuple(lines)


def amount_minor(line: Line, arithmetic: Arithmetic) -> int:
    """What its price comes to after its discount, in minor units, as its invoice will say."""
    off = line.discount or Discount()
    return arithmetic.line_minor(line.quantity, line.unit_price, off.percent, off.amount_minor)


def total_minor(lines: Iterable[Line], arithmetic: Arithmetic) -> int:
    """The sum of the lines' amounts in minor units: before tax where prices exclude it."""
    return sum(amount_minor(line, arithmetic) for line in lines)


def gross(lines: Iterable[Line], arithmetic: Arithmetic) -> Decimal:
    """What the lines come to with tax, in minor units, not rounded."""
    return sum((_gross(line, arithmetic) for line in lines), Decimal(0))


def gross_factor(line: Line) -> Decimal:
    """What one minor unit of the line's amount comes to with tax."""
    if line.tax_behavior == "inclusive":
        return Decimal(1)
    return 1 + line.tax_rate.scaleb(-2)


def from_fields(fields: object) -> tuple[Line, ...]:
    """Lines from their JSON values."""
    return tuple(_SEVERAL.validate_python(fields))


def scheduled_of(fields: object) -> ScheduledChange:
    """A scheduled change from its JSON values."""
    return ScheduledChange.model_validate(fields)


def to_fields(lines: Sequence[Line]) -> list[dict[str, object]]:
    """Lines as JSON values, exact."""
    return [line.model_dump(mode="json", exclude_none=True) for line in lines]


def _make(wanted: WantedLine, product: Product | None, currency: str, place: str) -> Line:
    known = _NOTHING if product is None else _defaults(product)
    if product:
        _require_sellable(product, currency, place)
    description = _either(wanted.description, known.description)
    unit_price = _either(wanted.unit_price, known.unit_price)
    if not description:
        raise Invalid(_NEEDED, field=f"{place}description")
    if unit_price is None:
        raise Invalid(_NEEDED, field=f"{place}unit_price")
    category = _either(wanted.tax_category, known.tax_category)
    # The product's reason is that of its category.
    known_reason = known.tax_exemption_reason if category == known.tax_category else None
    line = Line(
        description=description,
        quantity=_first(wanted.quantity, usual=Decimal(1)),
        unit=_either(wanted.unit, known.unit),
        unit_price=unit_price,
        tax_rate=_first(wanted.tax_rate, known.tax_rate, usual=Decimal(0)),
        tax_category=category,
        tax_behavior=_first(wanted.tax_behavior, known.tax_behavior, usual="exclusive"),
        tax_exemption_reason=_either(wanted.tax_exemption_reason, known_reason),
        discount=wanted.discount,
        product_id=wanted.product_id,
    )
    _require_fitting_tax(line, place)
    return line


def _first(*values: T | None, usual: T) -> T:
    return next((value for value in values if value is not None), usual)


def _either(given: T, known: T) -> T:
    return known if given is None else given


def _require_sellable(product: Product, currency: str, place: str) -> None:
    if product.is_archived:
        raise ProductArchived(field=f"{place}product_id")
    if product.currency != currency:
        message = f"The product is sold in {product.currency}, the subscription is billed in {currency}."
        raise Invalid(message, field=f"{place}product_id")


def _defaults(product: Product) -> WantedLine:
    return WantedLine(
        description=product.description or product.name,
        unit=product.unit,
        unit_price=product.unit_price,
        tax_rate=product.tax_rate,
        tax_category=product.tax_category,
        tax_behavior=product.tax_behavior,
        tax_exemption_reason=product.tax_exemption_reason,
    )


def _require_fitting_tax(line: Line, place: str) -> None:
    category, reason = line.tax_category, line.tax_exemption_reason
    if category in _UNTAXED and line.tax_rate != 0:
        raise Invalid(f"Tax category {category} has a rate of 0.", field=f"{place}tax_rate")
    if category == "S" and line.tax_rate == 0:
        raise Invalid("Tax category S has a rate above 0; Z is the zero rate.", field=f"{place}tax_rate")
    if category == "E" and not reason:
        raise Invalid("An exemption needs its reason.", field=f"{place}tax_exemption_reason")
    if reason and category not in _UNTAXED - {"Z"}:
        raise Invalid("Only an untaxed category has a reason.", field=f"{place}tax_exemption_reason")


def _gross(line: Line, arithmetic: Arithmetic) -> Decimal:
    return money.EXACT.multiply(Decimal(amount_minor(line, arithmetic)), gross_factor(line))
