"""Totals: line amounts, tax by rate, and what they sum to. Rounding is half-up, away from zero.

Tax is rounded once for each rate (EN 16931 BR-CO-17: category tax = category base × rate), then spread
over the lines by largest remainder, so that lines, breakdown and totals agree to the last minor unit.
For inclusive prices the gross is what the customer was told: it never moves, the tax is taken out of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.invoice.domain import line as line_rules
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


def compute(lines: Sequence[Line], currency: str) -> Totals:
    """Amounts of every line and of the whole; raises AmountTooLarge naming the line."""
    amounts = [line_rules.amount_minor(line, currency) for line in lines]
    for index, amount in enumerate(amounts):
        if abs(amount) > MAX_MINOR:
            raise AmountTooLarge(field=f"lines.{index}")
    priced = list(lines)
    for members in _groups(lines).values():
        for index, line in zip(
            members, _taxed([lines[i] for i in members], [amounts[i] for i in members]), strict=True
        ):
            priced[index] = line
    net, tax = sum(line.net_minor for line in priced), sum(line.tax_minor for line in priced)
    if abs(net + tax) > MAX_MINOR:
        raise AmountTooLarge(field="lines")
    return Totals(tuple(priced), net, tax, net + tax, _breakdown(priced))


def spread(total: int, exact: Sequence[Decimal]) -> list[int]:
    """Whole parts near `exact` that sum to `total` (the rounded sum of `exact`), by largest remainder.

    Works on the mirrored values where the total is negative, so that a credit mirrors its invoice.
    """
    sign = -1 if total < 0 else 1
    mirrored = [sign * value for value in exact]
    parts = [int(value.to_integral_value(rounding="ROUND_FLOOR")) for value in mirrored]
    rest = sign * total - sum(parts)
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - mirrored[i], i))
    for index in order[:rest]:
        parts[index] += 1
    return [sign * part for part in parts]


def _groups(lines: Sequence[Line]) -> dict[tuple[object, ...], list[int]]:
    groups: dict[tuple[object, ...], list[int]] = {}
    for index, line in enumerate(lines):
        if line.type == "item":
            groups.setdefault((line.tax_rate, line.tax_category, line.tax_behavior), []).append(index)
    return groups


def _taxed(lines: list[Line], amounts: list[int]) -> list[Line]:
    rate = lines[0].tax_rate or Decimal(0)
    is_inclusive = lines[0].tax_behavior == "inclusive"
    exact = [_tax(amount, rate, is_inclusive) for amount in amounts]
    tax = int(money.round_half_up(_tax(sum(amounts), rate, is_inclusive)))
    taxes = spread(tax, exact)
    if is_inclusive:
        return [
            replace(line, net_minor=amount - own, tax_minor=own, gross_minor=amount)
            for line, amount, own in zip(lines, amounts, taxes, strict=True)
        ]
    return [
        replace(line, net_minor=amount, tax_minor=own, gross_minor=amount + own)
        for line, amount, own in zip(lines, amounts, taxes, strict=True)
    ]


def _tax(amount: int, rate: Decimal, is_inclusive: bool) -> Decimal:
    # Multiplied before it is divided: the quotient is rounded at 80 digits, once.
    product = money.EXACT.multiply(Decimal(amount), rate)
    return money.EXACT.divide(product, 100 + rate if is_inclusive else Decimal(100))


def _breakdown(lines: Sequence[Line]) -> tuple[TaxBreakdown, ...]:
    sums: dict[tuple[Decimal, str | None], list[int]] = {}
    for line in lines:
        if line.type == "item":
            both = sums.setdefault(((line.tax_rate or Decimal(0)).normalize(), line.tax_category), [0, 0])
            both[0] += line.net_minor
            both[1] += line.tax_minor
    return tuple(
        TaxBreakdown(tax_rate=rate, tax_category=category, taxable_minor=net, tax_minor=tax)
        for (rate, category), (net, tax) in sorted(
            sums.items(), key=lambda item: (-item[0][0], item[0][1] or "")
        )
    )
