"""Proration: what the rest of a period is worth, per second or per day, each amount rounded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from services.subscription_renewal.subscriptions.domain import line as line_rules
from services.subscription_renewal.subscriptions.domain.calendar import zone_of
from services.subscription_renewal.subscriptions.domain.line import Line, Lines
from shared.kernel import money
from shared.kernel.pricing import Arithmetic

Basis = Literal["second", "day"]
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a period at an instant; the denominator is always the whole period.

    The dates are those of the subscription's zone, for people to read.
    """

    starts_on: date
    ends_on: date
    left: int
    whole: int

    @property
    def share(self) -> Fraction:
        """Which part of the period is left: its place in the period, whatever it was counted in."""
        return Fraction(self.left, self.whole)

    def of(self, amount_minor: int, arithmetic: Arithmetic) -> int:
        """The rest's share of an amount in minor units, rounded once, as the business rounds."""
        return arithmetic.share_minor(amount_minor, self.left, self.whole)


@dataclass(frozen=True, slots=True)
class Segment:
    """From `at` on, when so much of the period was left, it is charged at the prices of these lines."""

    at: datetime
    left: int
    whole: int
    lines: Lines


def rest_of(start: datetime, end: datetime, at: datetime, basis: Basis, timezone: str) -> Rest:
    """What is left at `at` of the period [start, end): microseconds, or days of its zone's calendar.

    The day of the change counts as left. A period within one day is counted in microseconds.
    """
    at = min(max(at, start), end)
    first, last, day = (day_of(instant, timezone) for instant in (start, end, at))
    if basis == "day" and first < last:
        return Rest(day, last, (last - day).days, (last - first).days)
    return Rest(day, last, (end - at) // _MICROSECOND, (end - start) // _MICROSECOND)


def day_of(instant: datetime, timezone: str) -> date:
    """The day that the instant is in, in the zone."""
    return instant.astimezone(zone_of(timezone)).date()


def credits_of(
    lines: Sequence[Line], rest: Rest, arithmetic: Arithmetic, until: Rest | None = None
) -> tuple[Line, ...]:
    """What goes back for the rest of a period that was billed with these lines: one line each.

    `until` is where their charge ended already: what goes back is the difference of what was charged there
    and what is charged now, so that parts of a period always sum to the whole.
    """
    made = (_prorated(line, rest, arithmetic, -1, "unused time", until=until) for line in lines)
    return tuple(line for line in made if line)


def charges_for(lines: Sequence[Line], rest: Rest, arithmetic: Arithmetic) -> tuple[Line, ...]:
    """What the rest of a period costs with these lines: one line each."""
    return tuple(found for line in lines if (found := _prorated(line, rest, arithmetic, 1, "remaining time")))


def worth(line: Line, amount_minor: int, currency: str) -> Line:
    """The line as one piece of exactly this amount, taxed as before."""
    unit_price = money.to_major(amount_minor, currency)
    return line.model_copy(
        update={"quantity": Decimal(1), "unit": None, "unit_price": unit_price, "discount": None}
    )


def _prorated(
    line: Line, rest: Rest, arithmetic: Arithmetic, sign: int, what: str, *, until: Rest | None = None
) -> Line | None:
    whole = line_rules.amount_minor(line, arithmetic)
    amount = rest.of(whole, arithmetic) - (until.of(whole, arithmetic) if until else 0)
    if amount == 0:
        return None
    quantity = "" if line.quantity == 1 else f" × {line.quantity.normalize():f}"
    ends_on = until.starts_on if until else rest.ends_on
    described = f"{line.description}{quantity}: {what} {rest.starts_on} – {ends_on}"
    # The day on which something else begins is that one's: this ends the day before.
    last = max(rest.starts_on, ends_on - timedelta(days=1))
    said = {"description": described, "supply_start": rest.starts_on, "supply_end": last}
    return worth(line, sign * amount, arithmetic.currency).model_copy(update=said)
