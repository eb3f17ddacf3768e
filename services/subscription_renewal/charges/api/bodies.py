"""What callers may send about charges."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from services.subscription_renewal.charges.operations.charges import WantedCharge
from services.subscription_renewal.meters.api import Key
from services.subscription_renewal.prices.api.bodies import PriceFields, price_of
from services.subscription_renewal.subscriptions.domain.line import WantedLine
from services.subscription_renewal.usage_events.domain.event import MAX_NAME
from shared.events.product import TaxBehavior, TaxCategory
from shared.http.fields import Body, LongText, Rate, ShortText

MAX_CHARGES, MAX_SUBJECTS = 20, 50
Subject = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME)]


class ChargeFields(Body):
    """What is billed of a meter's usage, once each period is over; the price stays as it is now."""

    key: Key = Field(description="What tells it from the subscription's other charges.")
    meter: Key = Field(description="The meter's key.", examples=["tokens"])
    price: PriceFields
    description: LongText | None = Field(
        None, description="Of its lines; the product's or the meter's name where not given."
    )
    unit: ShortText | None = None
    tax_rate: Rate | None = Field(None, description="Percent.")
    tax_category: TaxCategory | None = Field(None, description="EN 16931's code of the VAT category.")
    tax_behavior: TaxBehavior | None = None
    tax_exemption_reason: ShortText | None = None
    product_id: UUID | None = Field(None, description="Whose name, unit and tax it has where none is given.")

    def to_wanted(self, index: int) -> WantedCharge:
        """The charge as it is asked for; raises TiersMustAscend or Invalid."""
        said = self.model_dump(exclude={"key", "meter", "price"})
        price = price_of(self.price, f"charges.{index}.price.")
        return WantedCharge(key=self.key, meter=self.meter, price=price, line=WantedLine(**said))
