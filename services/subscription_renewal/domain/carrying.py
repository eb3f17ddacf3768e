"""Credits that an invoice cannot take are carried to the next one: no invoice is ever negative."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from services.subscription_renewal.domain import line as line_rules
from services.subscription_renewal.domain import proration
from services.subscription_renewal.domain.line import Line
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


def is_payable(lines: Sequence[Line], arithmetic: Arithmetic) -> bool:
    """Whether an invoice of these lines would not be negative, however its tax is rounded."""
    return line_rules.gross(lines, arithmetic) >= _margin(lines, arithmetic)


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
    groups = {(line.tax_rate, line.tax_category, line.tax_behavior) for line in lines}
    return max(0, len(groups) - 1)
