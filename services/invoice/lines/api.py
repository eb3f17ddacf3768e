"""What callers may say of a document's lines, their taxes, and when they were supplied."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from services.invoice.lines.domain.discount import Discount
from services.invoice.lines.domain.line import LineEdit
from shared.events.product import Tax, TaxCategory
from shared.http.fields import Body, Day, Rate, ShortText
from shared.http.lines import ChargedFields, DiscountFields
from shared.kernel.unset import edit_of

MAX_LINES = 1000
MAX_TAXES = 5


class TaxFields(Body):
    """One of several taxes on the same thing, each on the price without any of them."""

    tax_rate: Rate = Field(description="Percent.")
    tax_category: TaxCategory | None = Field(None, description="EN 16931's code of the VAT category.")
    tax_exemption_reason: ShortText | None = None
    name: ShortText | None = Field(None, description="What it is called.", examples=["GST"])

    def to_tax(self) -> Tax:
        """The tax as products and lines have it."""
        return Tax(**self.model_dump())


class LineFields(ChargedFields):
    """One row: an item with a price, or a text."""

    type: Literal["item", "text"] = "item"
    taxes: list[TaxFields] | None = Field(
        None, max_length=MAX_TAXES, description="Several taxes, in the place of the single one above."
    )
    id: UUID | None = Field(None, description="Yours, or that of the line this one replaces.")
    parent_line_id: UUID | None = Field(None, description="The id of a row above that this one belongs to.")
    classification_number: ShortText | None = None
    project: ShortText | None = None
    supply_start: Day | None = Field(
        None, description="The first day on which it was supplied (BT-134); with supply_end."
    )
    supply_end: Day | None = Field(None, description="The last one (BT-135).")

    def edit(self) -> LineEdit:
        """The fields that were sent, but for the invoice of a single one."""
        taxes = self.taxes and tuple(levied.to_tax() for levied in self.taxes)
        instead = {"taxes": taxes, "discount": to_discount(self.discount)}
        return edit_of(
            LineEdit,
            self,
            but={"invoice_id"},
            **{name: value for name, value in instead.items() if name in self.model_fields_set},
        )


class SupplyFields(Body):
    """When what a document bills was supplied."""

    supply_date: Day | None = Field(
        None,
        description="When goods or services were supplied (BT-72). Neither a date nor a period given: the "
        "period of the lines where each has one, else on issue the date of issue where one must be told, for "
        "supplies within Germany and between countries of the EU (category K).",
    )
    supply_start: Day | None = Field(
        None, description="The first day of the period of supply (BT-73); with supply_end."
    )
    supply_end: Day | None = Field(None, description="The last one (BT-74). Periods of lines lie within it.")


def to_discount(fields: DiscountFields | None) -> Discount | None:
    """The discount that a caller describes."""
    return Discount(fields.percent, fields.amount_minor) if fields else None
