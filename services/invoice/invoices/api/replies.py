"""What this service answers about invoices, besides the invoices themselves."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.fields import Instant
from shared.events.invoice import InvoiceData


class NextNumber(BaseModel):
    """A number that is free now."""

    number: str


class WebhookAttempt(BaseModel):
    """One request to one webhook endpoint about the invoice."""

    webhook_id: str
    event_type: str
    delivery_id: UUID
    endpoint_id: UUID
    number: int = Field(description="Of the delivery; counts from 1.")
    status: int | None = Field(description="The receiver's HTTP status; null without an answer.")
    error: str | None = Field(description="Why there was no answer, as in `/v1/deliveries`.")
    reason: str | None
    state: str = Field(description="Where the delivery stood after it, as in `/v1/deliveries`.")


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
    payment_id: UUID | None = Field(None, description="Of `payment.…`: which payment.")
    amount_minor: int | None = Field(
        None, description="Of `payment.…`: what the invoice took of it; of refunds and disputes their amount."
    )
    currency: str | None = Field(None, description="Of `payment.…`: the currency of the amount.")
    webhook: WebhookAttempt | None = Field(
        None, description="Of `webhook.…`: which request; it has real time, also in a sandbox."
    )


class Timeline(BaseModel):
    """The facts about an invoice, oldest first."""

    data: list[TimelineEntry]
    webhooks: str = Field(
        description="Where all webhooks about the invoice stand, with how their attempts went.",
        examples=["/v1/messages?subject=01981a8e-7c00-7000-8000-000000000003"],
    )


class BatchResult(BaseModel):
    """What came of one invoice of a batch: the invoice, or the problem (RFC 9457) against it."""

    index: int
    status: int = Field(description="201, or what a single request would have answered.")
    invoice: InvoiceData | None = None
    error: dict[str, Any] | None = None


class BatchReply(BaseModel):
    """What came of each invoice of a batch."""

    data: list[BatchResult]
