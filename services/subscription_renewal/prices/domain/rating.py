"""What a price makes of a quantity: rows, each rounded once, which add up to the charge.

A row is what a pocket calculator and EN 16931 say: quantity × unit price. A charge is the sum of its rows; it
is never rounded as a whole, or its rows would not add up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Literal, assert_never

from services.subscription_renewal.prices.domain.price import (
    ZERO,
    Flat,
    Graduated,
    Package,
    Percentage,
    PerUnit,
    Price,
    Stairstep,
    Tier,
    Volume,
)
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Arithmetic

RowKind = Literal["included", "units", "packages", "percent", "events", "flat", "minimum", "maximum"]
WHOLE = Fraction(1)
MAX_MINOR = 10**15
# Bounds of a shorter segment are cut to as many decimals as quantities have.
QUANTITY_DECIMALS = 12
_ONE = Decimal(1)


class AmountTooLarge(Invalid):
    """An amount is larger than the platform can hold."""

    code = "amount_too_large"


@dataclass(frozen=True, slots=True)
class Used:
    """What was used in a segment: so many units, told by so many events."""

    quantity: Decimal
    event_count: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a charge: quantity × unit price (major units) is the amount, rounded to the currency."""

    kind: RowKind
    quantity: Decimal
    unit_price: Decimal
    amount_minor: int
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class _Segment:
    """How rows are made: in a currency, for a part of the nominal period."""

    arithmetic: Arithmetic
    share: Fraction

    def part(self, amount: Decimal) -> Decimal:
        """What is said per period, for this part of one; exact to 80 digits."""
        product = money.EXACT.multiply(amount, Decimal(self.share.numerator))
        return money.EXACT.divide(product, Decimal(self.share.denominator))

    def bound(self, quantity: Decimal) -> Decimal:
        if self.share == WHOLE:
            return quantity
        return money.round_half_up(self.part(quantity), QUANTITY_DECIMALS)

    def row(self, kind: RowKind, quantity: Decimal, unit_price: Decimal, tier: int | None = None) -> Row:
        return Row(kind, quantity, unit_price, self.arithmetic.line_minor(quantity, unit_price), tier)

    def amount(self, kind: RowKind, amount: Decimal, tier: int | None = None) -> Row:
        """An amount per period as a row of its own."""
        return self.stated(kind, self.minor(amount), tier)

    def minor(self, amount: Decimal) -> int:
        return self.arithmetic.line_minor(_ONE, self.part(amount))

    def stated(self, kind: RowKind, amount_minor: int, tier: int | None = None) -> Row:
        unit_price = money.to_major(amount_minor, self.arithmetic.currency)
        return Row(kind, _ONE, unit_price, amount_minor, tier)


def rate(price: Price, used: Used, arithmetic: Arithmetic, share: Fraction = WHOLE) -> tuple[Row, ...]:
    """The rows of one charge in one segment, which is `share` of its nominal period.

    A sum below zero counts as zero. Raises UnknownCurrency, AmountTooLarge.
    """
    segment = _Segment(arithmetic, share if price.is_prorated else WHOLE)
    rows = _rows(price, Used(max(used.quantity, ZERO), used.event_count), segment)
    rows += _to_bounds(price, total_minor(rows), segment)
    if any(abs(row.amount_minor) > MAX_MINOR for row in rows) or abs(total_minor(rows)) > MAX_MINOR:
        raise AmountTooLarge(field="quantity")
    return tuple(rows)


def total_minor(rows: Iterable[Row]) -> int:
    """What the rows come to, in minor units."""
    return sum(row.amount_minor for row in rows)


def _rows(price: Price, used: Used, segment: _Segment) -> list[Row]:
    match price:
        case PerUnit():
            return _per_unit(price, used.quantity, segment)
        case Package():
            return [_packages(price, used.quantity, segment)]
        case Graduated():
            return _graduated(price.tiers, used.quantity, segment)
        case Volume():
            number, tier = _tier_of(price.tiers, used.quantity, segment)
            return [
                segment.row("units", used.quantity, tier.unit_price, number),
                *_flat(tier, number, segment),
            ]
        case Stairstep():
            number, tier = _tier_of(price.tiers, used.quantity, segment)
            return _flat(tier, number, segment)
        case Percentage():
            return _percentage(price, used, segment)
        case Flat():
            return [segment.amount("flat", price.amount)]
        case _:
            assert_never(price)


def _per_unit(price: PerUnit, quantity: Decimal, segment: _Segment) -> list[Row]:
    included = segment.bound(price.included)
    rows = [segment.row("included", min(quantity, included), ZERO)] if included else []
    return [*rows, segment.row("units", _less(quantity, included), price.unit_price)]


def _packages(price: Package, quantity: Decimal, segment: _Segment) -> Row:
    # What is a package, and what it costs, is the same in a shorter segment.
    units = _less(quantity, segment.bound(price.included))
    begun = money.EXACT.divide(units, price.package_size).to_integral_value(ROUND_CEILING)
    return segment.row("packages", begun, price.package_price)


def _graduated(tiers: tuple[Tier, ...], quantity: Decimal, segment: _Segment) -> list[Row]:
    rows: list[Row] = []
    low = ZERO
    for number, tier in enumerate(tiers, 1):
        # The first tier is reached by nothing at all.
        if number > 1 and quantity <= low:
            break
        high = quantity if tier.up_to is None else min(quantity, segment.bound(tier.up_to))
        units = _less(high, low)
        rows += _flat(tier, number, segment)
        if units or not rows:
            rows.append(segment.row("units", units, tier.unit_price, number))
        low = max(low, high)
        if high == quantity:
            break
    return rows


def _tier_of(tiers: tuple[Tier, ...], quantity: Decimal, segment: _Segment) -> tuple[int, Tier]:
    for number, tier in enumerate(tiers, 1):
        if tier.up_to is None or quantity <= segment.bound(tier.up_to):
            return number, tier
    raise AssertionError("the last tier has no end")


def _flat(tier: Tier, number: int, segment: _Segment) -> list[Row]:
    return [segment.amount("flat", tier.flat, number)] if tier.flat else []


def _percentage(price: Percentage, used: Used, segment: _Segment) -> list[Row]:
    rows = [segment.row("percent", used.quantity, price.percent.scaleb(-2, context=money.EXACT))]
    if price.fixed_per_event:
        rows.append(segment.row("events", Decimal(used.event_count), price.fixed_per_event))
    return rows


def _to_bounds(price: Price, total: int, segment: _Segment) -> list[Row]:
    """The row that brings a charge up to its minimum, or down to its maximum; none where it lies between."""
    if price.minimum is not None and (short := segment.minor(price.minimum) - total) > 0:
        return [segment.stated("minimum", short)]
    if price.maximum is not None and (over := total - segment.minor(price.maximum)) > 0:
        return [segment.stated("maximum", -over)]
    return []


def _less(quantity: Decimal, taken: Decimal) -> Decimal:
    return max(money.EXACT.subtract(quantity, taken), ZERO)
