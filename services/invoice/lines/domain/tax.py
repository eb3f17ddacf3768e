"""Tax: by rate and category, rounded at the level and in the way that the workspace chose.

Tax is rounded once for each rate and category by default (EN 16931 BR-CO-17: category tax = category base
× rate), or once a line. For inclusive prices the gross is what the customer was told: it never moves, the
tax is taken out of it.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from shared.events.product import Tax
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.pricing import Rounding

# EN 16931 BR-Z/E/AE/IC/G/O: these categories have no tax; all but Z say why.
UNTAXED = {"Z", "E", "AE", "K", "G", "O"}
USUAL_REASONS = {
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export outside the EU",
    "O": "Not subject to VAT",
}


def exemption_reason(category: str | None, rate: Decimal, reason: str | None, field: str) -> str | None:
    """The reason to state for a category without tax; raises Invalid where rate and category disagree."""
    place = f"{field}." if field else ""
    if category in UNTAXED and rate != 0:
        raise Invalid(f"Tax category {category} has a rate of 0.", field=f"{place}tax_rate")
    if category == "S" and rate == 0:
        raise Invalid("Tax category S has a rate above 0; Z is the zero rate.", field=f"{place}tax_rate")
    if category == "E" and not reason:
        raise Invalid("An exemption needs its reason.", field=f"{place}tax_exemption_reason")
    if reason and category not in UNTAXED - {"Z"}:
        raise Invalid("Only an untaxed category has a reason.", field=f"{place}tax_exemption_reason")
    return reason or USUAL_REASONS.get(category or "")


def require_together(categories: Iterable[str | None]) -> None:
    """Raise Invalid where categories cannot stand on one document: what is outside VAT stands alone."""
    distinct = set(categories)
    if "O" in distinct and len(distinct) > 1:
        message = "What is not subject to VAT (category O) stands on a document of its own (BR-O-11)."
        raise Invalid(message, field="lines")


def check_taxes(taxes: Sequence[Tax], field: str) -> list[Tax]:
    """The taxes of one line or product with their reasons stated.

    Raises Invalid where rate and category disagree or two are alike.
    """
    checked: list[Tax] = []
    for index, levied in enumerate(taxes):
        place = f"{field}.{index}"
        reason = exemption_reason(levied.tax_category, levied.tax_rate, levied.tax_exemption_reason, place)
        stated = levied.model_copy(update={"tax_exemption_reason": reason})
        if any(tax_key(stated) == tax_key(other) for other in checked):
            raise Invalid("Two of the taxes are alike; give each its name.", field=place)
        checked.append(stated)
    return checked


def fill_category(category: str | None, rate: Decimal | None) -> str:
    """The VAT category (UNCL5305): the one that is stated, else standard or zero by the rate."""
    return category or ("S" if rate else "Z")


def tax_key(levied: Tax) -> tuple[Decimal, str, str]:
    """What makes a tax another one: its rate, its category, stated or not, and its name."""
    category = fill_category(levied.tax_category, levied.tax_rate)
    return levied.tax_rate.normalize(), category, levied.name or ""


def whole_percent(rates: Decimal, behavior: str | None) -> Decimal:
    """What a line's amount is in percent of its price without tax: 100, or more where it holds its taxes."""
    return 100 + rates if behavior == "inclusive" else Decimal(100)


def compute_group(amounts: Sequence[int], rate: Decimal, whole: Decimal, rounding: Rounding) -> list[int]:
    """The tax in minor units of each amount of one rate; `rate` in percent, `whole` by whole_percent()."""
    parts = [exact_tax(amount, rate, whole) for amount in amounts]
    if rounding.level == "line":
        return [rounding.whole(tax) for tax in parts]
    return spread(rounding.whole(exact_tax(sum(amounts), rate, whole)), parts)


def spread(total: int, values: Sequence[Decimal]) -> list[int]:
    """Whole parts near `values` that sum to `total` (their rounded sum), by largest remainder.

    Works on the mirrored values where the total (or, where that is 0, the first part) is negative, so that
    a credit mirrors its invoice.
    """
    leading = total or next((value for value in values if value), 0)
    sign = -1 if leading < 0 else 1
    mirrored = [sign * value for value in values]
    parts = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in mirrored]
    rest = sign * total - sum(parts)
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - mirrored[i], i))
    for index in order[:rest]:
        parts[index] += 1
    return [sign * part for part in parts]


def exact_tax(amount: int, rate: Decimal, whole: Decimal) -> Decimal:
    """The tax in an amount of minor units, not rounded (at 80 digits, once)."""
    return money.EXACT.divide(money.EXACT.multiply(Decimal(amount), rate), whole)
