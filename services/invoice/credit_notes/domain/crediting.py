"""How much of each invoice line is taken back: all that remains, a quantity or an amount, and its tax.

Amounts and tax are rounded on what has been credited so far, this note included, less what was credited
before (the cumulative remainder): so any number of partial credits ends at exactly the invoice's amounts,
line by line and tax by tax, and none goes beyond them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import add
from typing import TypeVar
from uuid import UUID

from services.invoice.lines.domain import tax, totals
from services.invoice.lines.domain.line import Line
from shared.kernel import money
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.pricing import Rounding


class CreditExceedsLine(Conflict):
    """More would be credited than remains of this line."""

    code = "credit_exceeds_line"


@dataclass(frozen=True, slots=True)
class Credited:
    """What credit notes took back of one line: `amount_minor` is gross for an inclusive price, else net."""

    quantity: Decimal = Decimal(0)
    amount_minor: int = 0
    taxes_minor: tuple[int, ...] = ()

    def plus(self, quantity: Decimal, amount_minor: int, taxes_minor: Sequence[int]) -> "Credited":
        """This and what one more note took back."""
        before = self.taxes_minor or (0,) * len(taxes_minor)
        return Credited(
            self.quantity + quantity,
            self.amount_minor + amount_minor,
            tuple(map(add, before, taxes_minor)),
        )


@dataclass(frozen=True, slots=True)
class LineCredit:
    """What one note takes back of one line; `quantity` is None where it is an amount."""

    line: Line
    quantity: Decimal | None
    amount_minor: int
    taxes_minor: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCreditRequest:
    """What is asked to be taken back of a line: a quantity, an amount, or with neither all that is left."""

    invoice_line_id: UUID
    quantity: Decimal | None = None
    amount_minor: int | None = None


Before = Mapping[UUID, Credited]
N = TypeVar("N", Decimal, int)
_NOTHING = Credited()


def credit_lines(
    lines: Sequence[Line],
    before: Before,
    requests: Sequence[LineCreditRequest] | None,
    rounding: Rounding,
) -> list[LineCredit]:
    """What a note takes back of an invoice's lines, with its tax; without requests all that is left.

    Raises Invalid for a line that is not the invoice's or is named twice, CreditExceedsLine naming the
    quantity or amount that is more than remains.
    """
    if requests is None:
        items = [line for line in lines if line.type == "item"]
        credits = [_credit_rest(line, before.get(line.id, _NOTHING), rounding) for line in items]
        credits = [credit for credit in credits if credit.amount_minor]
    else:
        credits = _credit_requested(lines, before, requests, rounding)
    return _with_taxes(lines, before, credits, rounding)


def tax_credited(before: Before) -> int:
    """All the tax that was taken back so far, in minor units."""
    return sum(sum(credited.taxes_minor) for credited in before.values())


def _credit_requested(
    lines: Sequence[Line], before: Before, requests: Sequence[LineCreditRequest], rounding: Rounding
) -> list[LineCredit]:
    items = {line.id: line for line in lines if line.type == "item"}
    credits: dict[UUID, LineCredit] = {}
    for index, request in enumerate(requests):
        line = items.get(request.invoice_line_id)
        if line is None:
            raise Invalid("The invoice has no such item.", field=f"lines.{index}.invoice_line_id")
        if line.id in credits:
            raise Invalid("The line is named twice.", field=f"lines.{index}.invoice_line_id")
        so_far = before.get(line.id, _NOTHING)
        credits[line.id] = _credit_line(line, so_far, request, f"lines.{index}", rounding)
    return list(credits.values())


def _credit_line(
    line: Line, so_far: Credited, request: LineCreditRequest, place: str, rounding: Rounding
) -> LineCredit:
    if request.quantity is not None:
        return _credit_quantity(line, so_far, request.quantity, f"{place}.quantity", rounding)
    if request.amount_minor is not None:
        remaining_minor = line.amount_minor - so_far.amount_minor
        _require_within(request.amount_minor, remaining_minor, f"{place}.amount_minor")
        return LineCredit(line, None, request.amount_minor)
    rest = _credit_rest(line, so_far, rounding)
    if not rest.amount_minor and not rest.quantity:
        raise CreditExceedsLine("Nothing of this line remains to be credited.", field=place)
    return rest


def _credit_quantity(
    line: Line, so_far: Credited, quantity: Decimal, field: str, rounding: Rounding
) -> LineCredit:
    _require_within(quantity, (line.quantity or Decimal(0)) - so_far.quantity, field)
    amount = _share(line, so_far.quantity + quantity, rounding) - _share(line, so_far.quantity, rounding)
    rest = line.amount_minor - so_far.amount_minor
    if abs(amount) > abs(rest):
        raise CreditExceedsLine(field=field, remaining_minor=rest)
    return LineCredit(line, quantity, amount)


def _credit_rest(line: Line, so_far: Credited, rounding: Rounding) -> LineCredit:
    # Where amounts were credited besides quantities, no quantity says what remains.
    is_by_quantity = so_far.amount_minor == _share(line, so_far.quantity, rounding)
    left = (line.quantity or Decimal(0)) - so_far.quantity
    quantity = left if is_by_quantity and left else None
    return LineCredit(line, quantity, line.amount_minor - so_far.amount_minor)


def _require_within(requested: N, remaining: N, field: str) -> None:
    if requested == 0:
        raise Invalid("Zero takes nothing back.", field=field)
    if (requested < 0) != (remaining < 0) and remaining:
        raise Invalid("It has the sign of the invoice's line.", field=field)
    if abs(requested) > abs(remaining):
        raise CreditExceedsLine(f"Only {remaining} of this line remains to be credited.", field=field)


def _share(line: Line, quantity: Decimal, rounding: Rounding) -> int:
    """The line's amount for so much of its quantity, rounded."""
    if not line.quantity:
        return 0
    product = money.EXACT.multiply(Decimal(line.amount_minor), quantity)
    return rounding.whole(money.EXACT.divide(product, line.quantity))


