"""Discounts: off a line or off a whole invoice, always before tax."""

from dataclasses import dataclass
from decimal import Decimal

from shared.events import invoice as events
from shared.kernel import money
from shared.kernel.json import JsonMapping, JsonObject
from shared.kernel.pricing import Rounding


@dataclass(frozen=True, slots=True)
class Discount:
    """A percentage, or an amount in minor units; exactly one of them is set."""

    percent: Decimal | None = None
    amount_minor: int | None = None

    def of(self, whole_minor: int, rounding: Rounding) -> int:
        """How much is taken off an amount in minor units."""
        if self.percent is None:
            return self.amount_minor or 0
        exact = money.EXACT.multiply(Decimal(whole_minor), self.percent.scaleb(-2))
        return rounding.whole(exact)

    @property
    def data(self) -> events.Discount:
        """The discount as the public API and events show it."""
        return events.Discount(percent=self.percent, amount_minor=self.amount_minor)


def from_fields(fields: JsonMapping | None) -> Discount | None:
    """The discount that a caller or a row describes."""
    if not fields:
        return None
    percent = fields.get("percent")
    return Discount(None if percent is None else Decimal(percent), fields.get("amount_minor"))


def to_fields(discount: Discount | None) -> JsonObject | None:
    """The discount as JSON values, exact."""
    return None if discount is None else discount.data.model_dump(mode="json", exclude_none=True)
