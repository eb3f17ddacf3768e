"""Credits that an invoice cannot take are carried to the next one: no invoice is ever negative."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain import proration
from services.subscription_renewal.subscriptions.domain.line import Line
from shared.events.subscription import CreditRelease
from shared.kernel import money
from shared.kernel.pricing import Arithmetic


def fit(
    lines: Sequence[Line], carried: Sequence[Line], arithmetic: Arithmetic
) -> tuple[list[Line], list[Line]]:
    """`lines` with as much of what was carried as they can take, and what is carried on.

    Charges always fit; a credit is split where only a part of it does.
    """
    charges = [line for line in carried if line_rules.amount_minor(line, arithmetic) >= 0]
    credits = [line for line in carried if line_rules.amount_minor(line, arithmetic) < 0]
    taken, left = [*lines, *charges], list[Line]()
    room = line_rules.gross(taken, arithmetic) - _margin([*taken, *credits], arithmetic)
    for credit in credits:
        part = _part(credit, room, arithmetic)
        if part:
            taken.append(proration.worth(credit, part, arithmetic.currency))
            room += money.EXACT.multiply(Decimal(part), line_rules.gross_factor(credit))
        rest = line_rules.amount_minor(credit, arithmetic) - part
        if rest:
            left.append(proration.worth(credit, rest, arithmetic.currency))
    return taken, left


def asks_for_money(lines: Sequence[Line], arithmetic: Arithmetic) -> bool:
    """Whether an invoice of these lines asks for something, however its tax is rounded."""
    gross = line_rules.gross(lines, arithmetic)
    return gross > 0 and gross >= _margin(lines, arithmetic)


def comes_to_nothing(lines: Sequence[Line], arithmetic: Arithmetic) -> bool:
    """Whether the lines cancel each other out, tax and all."""
    return not any(line_rules.total_minor(group, arithmetic) for group in _groups(lines))


def release_of(lines: Sequence[Line], at: datetime, arithmetic: Arithmetic) -> CreditRelease | None:
    """What a contact is owed for lines that no invoice will take; none where they come to nothing or more.

    Tax is rounded as the business rounds: once for each rate, or for each line.
    """
    parts = [[line] for line in lines] if arithmetic.rounding.level == "line" else _groups(lines)
    totals = [_with_tax(part, arithmetic) for part in parts]
    amount_minor, tax_minor = (-sum(column) for column in zip(*totals, strict=True)) if totals else (0, 0)
    if amount_minor <= 0:
        return None
    return CreditRelease(amount_minor=amount_minor, tax_minor=tax_minor, lines=list(lines), released_at=at)


def _part(credit: Line, room: Decimal, arithmetic: Arithmetic) -> int:
    """How much of the credit (negative, in minor units) there is room for."""
    if room <= 0:
        return 0
    most = money.EXACT.divide(room, line_rules.gross_factor(credit)).to_integral_value(ROUND_FLOOR)
    return max(line_rules.amount_minor(credit, arithmetic), -int(most))


def _margin(lines: Sequence[Line], arithmetic: Arithmetic) -> int:
    # Tax is rounded a rate (or a line) at a time: each more than one can take half a unit off the sum.
    if arithmetic.rounding.level == "line":
        return max(0, len(lines) - 1)
    return max(0, len(_groups(lines)) - 1)


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    groups: dict[object, list[Line]] = {}
    for line in lines:
        groups.setdefault((line.tax_rate, line.tax_category, line.tax_behavior), []).append(line)
    return list(groups.values())


def _with_tax(group: Sequence[Line], arithmetic: Arithmetic) -> tuple[int, int]:
    """What lines of one rate come to with tax, and the tax in it."""
    amount, line = line_rules.total_minor(group, arithmetic), group[0]
    taxed = money.EXACT.multiply(Decimal(amount), line.tax_rate)
    if line.tax_behavior == "inclusive":
        return amount, arithmetic.rounding.whole(money.EXACT.divide(taxed, 100 + line.tax_rate))
    tax = arithmetic.rounding.whole(taxed.scaleb(-2, context=money.EXACT))
    return amount + tax, tax
