"""Totals: line amounts, discounts, tax by rate, and what they sum to, to the last minor unit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.invoice.domain import line as line_rules
from services.invoice.domain import tax
from services.invoice.domain.discount import Discount
from services.invoice.domain.line import Line
from shared.events.invoice import TaxBreakdown
from shared.kernel import money
from shared.kernel.errors import Invalid

MAX_MINOR = 10**15


class AmountTooLarge(Invalid):
    """An amount is larger than the platform can hold."""

    code = "amount_too_large"


@dataclass(frozen=True, slots=True)
class Totals:
    """Lines with their amounts set, and their sums in minor units."""

    lines: tuple[Line, ...]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    tax_breakdown: tuple[TaxBreakdown, ...]


def compute(
    lines: Sequence[Line],
    currency: str,
    rounding: tax.Rounding = tax.USUAL_ROUNDING,
    discount: Discount | None = None,
) -> Totals:
    """Amounts of every line and of the whole: line discounts, then the invoice's, then tax.

    Raises AmountTooLarge naming the line, Invalid for a discount larger than what it is taken from.
    """
    amounts = [line_rules.amount_minor(line, currency, rounding.mode) for line in lines]
    for index, amount in enumerate(amounts):
        if abs(amount) > MAX_MINOR:
            raise AmountTooLarge(field=f"lines.{index}")
    shares = _discount_shares(amounts, discount, rounding)
    reduced = [amount - share for amount, share in zip(amounts, shares, strict=True)]
    priced = [replace(line, discount_share_minor=share) for line, share in zip(lines, shares, strict=True)]
    for members in _groups(lines).values():
        taxed = _taxed([priced[i] for i in members], [reduced[i] for i in members], rounding)
        for index, line in zip(members, taxed, strict=True):
            priced[index] = line
    net, taxes = sum(line.net_minor for line in priced), sum(line.tax_minor for line in priced)
    if abs(net + taxes) > MAX_MINOR:
        raise AmountTooLarge(field="lines")
    return Totals(tuple(priced), net, taxes, net + taxes, _breakdown(priced))


def _discount_shares(amounts: list[int], discount: Discount | None, rounding: tax.Rounding) -> list[int]:
    whole = sum(amounts)
    if discount is None or whole == 0:
        return [0] * len(amounts)
    off = discount.of(whole, rounding.mode)
    if abs(off) > abs(whole):
        raise Invalid("The discount is larger than what it is taken from.", field="discount")
    exact = [money.EXACT.divide(Decimal(amount * off), Decimal(whole)) for amount in amounts]
    return tax.spread(off, exact)


def _groups(lines: Sequence[Line]) -> dict[tuple[object, ...], list[int]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, line in enumerate(lines):
        if line.type == "item":
            groups.setdefault((line.tax_rate, line.tax_category, line.tax_behavior), []).append(index)
    return groups


def _taxed(lines: list[Line], amounts: list[int], rounding: tax.Rounding) -> list[Line]:
    is_inclusive = lines[0].tax_behavior == "inclusive"
    taxes = tax.of_group(amounts, lines[0].tax_rate or Decimal(0), is_inclusive, rounding)
    return [
        replace(line, net_minor=amount - own, tax_minor=own, gross_minor=amount)
        if is_inclusive
        else replace(line, net_minor=amount, tax_minor=own, gross_minor=amount + own)
        for line, amount, own in zip(lines, amounts, taxes, strict=True)
    ]


def _breakdown(lines: Sequence[Line]) -> tuple[TaxBreakdown, ...]:
    groups: dict[tuple[Decimal, str], list[Line]] = {}
    for line in lines:
        if line.type == "item":
            rate = (line.tax_rate or Decimal(0)).normalize()
            groups.setdefault((rate, line.tax_category or ""), []).append(line)
    return tuple(
        TaxBreakdown(
            tax_rate=rate,
            tax_category=members[0].tax_category,
            tax_exemption_reason=members[0].tax_exemption_reason,
            taxable_minor=sum(line.net_minor for line in members),
            tax_minor=sum(line.tax_minor for line in members),
        )
        for (rate, _), members in sorted(groups.items(), key=lambda group: (-group[0][0], group[0][1]))
    )
