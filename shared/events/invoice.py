"""Facts about invoices."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.contact import Address
from shared.events.event import Event, Snapshot
from shared.events.fields import DecimalText, Instant
from shared.events.product import Tax, TaxBehavior, TaxCategory

InvoiceStatus = Literal["draft", "open", "paid", "void", "uncollectible"]
PaymentStatus = Literal["unpaid", "partially_paid", "paid"]
CollectionMethod = Literal["send_invoice", "charge_automatically"]


class Discount(BaseModel):
    """A reduction of a line or of a whole invoice, as a percentage or as an amount in minor units."""

    percent: DecimalText | None = None
    amount_minor: int | None = None


class LineTax(Tax):
    """One of a line's several taxes, with its amount in minor units."""

    tax_minor: int = 0


class LineData(BaseModel):
    """One row of an invoice; a text row has a description and no amounts."""

    id: UUID
    type: Literal["item", "text"]
    description: str
    quantity: DecimalText | None = None
    unit: str | None = None
    unit_price: DecimalText | None = None
    tax_rate: DecimalText | None = Field(None, description="Percent; of several taxes the sum.")
    tax_category: TaxCategory | None = None
    tax_behavior: TaxBehavior | None = None
    tax_exemption_reason: str | None = None
    taxes: list[LineTax] = Field([], description="Where there are several; empty where tax_rate is the one.")
    discount: Discount | None = None
    product_id: UUID | None = None
    parent_line_id: UUID | None = None
    classification_number: str | None = None
    project: str | None = None
    supply_start: date | None = Field(None, description="The first day on which it was supplied.")
    supply_end: date | None = Field(None, description="The last one.")
    discount_share_minor: int = Field(0, description="This line's part of the invoice's discount.")
    net_minor: int = 0
    tax_minor: int = 0
    gross_minor: int = 0


class TaxConversion(BaseModel):
    """A document's VAT in the currency of the seller's accounts besides its own (EN 16931 BT-6, BT-111)."""

    currency: str = Field(description="ISO 4217: the currency in which the seller accounts for VAT.")
    exchange_rate: DecimalText = Field(
        description="How much of it one unit of the document's currency is.", examples=["0.9205"]
    )
    exchange_rate_source: str = Field(description="Whose rate it is.", examples=["ECB"])
    exchange_rate_date: date | None = Field(None, description="The day whose rate it is.")
    tax_minor: int = Field(0, description="The document's tax, in minor units of this currency.")


class TaxBreakdown(BaseModel):
    """One tax of all lines that have it: of one rate, category and name."""

    tax_rate: DecimalText
    tax_category: TaxCategory | None = None
    tax_exemption_reason: str | None = Field(None, description="All that its lines state, each once.")
    name: str | None = Field(None, description="That of one among several taxes.")
    taxable_minor: int
    tax_minor: int


class ContactOnInvoice(BaseModel):
    """The contact as it was when the invoice was issued, or as it is while a draft."""

    id: UUID
    name: str
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    country: str | None = None
    locale: str | None = None
    vat_id: str | None = None
    e_invoice_address: str | None = Field(None, description="Where it receives e-invoices, as `scheme:id`.")
    external_id: str | None = None


class Seller(BaseModel):
    """The workspace's business as it was when the invoice was issued, or as it is while a draft."""

    name: str
    address: Address | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None
    vat_id: str | None = None
    tax_number: str | None = Field(None, description="The tax office's number for it, besides a VAT number.")
    registration_number: str | None = None
    iban: str | None = None
    bic: str | None = None
    logo_url: str | None = None
    logo_sha256: str | None = Field(None, description="Of the uploaded logo that its documents show.")


