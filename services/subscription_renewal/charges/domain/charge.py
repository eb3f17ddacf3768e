"""Charges: what a subscription bills of usage, at which price, and whose usage that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from services.subscription_renewal.meters.domain.meter import Meter
from services.subscription_renewal.prices.domain.price import Price
from services.subscription_renewal.prices.domain.rating import Row
from services.subscription_renewal.subscriptions.domain.line import Line
from services.subscription_renewal.usage.domain.table import plain
from shared.kernel.errors import Conflict

_PRICE: TypeAdapter[Price] = TypeAdapter(Price)
_SAID = {
    "included": "included",
    "percent": "percentage",
    "events": "events",
    "flat": "flat",
    "minimum": "minimum",
    "maximum": "maximum",
}


class UsageAlreadyClaimed(Conflict):
    """Another subscription bills this subject's usage of the meter."""

    code = "usage_already_claimed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What a subscription bills of a meter; `line` is what its lines say besides quantity and price."""

    workspace_id: UUID
    id: UUID
    subscription_id: UUID
    key: str
    meter: Meter
    line: Line
    price: Price
    subjects: Sequence[str]
    created_at: datetime


def price_to_fields(price: Price) -> object:
    """A price as JSON values, exact."""
    return _PRICE.dump_python(price, mode="json")


def price_from_fields(fields: object) -> Price:
    """A price from its JSON values."""
    return _PRICE.validate_python(fields)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a period in the subscription's zone, as lines state them."""

    from_at: datetime
    until_at: datetime
    zone: ZoneInfo

    def put_on(self, line: Line, **more: object) -> Line:
        """The line of these days."""
        last = self.until_at - datetime.resolution
        days = {
            "supply_start": self.from_at.astimezone(self.zone).date(),
            "supply_end": max(last, self.from_at).astimezone(self.zone).date(),
        }
        return line.model_copy(update=days | more)


def lines_of(charge: Charge, rows: Sequence[Row], days: Days) -> list[Line]:
    """A line for each row that says something: what was used, in which tier, at which price."""
    shown = [row for row in rows if row.quantity]
    return [
        days.put_on(
            charge.line,
            description=_describe(charge, row),
            quantity=row.quantity,
            unit=charge.line.unit if row.kind in ("units", "included") else None,
            unit_price=row.unit_price,
        )
        for row in shown
    ]


def difference_of(charge: Charge, price: Decimal, change: tuple[Decimal, Decimal], days: Days) -> Line:
    """The line that bills, or gives back (`price` in major units), what a period comes to besides its bill.

    `change` are the quantity that was billed and what it is now.
    """
    before, now = (plain(quantity) for quantity in change)
    return days.put_on(
        charge.line,
        description=f"{charge.line.description}: correction from {before} to {now}",
        quantity=Decimal(1),
        unit=None,
        unit_price=price,
    )


def _describe(charge: Charge, row: Row) -> str:
    said = _SAID.get(row.kind)
    parts = [f"tier {row.tier}"] if row.tier else []
    parts += [said] if said else []
    return charge.line.description + (f" ({', '.join(parts)})" if parts else "")
