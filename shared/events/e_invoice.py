"""Facts about e-invoices: invoices and credit notes as data, on their way through an access point."""

from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant

EInvoiceStatus = Literal[
    "queued",
    "validating",
    "invalid",
    "submitting",
    "submitted",
    "unknown",
    "delivered",
    "rejected",
    "failed",
    "acknowledged",
    "in_process",
    "accepted",
    "paid",
    "refused",
]
EInvoiceSyntax = Literal["ubl", "cii", "factur_x"]


class EInvoiceFinding(BaseModel):
    """A rule that the document breaks; only fatal ones keep it from being sent."""

    rule: str = Field(description="Such as BR-CO-15, PEPPOL-EN16931-R003 or XSD.")
    severity: Literal["fatal", "warning"]
    message: str
    location: str


class EInvoiceFailure(BaseModel):
    """Why the e-invoice did not arrive, or the receiver does not accept it."""

    code: str
    message: str | None = None


class EInvoiceState(BaseModel):
    """One state that the e-invoice was in, and since when on the workspace's clock."""

    status: EInvoiceStatus
    at: Instant
    code: str | None = None
    message: str | None = None


class EInvoiceData(Snapshot):
    """One document on its way to one receiver. `receiver` and `sender` are `scheme:id` (ISO 6523)."""

    path: ClassVar[str] = "/v1/e-invoices/{id}"

    invoice_id: UUID
    credit_note_id: UUID | None = Field(
        None, description="Where the document is a credit note of that invoice."
    )
    number: str = Field(description="The document's.")
    syntax: EInvoiceSyntax
    sender: str
    receiver: str
    status: EInvoiceStatus
    failure: EInvoiceFailure | None = None
    document_sha256: str = Field(description="Of the bytes that are sent, in hexadecimal digits.")
    rule_set: str = Field(description="The rules that it was validated by, each with its version.")
    findings: list[EInvoiceFinding] = []
    provider: str
    provider_reference: str | None = Field(None, description="What the access point calls the submission.")
    submission_guid: UUID = Field(description="The key by which the access point knows a repetition.")
    attempt_count: int = Field(0, description="How often the access point was asked to send it.")
    evidence: dict[str, Any] | None = Field(
        None, description="What the access point says of the transmission."
    )
    history: list[EInvoiceState] = Field([], description="Every state, oldest first.")
    submitted_at: Instant | None = None
    delivered_at: Instant | None = None


class EInvoiceCreated(Event):
    """An e-invoice was queued."""

    type: ClassVar[str] = "e_invoice.created"
    source: ClassVar[str] = "/invoice"
    data: EInvoiceData


class EInvoiceUpdated(Event):
    """An e-invoice's state changed."""

    type: ClassVar[str] = "e_invoice.updated"
    source: ClassVar[str] = "/invoice"
    data: EInvoiceData
