"""How much of each invoice line is taken back: all that remains, a quantity or an amount, and its tax.

Amounts and tax are rounded on what has been credited so far, this note included, less what was credited
before (the cumulative remainder): so any number of partial credits ends at exactly the invoice's amounts,
line by line and tax by tax, and none goes beyond them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import add
from typing import Any, TypeVar
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


Before = Mapping[UUID, Credited]
N = TypeVar("N", Decimal, int)
_NOTHING = Credited()


def credit_lines(
    lines: Sequence[Line],
    before: Before,
    wanted: Sequence[Mapping[str, Any]] | None,
    rounding: Rounding,
) -> list[LineCredit]:
    """What a note takes back of an invoice's lines, with its tax; None wants all that is not credited yet.

    Raises Invalid for a line that is not the invoice's or is named twice, CreditExceedsLine naming the
    quantity or amount that is more than remains.
    """
    if wanted is None:
        items = [line for line in lines if line.type == "item"]
        found = [_rest(line, before.get(line.id, _NOTHING), rounding) for line in items]
        found = [taken for taken in found if taken.amount_minor]
    else:
        found = _wanted(lines, before, wanted, rounding)
    return _taxed(lines, before, found, rounding)


def tax_credited(before: Before) -> int:
    """All the tax that was taken back so far, in minor units."""
    return sum(sum(credited.taxes_minor) for credited in before.values())


def _wanted(
    lines: Sequence[Line], before: Before, wanted: Sequence[Mapping[str, Any]], rounding: Rounding
) -> list[LineCredit]:
    items = {line.id: line for line in lines if line.type == "item"}
    found: dict[UUID, LineCredit] = {}
    for index, given in enumerate(wanted):
        line = items.get(given["invoice_line_id"])
        if line is None:
            raise Invalid("The invoice has no such item.", field=f"lines.{index}.invoice_line_id")
        if line.id in found:
            raise Invalid("The line is named twice.", field=f"lines.{index}.invoice_line_id")
        found[line.id] = _one(line, before.get(line.id, _NOTHING), given, f"lines.{index}", rounding)
    return list(found.values())


def _one(
    line: Line, so_far: Credited, given: Mapping[str, Any], place: str, rounding: Rounding
) -> LineCredit:
    if given.get("quantity") is not None:
        return _by_quantity(line, so_far, given["quantity"], f"{place}.quantity", rounding)
    if given.get("amount_minor") is not None:
        amount = given["amount_minor"]
        _require_within(amount, line.amount_minor - so_far.amount_minor, f"{place}.amount_minor")
        return LineCredit(line, None, amount)
    rest = _rest(line, so_far, rounding)
    if not rest.amount_minor and not rest.quantity:
        raise CreditExceedsLine("Nothing of this line remains to be credited.", field=place)
    return rest


def _by_quantity(
    line: Line, so_far: Credited, quantity: Decimal, field: str, rounding: Rounding
) -> LineCredit:
    _require_within(quantity, (line.quantity or Decimal(0)) - so_far.quantity, field)
    amount = _share(line, so_far.quantity + quantity, rounding) - _share(line, so_far.quantity, rounding)
    rest = line.amount_minor - so_far.amount_minor
    if abs(amount) > abs(rest):
        raise CreditExceedsLine(field=field, remaining_minor=rest)
    return LineCredit(line, quantity, amount)


def _rest(line: Line, so_far: Credited, rounding: Rounding) -> LineCredit:
    # Where amounts were credited besides quantities, no quantity says what remains.
    is_by_quantity = so_far.amount_minor == _share(line, so_far.quantity, rounding)
    left = (line.quantity or Decimal(0)) - so_far.quantity
    quantity = left if is_by_quantity and left else None
    return LineCredit(line, quantity, line.amount_minor - so_far.amount_minor)


def _require_within(wanted: N, remaining: N, field: str) -> None:
    if wanted == 0:
        raise Invalid("Zero takes nothing back.", field=field)
    if (wanted < 0) != (remaining < 0) and remaining:
        raise Invalid("It has the sign of the invoice's line.", field=field)
    if abs(wanted) > abs(remaining):
        raise CreditExceedsLine(f"Only {remaining} of this line remains to be credited.", field=field)


def _share(line: Line, quantity: Decimal, rounding: Rounding) -> int:
    """The line's amount for so much of its quantity, rounded."""
    if not line.quantity:
        return 0
    product = money.EXACT.multiply(Decimal(line.amount_minor), quantity)
    return rounding.whole(money.EXACT.divide(product, line.quantity))


def _taxed(
    lines: Sequence[Line], before: Before, taken: Sequence[LineCredit], rounding: Rounding
) -> list[LineCredit]:
    amounts = {one.line.id: one.amount_minor for one in taken}
    found = {one.line.id: [0] * len(one.line.levied) for one in taken}
    for members in totals.group_taxes(lines).values():
        parts = [
            _part(lines[index], place, before.get(lines[index].id, _NOTHING), amounts.get(lines[index].id))
            for index, place in members
        ]
        together = [[part] for part in parts] if rounding.level == "line" else [parts]
        taxes = [own for some in together for own in _rounded(some, rounding)]
        for (index, place), own in zip(members, taxes, strict=True):
            if lines[index].id in found:
                found[lines[index].id][place] = own
    return [LineCredit(one.line, one.quantity, one.amount_minor, tuple(found[one.line.id])) for one in taken]


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


def _rounded(parts: Sequence[_Part], rounding: Rounding) -> list[int]:
    """The tax of each part: together the rounded tax on all that is credited, less what was before."""
    credited = sum(part.credited for part in parts)
    total = rounding.whole(sum((part.exact for part in parts), Decimal(0))) - credited
    found = [part.low for part in parts]
    more = max(0, min(total, sum(part.high for part in parts)) - sum(found))
    order = sorted(
        (index for index, part in enumerate(parts) if part.high > part.low),
        key=lambda index: (parts[index].credited + parts[index].low - parts[index].exact, index),
    )
    for index in order[:more]:
        found[index] += 1
    return found
