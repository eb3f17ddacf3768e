"""What a line comes to: the one arithmetic that invoices, subscriptions, prorations and forecasts share."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shared.kernel import money

RoundingLevel = Literal["total", "line"]
RoundingMode = Literal["half_up", "half_even"]


@dataclass(frozen=True, slots=True)
class Rounding:
    """Where tax is rounded (per rate, or per line), and how every amount is."""

    level: RoundingLevel = "total"
    mode: RoundingMode = "half_up"

    def whole(self, amount: Decimal) -> int:
        """An exact amount in minor units as a whole number of them."""
        return int(money.ROUNDING[self.mode](amount))


USUAL_ROUNDING = Rounding()


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """How amounts of one document or subscription are made: in its currency, as its business rounds."""

    currency: str
    rounding: Rounding = USUAL_ROUNDING

    def line_minor(
        self,
        quantity: Decimal,
        unit_price: Decimal,
        percent_off: Decimal | None = None,
        off_minor: int | None = None,
    ) -> int:
        """Quantity × unit price − its discount in minor units, rounded once.

        Net for exclusive prices, gross for inclusive ones. `off_minor` is taken off after rounding.
        Raises UnknownCurrency.
        """
        price = money.EXACT.multiply(quantity, unit_price)
        if percent_off is not None:
            price = money.EXACT.multiply(price, (100 - percent_off).scaleb(-2))
        minor = price.scaleb(money.exponent(self.currency), context=money.EXACT)
        return self.rounding.whole(minor) - (off_minor or 0)

    def share_minor(self, amount_minor: int, part: int, whole: int) -> int:
        """`part` of `whole` of an amount in minor units, rounded once."""
        product = money.EXACT.multiply(Decimal(amount_minor), Decimal(part))
        return self.rounding.whole(money.EXACT.divide(product, Decimal(whole)))
