"""Facts about quotes: offers that become invoices when they are accepted."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant
from shared.events.invoice import ContactOnInvoice, Discount, LineData, Seller, TaxBreakdown

QuoteStatus = Literal["draft", "sent", "accepted", "declined", "expired"]


class QuoteData(Snapshot):
    """An offer with its lines and totals, amounts in minor units of `currency`."""

    path: ClassVar[str] = "/v1/quotes/{id}"

    contact_id: UUID
    contact: ContactOnInvoice
    seller: Seller | None = None
    currency: str
    status: QuoteStatus
    number: str | None = Field(None, description="Null until the quote is sent.")
    issue_date: date | None = None
    valid_until: date | None = None
    supply_date: date | None = Field(None, description="When goods or services are to be supplied.")
    supply_start: date | None = Field(None, description="The first day of the period of supply.")
    supply_end: date | None = Field(None, description="The last one.")
    lines: list[LineData]
    discount: Discount | None = None
    subtotal_minor: int
    tax_minor: int
    total_minor: int
    tax_breakdown: list[TaxBreakdown]
    notes: str | None = None
    reference: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = {}
    invoice_id: UUID | None = Field(None, description="The invoice that its acceptance made.")
    sent_at: Instant | None = None
    accepted_at: Instant | None = None
    declined_at: Instant | None = None


class QuoteCreated(Event):
    """A quote was created."""

    type: ClassVar[str] = "quote.created"
    source: ClassVar[str] = "/invoice"
    data: QuoteData


class QuoteUpdated(Event):
    """A quote was changed."""

    type: ClassVar[str] = "quote.updated"
    source: ClassVar[str] = "/invoice"
    data: QuoteData


class QuoteAccepted(Event):
    """A quote was accepted, and its invoice made."""

    type: ClassVar[str] = "quote.accepted"
    source: ClassVar[str] = "/invoice"
    data: QuoteData


class QuoteDeleted(Event):
    """A draft of a quote was deleted."""

    type: ClassVar[str] = "quote.deleted"
    source: ClassVar[str] = "/invoice"
    data: QuoteData
