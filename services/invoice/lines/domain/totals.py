"""Totals: line amounts, discounts, tax by rate, and what they sum to, to the last minor unit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from services.invoice.lines.domain import line as line_rules
from services.invoice.lines.domain import supply, tax
from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import Line
from shared.events.invoice import LineTax, TaxBreakdown
from shared.kernel import money
from shared.kernel.errors import Invalid
from shared.kernel.pricing import USUAL_ROUNDING, Arithmetic, Rounding

MAX_MINOR = 10**15
L = TypeVar("L", bound=Line)


class AmountTooLarge(Invalid):
    """An amount is larger than the platform can hold."""

    code = "amount_too_large"


class PricedDocument(Protocol):
    """An invoice or a quote: its lines, and what they are priced by."""

    @property
    def lines(self) -> Sequence[Line]: ...
    @property
    def currency(self) -> str: ...
    @property
    def rounding(self) -> Rounding: ...
    @property
    def discount(self) -> Discount | None: ...
    @property
    def supply_start(self) -> date | None: ...
    @property
    def supply_end(self) -> date | None: ...


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
    rounding: Rounding = USUAL_ROUNDING,
    discount: Discount | None = None,
) -> Totals:
    """Amounts of every line and of the whole: line discounts, then the invoice's, then tax.

    Raises AmountTooLarge naming the line, Invalid for a discount larger than what it is taken from.
    """
    arithmetic = Arithmetic(currency, rounding)
    amounts = [line_rules.amount_minor(line, arithmetic) for line in lines]
    for index, amount in enumerate(amounts):
        if abs(amount) > MAX_MINOR:
            raise AmountTooLarge(field=f"lines.{index}")
    shares = _discount_shares(lines, amounts, discount, rounding)
    reduced = [amount - share for amount, share in zip(amounts, shares, strict=True)]
    taxes = _taxes(lines, reduced, rounding)
    priced = [
        replace(apply_taxes(line, amount, own), discount_share_minor=share)
        for line, amount, own, share in zip(lines, reduced, taxes, shares, strict=True)
    ]
    net, tax_sum = sum(line.net_minor for line in priced), sum(line.tax_minor for line in priced)
    if abs(net + tax_sum) > MAX_MINOR:
        raise AmountTooLarge(field="lines")
    return Totals(tuple(priced), net, tax_sum, net + tax_sum, break_down(priced))


def price_lines(document: PricedDocument, lines: Sequence[Line]) -> Totals:
    """The lines as rows of this document, with their totals.

    Raises Invalid naming the line whose parent, discount or days do not hold, and what `compute` raises.
    """
    line_rules.require_parents(lines)
    arithmetic = Arithmetic(document.currency, document.rounding)
    for index, line in enumerate(lines):
        off = (line.discount and line.discount.amount_minor) or 0
        if off and line_rules.amount_minor(line, arithmetic) < 0:
            message = "The discount is larger than what it is taken from."
            raise Invalid(message, field=f"lines.{index}.discount")
    supply.require_within(document.supply_start, document.supply_end, lines)
    return compute(lines, document.currency, document.rounding, document.discount)


def apply_taxes(line: L, amount_minor: int, taxes_minor: Sequence[int]) -> L:
    """The line with its amounts: `amount_minor` is gross for an inclusive price, else net; a tax for each."""
    own = sum(taxes_minor)
    net = amount_minor - own if line.tax_behavior == "inclusive" else amount_minor
    several = tuple(
        levied.model_copy(update={"tax_minor": minor})
        for levied, minor in zip(line.taxes, taxes_minor if line.taxes else (), strict=True)
    )
    return replace(line, net_minor=net, tax_minor=own, gross_minor=net + own, taxes=several)


def group_taxes(lines: Sequence[Line]) -> dict[tuple[object, ...], list[tuple[int, int]]]:
    """Which taxes are rounded together: (line, tax) positions by tax, behaviour and the rates beside it."""
    positions: dict[tuple[object, ...], list[tuple[int, int]]] = {}
    for index, line in enumerate(lines):
        for place, levied in enumerate(line.levied):
            group = (tax.tax_key(levied), line.tax_behavior, line.whole_percent)
            positions.setdefault(group, []).append((index, place))
    return positions


def break_down(lines: Sequence[Line]) -> tuple[TaxBreakdown, ...]:
    """What each tax comes to over all lines, and on how much it is levied; the highest rate first."""
    by_tax: dict[tuple[Decimal, str, str], list[tuple[Line, LineTax]]] = {}
    for line in lines:
        for levied in line.levied:
            by_tax.setdefault(tax.tax_key(levied), []).append((line, levied))
    return tuple(
        TaxBreakdown(
            tax_rate=rate,
            tax_category=next((levied.tax_category for _, levied in members if levied.tax_category), None),
            tax_exemption_reason=_reasons(levied for _, levied in members),
            name=members[0][1].name,
            taxable_minor=sum(line.net_minor for line, _ in members),
            tax_minor=sum(levied.tax_minor for _, levied in members),
        )
        for (rate, _, _), members in sorted(by_tax.items(), key=lambda group: (-group[0][0], *group[0][1:]))
    )


def _reasons(taxes: Iterable[LineTax]) -> str | None:
    # EN 16931 has one group for a category without tax (BR-E-01 and its like): its text tells all reasons.
    reasons = dict.fromkeys(levied.tax_exemption_reason for levied in taxes if levied.tax_exemption_reason)
    return "; ".join(reasons) or None


def _discount_shares(
    lines: Sequence[Line], amounts: list[int], discount: Discount | None, rounding: Rounding
) -> list[int]:
    whole = sum(amounts)
    if discount is None or not any(line.type == "item" for line in lines):
        return [0] * len(amounts)
    # A percentage is a part of any sum, also of nothing; an amount is taken off what is asked for.
    off = discount.of(whole, rounding)
    if discount.amount_minor is not None and off > whole:
        raise Invalid("The discount is larger than what it is taken from.", field="discount")
    if whole == 0:
        return [0] * len(amounts)
    kinds: dict[tuple[object, ...], list[int]] = {}
    for index, line in enumerate(lines):
        kinds.setdefault((line.tax_behavior, *map(tax.tax_key, line.levied)), []).append(index)
    # First of each kind of tax, then of its lines: so its base is reduced by its own part, in however many
    # small lines it stands.
    sums = [sum(amounts[index] for index in members) for members in kinds.values()]
    parts = tax.spread(off, [_part(amount, off, whole) for amount in sums])
    shares = [0] * len(amounts)
    for members, part in zip(kinds.values(), parts, strict=True):
        exact = [_part(amounts[index], off, whole) for index in members]
        for index, share in zip(members, tax.spread(part, exact), strict=True):
            shares[index] = share
    return shares


def _part(amount: int, off: int, whole: int) -> Decimal:
    return money.EXACT.divide(Decimal(amount * off), Decimal(whole))


def _taxes(lines: Sequence[Line], amounts: Sequence[int], rounding: Rounding) -> list[list[int]]:
    taxes_by_line = [[0] * len(line.levied) for line in lines]
    for members in group_taxes(lines).values():
        line, place = lines[members[0][0]], members[0][1]
        rate = line.levied[place].tax_rate
        together = [amounts[index] for index, _ in members]
        taxes = tax.compute_group(together, rate, line.whole_percent, rounding)
        for (index, place), own in zip(members, taxes, strict=True):
            taxes_by_line[index][place] = own
    return taxes_by_line
