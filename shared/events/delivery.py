"""Facts about documents on their way to their contacts."""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant

DeliveryStatus = Literal["queued", "sending", "sent", "delivered", "bounced", "failed", "unknown", "canceled"]


class DeliveryData(Snapshot):
    """A document on its way to its contact over one channel."""

    path: ClassVar[str] = "/v1/invoices/{document_id}"

    kind: Literal["invoice", "credit_note", "quote"]
    document_id: UUID
    contact_id: UUID
    channel: Literal["email", "sms", "link"]
    level: int = Field(ge=0, le=3, description="0 the document itself, 1 to 3 a reminder of it.")
    status: DeliveryStatus
    recipient: str | None = Field(None, description="Address or number; null for a link.")
    message: str | None = None
    attempt_count: int = 0
    failure_code: str | None = Field(None, description="Why the last attempt failed, in a word of ours.")
    failure_message: str | None = Field(None, description="The same in the channel's own words.")
    sent_at: Instant | None = None
    next_attempt_at: Instant | None = Field(None, description="In real time, also of a sandbox.")


class InvoiceDeliveryFailed(Event):
    """An invoice, or a reminder of it, bounced, failed, or never told how it went; nobody tries again."""

    type: ClassVar[str] = "invoice.delivery_failed"
    source: ClassVar[str] = "/invoice"
    data: DeliveryData

    @property
    def record_key(self) -> UUID:
        """In order with the invoice's other events."""
        return self.data.document_id
