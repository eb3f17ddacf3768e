"""Tax: by rate and category, rounded at the level and in the way that the workspace chose.

Tax is rounded once for each rate and category by default (EN 16931 BR-CO-17: category tax = category base
× rate), or once a line. For inclusive prices the gross is what the customer was told: it never moves, the
tax is taken out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.kernel import money
from shared.kernel.errors import Invalid

RoundingLevel = Literal["total", "line"]
RoundingMode = Literal["half_up", "half_even"]
# EN 16931 BR-Z/E/AE/IC/G/O: these categories have no tax; all but Z say why.
UNTAXED = {"Z", "E", "AE", "K", "G", "O"}
USUAL_REASONS = {
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export outside the EU",
    "O": "Not subject to VAT",
}


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where and how tax is rounded; fixed on an invoice when it is issued."""

    level: RoundingLevel = "total"
    mode: RoundingMode = "half_up"


USUAL_ROUNDING = Rounding()


def exemption_reason(category: str | None, rate: Decimal, reason: str | None, field: str) -> str | None:
    """The reason to state for a category without tax; raises Invalid where rate and category disagree."""
    if category in UNTAXED and rate != 0:
        raise Invalid(f"Tax category {category} has a rate of 0.", field=f"{field}.tax_rate")
    if category == "S" and rate == 0:
        raise Invalid("Tax category S has a rate above 0; Z is the zero rate.", field=f"{field}.tax_rate")
    if category == "E" and not reason:
        raise Invalid("An exemption needs its reason.", field=f"{field}.tax_exemption_reason")
    if reason and category not in UNTAXED - {"Z"}:
        raise Invalid("Only an untaxed category has a reason.", field=f"{field}.tax_exemption_reason")
    return reason or USUAL_REASONS.get(category or "")


def of_group(amounts: Sequence[int], rate: Decimal, is_inclusive: bool, rounding: Rounding) -> list[int]:
    """The tax in minor units of each amount of one rate, net or (inclusive) gross; rate in percent."""
    nearest = money.ROUNDING[rounding.mode]
    exact = [_exact(amount, rate, is_inclusive) for amount in amounts]
    if rounding.level == "line":
        return [int(nearest(tax)) for tax in exact]
    return spread(int(nearest(_exact(sum(amounts), rate, is_inclusive))), exact)


def spread(total: int, exact: Sequence[Decimal]) -> list[int]:
    """Whole parts near `exact` that sum to `total` (the rounded sum of `exact`), by largest remainder.

    Works on the mirrored values where the total (or, where that is 0, the first part) is negative, so that
    a credit mirrors its invoice.
    """
    leading = total or next((value for value in exact if value), 0)
    sign = -1 if leading < 0 else 1
    mirrored = [sign * value for value in exact]
    parts = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in mirrored]
    rest = sign * total - sum(parts)
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - mirrored[i], i))
    for index in order[:rest]:
        parts[index] += 1
    return [sign * part for part in parts]


def _exact(amount: int, rate: Decimal, is_inclusive: bool) -> Decimal:
    # Multiplied before it is divided: the quotient is rounded at 80 digits, once.
    product = money.EXACT.multiply(Decimal(amount), rate)
    return money.EXACT.divide(product, 100 + rate if is_inclusive else Decimal(100))
