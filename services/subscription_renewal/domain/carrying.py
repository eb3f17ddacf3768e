"""Credits that an invoice cannot take are carried to the next one: no invoice is ever negative."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from services.subscription_renewal.domain import line as line_rules
from services.subscription_renewal.domain import proration
from services.subscription_renewal.domain.line import Line
from shared.kernel import money


def fit(lines: Sequence[Line], carried: Sequence[Line], currency: str) -> tuple[list[Line], list[Line]]:
    """`lines` with as much of what was carried as they can take, and what is carried on.

    Charges always fit; a credit is split where only a part of it does.
    """
    charges = [line for line in carried if line_rules.amount_minor(line, currency) >= 0]
    credits = [line for line in carried if line_rules.amount_minor(line, currency) < 0]
    taken, left = [*lines, *charges], list[Line]()
    room = line_rules.gross(taken, currency) - _margin([*taken, *credits])
    for credit in credits:
        part = _part(credit, room, currency)
        if part:
            taken.append(proration.worth(credit, part, currency))
            room += money.EXACT.multiply(Decimal(part), line_rules.gross_factor(credit))
        rest = line_rules.amount_minor(credit, currency) - part
        if rest:
            left.append(proration.worth(credit, rest, currency))
    return taken, left


def is_payable(lines: Sequence[Line], currency: str) -> bool:
    """Whether an invoice of these lines would not be negative, however its tax is rounded."""
    return line_rules.gross(lines, currency) >= _margin(lines)


def _part(credit: Line, room: Decimal, currency: str) -> int:
    """How much of the credit (negative, in minor units) there is room for."""
    if room <= 0:
        return 0
    most = money.EXACT.divide(room, line_rules.gross_factor(credit)).to_integral_value(ROUND_FLOOR)
    return max(line_rules.amount_minor(credit, currency), -int(most))


def _margin(lines: Sequence[Line]) -> int:
    # Tax is rounded a rate at a time: each rate more than one can take half a unit off the sum.
    groups = {(line.tax_rate, line.tax_category, line.tax_behavior) for line in lines}
    return max(0, len(groups) - 1)
