"""Usage periods: a charge's stretches of time, one after the other, and what was billed of each.

What is billed is always what the period comes to now, less what was billed of it: its first bill, late events
and events taken back are one formula.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.subscription_renewal.prices.domain import rating
from services.subscription_renewal.prices.domain.price import Price
from services.subscription_renewal.prices.domain.rating import Row, Used
from services.subscription_renewal.subscriptions.domain.calendar import Calendar
from shared.kernel.pricing import Arithmetic

MICROSECOND = timedelta(microseconds=1)
# As long as events may come late.
LATE = timedelta(days=35)


class PeriodState(StrEnum):
    """Open: still being used. Billed: late events change it. Final: nothing does."""

    OPEN = "open"
    BILLED = "billed"
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePeriod:
    """One charge over one stretch of time, which is all or a part of a period of the calendar."""

    workspace_id: UUID
    charge_id: UUID
    from_at: datetime
    subscription_id: UUID
    until_at: datetime
    nominal_from: datetime
    nominal_until: datetime
    state: PeriodState
    look_at: datetime
    billed_quantity: Decimal = Decimal(0)
    billed_minor: int = 0

    @property
    def share(self) -> Fraction:
        """How much of the nominal period it is, in microseconds."""
        whole = (self.nominal_until - self.nominal_from) // MICROSECOND
        return Fraction((self.until_at - self.from_at) // MICROSECOND, whole)

    @property
    def is_empty(self) -> bool:
        """Whether it ended before it began."""
        return self.until_at <= self.from_at


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose periods they are: a charge of a subscription."""

    workspace_id: UUID
    subscription_id: UUID
    charge_id: UUID


def open_period(owner: Owner, calendar: Calendar, from_at: datetime, grace: timedelta) -> UsagePeriod:
    """The period that begins then, until the calendar's next boundary; it is looked at after the grace."""
    following = calendar.first_from(from_at)
    running = following if calendar.start(following) == from_at else following - 1
    until_at = calendar.start(calendar.after(running))
    return UsagePeriod(
        workspace_id=owner.workspace_id,
        subscription_id=owner.subscription_id,
        charge_id=owner.charge_id,
        from_at=from_at,
        until_at=until_at,
        nominal_from=calendar.start(running),
        nominal_until=until_at,
        state=PeriodState.OPEN,
        look_at=until_at + grace,
    )


def close(period: UsagePeriod, ended_at: datetime | None, grace: timedelta) -> UsagePeriod:
    """The period, over: at its boundary, or where the subscription ended before it."""
    until_at = period.until_at if ended_at is None else min(period.until_at, max(ended_at, period.from_at))
    closed = replace(period, until_at=until_at)
    state = PeriodState.FINAL if closed.is_empty else PeriodState.BILLED
    return replace(closed, state=state, look_at=until_at + LATE + grace)


@dataclass(frozen=True, slots=True)
class Rated:
    """What a period comes to: its rows, and how much that is besides what was billed before."""

    period: UsagePeriod
    quantity: Decimal
    rows: Sequence[Row]
    amount_minor: int

    @property
    def difference_minor(self) -> int:
        """What is to be billed, or given back."""
        return self.amount_minor - self.period.billed_minor

    def billed(self) -> UsagePeriod:
        """The period once that is done."""
        return replace(self.period, billed_quantity=self.quantity, billed_minor=self.amount_minor)


def rate_period(period: UsagePeriod, price: Price, used: Used, arithmetic: Arithmetic) -> Rated:
    """What the period comes to with this usage; raises AmountTooLarge."""
    rows = rating.rate(price, used, arithmetic, period.share)
    return Rated(period, used.quantity, rows, rating.total_minor(rows))
