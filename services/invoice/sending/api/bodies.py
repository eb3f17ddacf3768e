"""What requests about sending hold, and what is answered to them."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from services.invoice.sending.domain.delivery import Channel, Delivery, DeliveryRequest, RetryTo
from services.invoice.sending.operations import attempts
from shared.events.delivery import DeliveryData
from shared.http.fields import Body

MAX_SENT = 100
Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
EmailAddress = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]


class Sending(Body):
    """How to send a document: by e-mail where nothing is said."""

    channels: list[Literal["email"]] = Field(["email"], min_length=1, max_length=3)
    email: EmailAddress | None = Field(None, description="Instead of the contact's.")
    message: Message | None = Field(None, description="Said with it this once.")
    force: bool = Field(False, description="Also to an address that refused before.")

    def to_request(self, level: int = 0) -> DeliveryRequest:
        """The request that it holds."""
        channels: list[Channel] = list(self.channels)
        return DeliveryRequest(
            channels=channels,
            level=level,
            email=self.email,
            phone=getattr(self, "phone", None),
            message=self.message or None,
            is_forced=self.force,
        )


class InvoiceSending(Sending):
    """How to send an invoice, or a reminder of it."""

    channels: list[Channel] = Field(["email"], min_length=1, max_length=3)  # type: ignore[assignment]
    phone: Phone | None = Field(None, description="Instead of the contact's.")
    reminder: bool = Field(False, description="Send a reminder of it instead of the invoice itself.")
    level: Literal[1, 2, 3] | None = Field(
        None,
        description="Of a reminder: friendly, second, formal notice; without it the next, up to the second.",
    )


class QuoteSending(Sending):
    """How to send a quote besides offering it; without channels it is not sent anywhere."""

    channels: list[Literal["email"]] = Field([], max_length=3)


class ManyInvoices(InvoiceSending):
    """Which invoices to send, and how."""

    email: None = None
    phone: None = None
    invoice_ids: list[UUID] = Field(min_length=1, max_length=MAX_SENT)


class DeliveryReply(DeliveryData):
    """A delivery; by link with the link."""

    public_url: str | None = Field(None, description="Of a delivery by link: what to hand over.")


class Retry(Body):
    """Whom another try goes to."""

    to: RetryTo | None = Field(
        None,
        description="`present`: the contact's address of now; `original`: the delivery's. By default the "
        "contact's, unless whoever sent it gave an address.",
    )


class RetryReply(DeliveryReply):
    """A delivery that is tried again."""

    previous_recipient: str | None = Field(
        None, description="The address that it had before, where it now goes to another."
    )


class Deliveries(BaseModel):
    """What was queued, one for each channel."""

    data: list[DeliveryReply]


class SendResult(BaseModel):
    """What came of one invoice of many: its deliveries, or the problem (RFC 9457) against it."""

    index: int
    invoice_id: UUID
    status: int = Field(description="202, or what a single request would have answered.")
    deliveries: list[DeliveryReply] | None = None
    error: dict[str, Any] | None = None


class SendResults(BaseModel):
    """What came of each invoice."""

    data: list[SendResult]


def to_retry_reply(delivery: Delivery, before: Delivery) -> RetryReply:
    """The delivery as it is answered, and where it went before."""
    previous = before.recipient if before.recipient != delivery.recipient else None
    return RetryReply(**dict(to_reply(delivery)), previous_recipient=previous)


def to_reply(delivery: Delivery, public_url: str | None = None) -> DeliveryReply:
    """The delivery as it is answered."""
    link = public_url if delivery.channel == "link" else None
    return DeliveryReply(**dict(attempts.to_snapshot(delivery)), public_url=link)
