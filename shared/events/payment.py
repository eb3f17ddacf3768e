"""Facts about payments."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.events.event import Event, Snapshot
from shared.events.invoice import PaymentStatus

PaymentState = Literal["succeeded"]


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


class PaymentData(Snapshot):
    """Money that came in, with the invoices it settles, amounts in minor units of `currency`."""

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


class PaymentCreated(Event):
    """A payment was registered."""

    type: ClassVar[str] = "payment.created"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class PaymentUpdated(Event):
    """A payment was changed: it settles other invoices than before."""

    type: ClassVar[str] = "payment.updated"
    source: ClassVar[str] = "/payment"
    data: PaymentData


class CreditBalanceData(Snapshot):
    """What the workspace owes one contact in one currency, in minor units."""

    contact_id: UUID
    currency: str
    amount_minor: int


class CreditBalanceUpdated(Event):
    """A contact's credit balance changed."""

    type: ClassVar[str] = "credit_balance.updated"
    source: ClassVar[str] = "/payment"
    data: CreditBalanceData
