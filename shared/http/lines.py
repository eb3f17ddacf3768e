"""Bodies of what is charged: what rows of invoices and lines of subscriptions have in common."""

from uuid import UUID

from pydantic import Field, model_validator

from shared.events.product import TaxBehavior, TaxCategory
from shared.http.fields import Body, LongText, Percent, PositiveMinor, Price, Quantity, Rate, ShortText


class DiscountFields(Body):
    """A reduction before tax: a percentage, or an amount in minor units."""

    percent: Percent | None = None
    amount_minor: PositiveMinor | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "DiscountFields":
        if (self.percent is None) == (self.amount_minor is None):
            raise ValueError("give either percent or amount_minor")
        return self


class ChargedFields(Body):
    """What is charged, at which price and tax; what is not given is the product's."""

    description: LongText | None = None
    quantity: Quantity | None = None
    unit: ShortText | None = None
    unit_price: Price | None = Field(None, description="In major units; the product's where not given.")
    tax_rate: Rate | None = Field(None, description="Percent.")
    tax_category: TaxCategory | None = Field(None, description="EN 16931's code of the VAT category.")
    tax_behavior: TaxBehavior | None = None
    tax_exemption_reason: ShortText | None = None
    discount: DiscountFields | None = None
    product_id: UUID | None = None
