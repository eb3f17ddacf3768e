"""Facts about credit notes: documents that take back part or all of an issued invoice."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.event import Event, Snapshot
from shared.events.fields import DecimalText
from shared.events.invoice import ContactOnInvoice, LineData, Seller, TaxBreakdown, TaxConversion


class CreditedInvoice(BaseModel):
    """The invoice that is credited, as it is with this credit note; amounts in minor units."""

    id: UUID
    version: int
    number: str
    issue_date: date
    due_date: date | None = None
    total_minor: int
    amount_credited_minor: int = Field(description="By all its credit notes, this one included.")


class CreditNoteLineData(LineData):
    """A row of a credit note; its amounts are positive where they take back money."""

    invoice_line_id: UUID = Field(description="The row of the invoice that it credits.")
    credited_quantity: DecimalText | None = Field(
        None, description="How many of the invoice's row; null where it takes back an amount."
    )


class CreditNoteData(Snapshot):
    """A credit note with its lines and totals, amounts in minor units of `currency`.

    What the invoice still asked for is reduced first. What had been paid already goes where the
    amounts say: `refund_minor` back to the payer, `out_of_band_minor` was given back elsewhere, the rest into
    the credit balance.
    """

    path: ClassVar[str] = "/v1/credit-notes/{id}"

    invoice_id: UUID
    invoice: CreditedInvoice
    contact_id: UUID
    contact: ContactOnInvoice
    seller: Seller | None = None
    currency: str
    number: str
    issue_date: date
    supply_date: date | None = Field(None, description="That of the invoice, as is the period.")
    supply_start: date | None = None
    supply_end: date | None = None
    reason: str | None = None
    lines: list[CreditNoteLineData]
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    tax_breakdown: list[TaxBreakdown]
    tax_conversion: TaxConversion | None = Field(
        None,
        description="At the invoice's rate; rounded on all that is credited so far, less what was before.",
    )
    refund_minor: int = 0
    out_of_band_minor: int = 0
    notes: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = {}


class CreditNoteIssued(Event):
    """Part or all of an invoice was taken back."""

    type: ClassVar[str] = "credit_note.issued"
    source: ClassVar[str] = "/invoice"
    data: CreditNoteData
