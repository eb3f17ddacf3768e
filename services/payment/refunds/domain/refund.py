"""Refunds: money of a payment that goes back to the payer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.events.payment import RefundData
from shared.kernel.errors import Conflict, Invalid


class RefundStatus(StrEnum):
    """Where a refund stands; a provider may take days over one."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


MOVES: Mapping[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.PENDING: frozenset({RefundStatus.SUCCEEDED, RefundStatus.FAILED}),
    # The payer's bank may send it back days later.
    RefundStatus.SUCCEEDED: frozenset({RefundStatus.FAILED}),
    RefundStatus.FAILED: frozenset(),
}


class RefundExceedsPayment(Invalid):
    """More cannot go back than the payment still holds."""

    code = "refund_exceeds_payment"


class NothingToRefund(Conflict):
    """Nothing of the payment is left to go back."""

    code = "nothing_to_refund"


class PaymentNotSucceeded(Conflict):
    """The payment has not succeeded: it holds no money."""

    code = "payment_not_succeeded"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back to the payer, at one version; minor units of `currency`."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    payment_id: UUID
    contact_id: UUID
    state: RefundStatus
    amount_minor: int
    currency: str
    method: str
    reason: str | None = None
    external_reference: str | None = None
    credit_note_id: UUID | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What a caller wants back of a payment: everything where no amount is given."""

    amount_minor: int | None = None
    reason: str | None = None
    method: str | None = None
    external_reference: str | None = None
    credit_note_id: UUID | None = None


def snapshot(refund: Refund) -> RefundData:
    """The refund as events show it within its payment."""
    return RefundData(
        id=refund.id,
        state=refund.state.value,
        amount_minor=refund.amount_minor,
        reason=refund.reason,
        credit_note_id=refund.credit_note_id,
        created_at=refund.created_at,
        failure_reason=refund.failure_reason,
    )