def _with_taxes(
    lines: Sequence[Line], before: Before, credits: Sequence[LineCredit], rounding: Rounding
) -> list[LineCredit]:
    amounts = {credit.line.id: credit.amount_minor for credit in credits}
    taxes_by_line = {credit.line.id: [0] * len(credit.line.levied) for credit in credits}
    for members in totals.group_taxes(lines).values():
        parts = [
            _part(lines[index], place, before.get(lines[index].id, _NOTHING), amounts.get(lines[index].id))
            for index, place in members
        ]
        together = [[part] for part in parts] if rounding.level == "line" else [parts]
        taxes = [own for some in together for own in _round(some, rounding)]
        for (index, place), own in zip(members, taxes, strict=True):
            if lines[index].id in taxes_by_line:
                taxes_by_line[lines[index].id][place] = own
    return [replace(credit, taxes_minor=tuple(taxes_by_line[credit.line.id])) for credit in credits]


@dataclass(frozen=True, slots=True)
class _Part:
    """One tax of one line: what would be credited of it so far, unrounded, what was, and what may be now."""

    exact: Decimal
    credited: int
    low: int
    high: int


def _part(line: Line, place: int, so_far: Credited, amount: int | None) -> _Part:
    levied = line.levied[place]
    credited = so_far.taxes_minor[place] if so_far.taxes_minor else 0
    reached = so_far.amount_minor + (amount or 0)
    if reached == line.amount_minor:
        left = 0 if amount is None else levied.tax_minor - credited
        return _Part(Decimal(levied.tax_minor), credited, left, left)
    exact = tax.exact_tax(reached, levied.tax_rate, line.whole_percent)
    if amount is None:
        return _Part(exact, credited, 0, 0)
    # Mirrored for a negative line. Never less than before, never more than the invoice's tax.
    sign = -1 if line.amount_minor < 0 else 1
    floor, ceiling = (
        min(int((sign * exact).to_integral_value(rounding=way)), sign * levied.tax_minor)
        for way in ("ROUND_FLOOR", "ROUND_CEILING")
    )
    low = max(0, floor - sign * credited)
    high = max(low, ceiling - sign * credited)
    return _Part(exact, credited, *sorted((sign * low, sign * high)))


def _round(parts: Sequence[_Part], rounding: Rounding) -> list[int]:
    """The tax of each part: together the rounded tax on all that is credited, less what was before."""
    credited = sum(part.credited for part in parts)
    total = rounding.whole(sum((part.exact for part in parts), Decimal(0))) - credited
    taxes = [part.low for part in parts]
    more = max(0, min(total, sum(part.high for part in parts)) - sum(taxes))
    order = sorted(
        (index for index, part in enumerate(parts) if part.high > part.low),
        key=lambda index: (parts[index].credited + parts[index].low - parts[index].exact, index),
    )
    for index in order[:more]:
        taxes[index] += 1
    return taxes
