"""What this service answers about invoices, besides the invoices themselves."""

from typing import Any

from pydantic import BaseModel, Field

from shared.events.fields import Instant
from shared.events.invoice import InvoiceData


class NextNumber(BaseModel):
    """A number that is free now."""

    number: str


class TimelineEntry(BaseModel):
    """One fact about an invoice; facts of one change share its sequence."""

    sequence: int
    type: str
    actor: str
    occurred_at: Instant
    channel: str | None = Field(None, description="Of `delivery.…`: how it was sent.")
    level: int | None = Field(None, description="Of `delivery.…`: 0 the invoice itself, 1 to 3 a reminder.")
    recipient: str | None = Field(None, description="Of `delivery.…` and `e_invoice.…`: to whom.")
    detail: str | None = Field(None, description="Of `delivery.…` and `e_invoice.…`: why it did not arrive.")


class Timeline(BaseModel):
    """The facts about an invoice, oldest first."""

    data: list[TimelineEntry]


class BatchResult(BaseModel):
    """What came of one invoice of a batch: the invoice, or the problem (RFC 9457) against it."""

    index: int
    status: int = Field(description="201, or what a single request would have answered.")
    invoice: InvoiceData | None = None
    error: dict[str, Any] | None = None


class BatchReply(BaseModel):
    """What came of each invoice of a batch."""

    data: list[BatchResult]