class InvoiceData(Snapshot):
    """An invoice with its lines, totals and what has been paid, amounts in minor units of `currency`."""

    path: ClassVar[str] = "/v1/invoices/{id}"

    contact_id: UUID
    contact: ContactOnInvoice
    seller: Seller | None = None
    currency: str
    status: InvoiceStatus
    payment_status: PaymentStatus
    number: str | None = Field(None, description="Null until the invoice is issued.")
    issue_date: date | None = None
    due_date: date | None = None
    supply_date: date | None = Field(None, description="When goods or services were supplied.")
    supply_start: date | None = Field(None, description="The first day of the period of supply.")
    supply_end: date | None = Field(None, description="The last one.")
    payment_terms_days: int
    is_overdue: bool = False
    lines: list[LineData]
    discount: Discount | None = Field(None, description="Off the whole invoice, before tax.")
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    amount_paid_minor: int
    amount_credited_minor: int
    amount_due_minor: int = Field(description="What can still be paid, written off or not.")
    amount_written_off_minor: int = Field(
        0, description="What of it is not expected any more; money that comes in after all takes it back."
    )
    write_off_reason: str | None = None
    write_off_version: int = Field(
        0, description="The version at which that was decided, or taken back, the last time."
    )
    tax_breakdown: list[TaxBreakdown]
    tax_conversion: TaxConversion | None = Field(
        None, description="The tax in the currency of the seller's accounts, where that is another one."
    )
    notes: str | None = None
    reference: str | None = None
    external_id: str | None = None
    collection_method: CollectionMethod
    payment_method_id: UUID | None = Field(None, description="Collected from it; null: the default.")
    metadata: dict[str, str] = {}
    sent_at: Instant | None = None
    opened_at: Instant | None = None
    issued_at: Instant | None = None
    paid_at: Instant | None = None
    voided_at: Instant | None = None
    written_off_at: Instant | None = None
    quote_id: UUID | None = None
    subscription_id: UUID | None = None
    period_start: Instant | None = None
    period_end: Instant | None = None
    billing_reason: Literal["cycle", "change"] | None = Field(
        None, description="What a subscription's invoice bills: a period, or a change within one."
    )
    public_url: str | None = Field(
        None, description="Where whoever has the link sees the invoice and can pay it; null while a draft."
    )
    edition: int = Field(
        1, description="Grows when something printed on the issued invoice is edited; its documents name it."
    )
    edited_at: Instant | None = Field(None, description="When its edition came about; null of the first.")
    reminder_level: int = Field(
        0, description="The highest level of reminders that is dealt with; 4: ready to be handed over."
    )
    reminded_at: Instant | None = None
    reminders_paused: bool | None = Field(
        None, description="True stops reminders, false lets them go on, null leaves it to the settings."
    )


class InvoiceCreated(Event):
    """An invoice was created."""

    type: ClassVar[str] = "invoice.created"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceUpdated(Event):
    """An invoice was changed."""

    type: ClassVar[str] = "invoice.updated"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceDeleted(Event):
    """A draft was deleted."""

    type: ClassVar[str] = "invoice.deleted"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceIssued(Event):
    """An invoice got its number and is to be paid."""

    type: ClassVar[str] = "invoice.issued"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceOpened(Event):
    """An invoice was looked at through its public link for the first time."""

    type: ClassVar[str] = "invoice.opened"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceSent(Event):
    """An invoice went out to its contact for the first time."""

    type: ClassVar[str] = "invoice.sent"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceReminded(Event):
    """A reminder of an open invoice goes out, or its reminders end: `reminder_level` says which."""

    type: ClassVar[str] = "invoice.reminded"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoicePaid(Event):
    """Nothing of the invoice remains to be paid."""

    type: ClassVar[str] = "invoice.paid"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceVoided(Event):
    """An issued invoice was cancelled; it keeps its number."""

    type: ClassVar[str] = "invoice.voided"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceOverdue(Event):
    """An invoice's due date passed while money is due on it."""

    type: ClassVar[str] = "invoice.overdue"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceWrittenOff(Event):
    """Part of an invoice is not expected any more, or now that is all that remains: it is `uncollectible`."""

    type: ClassVar[str] = "invoice.written_off"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData


class InvoiceWriteOffReversed(Event):
    """What had been written off of an invoice is expected again."""

    type: ClassVar[str] = "invoice.write_off_reversed"
    source: ClassVar[str] = "/invoice"
    data: InvoiceData
