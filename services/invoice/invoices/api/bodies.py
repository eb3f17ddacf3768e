"""What callers may send about invoices and their lines."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from services.invoice.invoices.domain.drafting import InvoiceRequest
from services.invoice.invoices.domain.invoice import InvoiceEdit
from services.invoice.lines.api import MAX_LINES, LineFields, SupplyFields, to_discount
from services.invoice.lines.domain.line import LineEdit
from shared.events.invoice import CollectionMethod, TaxConversion
from shared.http.fields import (
    Body,
    Currency,
    Day,
    ExactDecimal,
    LongText,
    Metadata,
    Name,
    PositiveMinor,
    ShortText,
    Whole,
    optional,
)
from shared.http.lines import DiscountFields
from shared.kernel.unset import edit_of

MAX_BATCH = 500
ExchangeRate = Annotated[ExactDecimal, Field(gt=0, le=10**9, decimal_places=12)]


class TaxConversionFields(Body):
    """The rate at which the tax is told in the currency of the seller's accounts (BT-6 and BT-111)."""

    currency: Currency = Field(description="ISO 4217: another one than the invoice's.")
    exchange_rate: ExchangeRate = Field(
        description="How much of it one unit of the invoice's currency is.", examples=["0.9205"]
    )
    exchange_rate_source: Name = Field(description="Whose rate it is.", examples=["ECB"])
    exchange_rate_date: Day | None = Field(None, description="The day whose rate it is.")


class InvoiceFields(SupplyFields):
    """What may be said of any invoice."""

    issue_date: Day | None = None
    due_date: Day | None = None
    tax_conversion: TaxConversionFields | None = Field(
        None,
        description="Tells the tax in the currency of the seller's accounts too, as directive 2006/112 "
        "art. 230 asks of an invoice in another one.",
    )
    notes: LongText | None = None
    reference: ShortText | None = None
    external_id: Name | None = Field(None, description="The invoice's id in another system; unique.")
    discount: DiscountFields | None = Field(None, description="Off the whole invoice, before tax.")
    number: Name | None = Field(None, description="Your own number; without it the gapless series gives one.")
    metadata: Metadata = {}

    def edit(self) -> InvoiceEdit:
        """The fields that were sent, but for the lines and whether to issue it."""
        instead: dict[str, object] = {}
        if "discount" in self.model_fields_set:
            instead["discount"] = to_discount(self.discount)
        if self.tax_conversion:
            instead["tax_conversion"] = TaxConversion(**self.tax_conversion.model_dump())
        return edit_of(InvoiceEdit, self, but={"lines", "status"}, **instead)


class NewInvoice(InvoiceFields):
    """An invoice to create; with `status: open` it is issued in the same request."""

    contact_id: UUID
    currency: Currency | None = Field(None, description="ISO 4217; the workspace's where not given.")
    status: Literal["draft", "open"] = "draft"
    payment_terms_days: Whole | None = Field(
        None, ge=0, le=3650, description="The business's where not given."
    )
    lines: list[LineFields] = Field([], max_length=MAX_LINES)
    collection_method: CollectionMethod = "send_invoice"
    payment_method_id: UUID | None = Field(None, description="Collected from it; null: the default.")

    def request(self) -> InvoiceRequest:
        """The invoice that is asked for."""
        lines = [line.edit() for line in self.lines]
        return InvoiceRequest(self.edit(), lines, is_open=self.status == "open")


class InvoiceChanges(InvoiceFields):
    """The fields to change: all of a draft's; due date, notes, reference, metadata of an issued one's."""

    contact_id: UUID = optional()
    currency: Currency = optional()
    status: Literal["draft", "open"] = "draft"
    payment_terms_days: Whole = Field(30, ge=0, le=3650)
    lines: list[LineFields] = Field([], max_length=MAX_LINES)
    collection_method: CollectionMethod = "send_invoice"
    payment_method_id: UUID | None = Field(
        None,
        description="Collected from it; null: the default. Another contact_id alone takes it away, too.",
    )

    def line_edits(self) -> list[LineEdit] | None:
        """All lines, where they are to be replaced."""
        return [line.edit() for line in self.lines] if "lines" in self.model_fields_set else None


class WriteOff(Body):
    """What is given up on, and why."""

    amount_minor: PositiveMinor | None = Field(
        None, description="So much of what is expected, in minor units; all of it where not given."
    )
    reason: LongText | None = Field(None, description="Kept on the invoice as `write_off_reason`.")


class InvoiceBatch(Body):
    """Invoices to create in one request."""

    invoices: list[NewInvoice] = Field(min_length=1, max_length=MAX_BATCH)
