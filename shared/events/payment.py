"""Facts about payments."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.event import Event, Snapshot
from shared.events.fields import Instant
from shared.events.invoice import PaymentStatus

PaymentState = Literal[
    "pending",
    "processing",
    "requires_action",
    "succeeded",
    "failed",
    "unknown",
    "needs_review",
    "canceled",
    "voided",
]
RefundState = Literal["pending", "succeeded", "failed"]
DisputeStatus = Literal["open", "won", "lost"]
Advice = Literal["retry", "new_method", "never"]


class AllocationData(BaseModel):
    """The part of a payment that settles one invoice, and what the invoice's receivable shows after it."""

    id: UUID
    serial: int = Field(description="A number of its own for each allocation of a workspace.")
    invoice_id: UUID
    amount_minor: int = Field(description="0 once the money was taken back from the invoice.")
    amount_due_minor: int
    invoice_amount_paid_minor: int
    invoice_payment_status: PaymentStatus
    receivable_version: int = Field(description="Grows with every change of the receivable.")
    invoice_amount_written_off_minor: int | None = Field(
        None, description="What of the invoice is not expected any more; null where it was not noted."
    )
    write_off_version: int = Field(
        0, description="The invoice's version that wrote it off, or took that back, last of all heard of."
    )


class RefundData(BaseModel):
    """Money of a payment that goes back to the payer."""

    id: UUID
    state: RefundState
    amount_minor: int
    reason: str | None = None
    credit_note_id: UUID | None = None
    created_at: Instant
    failure_reason: str | None = Field(None, description="Why a failed one failed, in the provider's word.")


class DisputeData(BaseModel):
    """What a payer's bank says of a payment. Until it is won, the bank has the money."""

    reference: str | None = Field(None, description="The provider's id of it.")
    status: DisputeStatus
    amount_minor: int
    reason: str | None = None
    opened_at: Instant
    closed_at: Instant | None = None


class FailureData(BaseModel):
    """Why a collection did not bring money, and what can be done about it."""

    code: str = Field(description="The provider's word for it, such as `insufficient_funds`.")
    advice: Advice
    message: str | None = None


class PaymentData(Snapshot):
    """Money that came in or is being collected, and the invoices it settles; minor units of `currency`."""

    path: ClassVar[str] = "/v1/payments/{id}"
    kept: ClassVar[frozenset[str]] = frozenset({"allocations"})

    contact_id: UUID
    state: PaymentState
    amount_minor: int
    currency: str
    method: str
    external_reference: str | None = None
    paid_on: date
    note: str | None = None
    allocations: list[AllocationData]
    unallocated_minor: int = Field(description="What no invoice took: it is in the credit balance.")
    amount_refunded_minor: int = 0
    amount_disputed_minor: int = Field(0, description="What banks took back and have not returned.")
    amount_overdrawn_minor: int = Field(
        0, description="What of that the payment no longer held, because it had been refunded before."
    )
    refunds: list[RefundData] = []
    disputes: list[DisputeData] = []
    invoice_id: UUID | None = Field(None, description="What is collected; null: money came in.")
    subscription_id: UUID | None = None
    is_automatic: bool = Field(False, description="Collected on schedule, not by hand.")
    provider: str | None = None
    provider_reference: str | None = None
    payment_method_id: UUID | None = None
    failure: FailureData | None = None
    voided_at: Instant | None = Field(None, description="When it was undone: its money never came in.")
    void_reason: str | None = None
    moved_from_contact_id: UUID | None = Field(
        None, description="Whose it was before it was moved, the last time."
    )


class PaymentCreated(Event):
    """A payment was registered."""

    type: ClassVar[str] = "payment.created"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentUpdated(Event):
    """A payment was changed: its state, or the invoices that it settles."""

    type: ClassVar[str] = "payment.updated"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentFailed(Event):
    """An invoice could not be collected."""

    type: ClassVar[str] = "payment.failed"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentRefunded(Event):
    """Money of a payment went back to the payer; invoices that it settled ask for it again."""

    type: ClassVar[str] = "payment.refunded"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentRefundFailed(Event):
    """A refund did not reach the payer, perhaps days after it had succeeded: its money is here again."""

    type: ClassVar[str] = "payment.refund_failed"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentDisputeClosed(Event):
    """A dispute is decided: won, so its money is back and settles what it had settled, or lost."""

    type: ClassVar[str] = "payment.dispute_closed"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentDisputed(Event):
    """The payer's bank took the money back; invoices that it settled ask for it again."""

    type: ClassVar[str] = "payment.disputed"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentVoided(Event):
    """A payment was registered by mistake and is undone; invoices that it settled ask for it again."""

    type: ClassVar[str] = "payment.voided"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentMoved(Event):
    """A payment was another contact's: it left the invoices of the one for the other."""

    type: ClassVar[str] = "payment.moved"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class CreditBalanceData(Snapshot):
    """What the workspace owes one contact in one currency, in minor units."""

    path: ClassVar[str] = "/v1/credit-balances?contact_id={contact_id}"

    contact_id: UUID
    currency: str
    amount_minor: int


class CreditBalanceUpdated(Event):
    """A contact's credit balance changed."""

    type: ClassVar[str] = "credit_balance.updated"
    source: ClassVar[str] = "/payment"
    data: CreditBalanceData
