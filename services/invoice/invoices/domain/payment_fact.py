"""What an event about a payment says of one invoice: a line of the invoice's timeline."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, get_args
from uuid import UUID

from shared.events.payment import (
    PaymentCreated,
    PaymentData,
    PaymentDisputeClosed,
    PaymentDisputed,
    PaymentFailed,
    PaymentMoved,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentUpdated,
    PaymentVoided,
)
from shared.kernel import context

PaymentEvent: TypeAlias = (
    PaymentCreated
    | PaymentUpdated
    | PaymentRefunded
    | PaymentRefundFailed
    | PaymentDisputed
    | PaymentDisputeClosed
    | PaymentFailed
    | PaymentVoided
    | PaymentMoved
)
"""Whatever happens to a payment."""
PAYMENT_EVENTS: tuple[type[PaymentEvent], ...] = get_args(PaymentEvent)

_REFUNDS = ("payment.refunded", "payment.refund_failed")
_DISPUTES = ("payment.disputed", "payment.dispute_closed")
_ALLOCATED = ("payment.created", "payment.updated", "payment.moved")


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """What happened to how much of which payment, and who did it."""

    workspace_id: UUID
    invoice_id: UUID
    payment_id: UUID
    sequence: int
    type: str
    actor: str
    amount_minor: int
    currency: str
    occurred_at: datetime


def facts_of(event: PaymentEvent) -> Iterator[PaymentFact]:
    """What the event says of each invoice that it touches."""
    data = event.data
    allocated = {allocation.invoice_id: allocation.amount_minor for allocation in data.allocations}
    touched = dict.fromkeys((*allocated, *([data.invoice_id] if data.invoice_id else [])))
    for invoice_id in touched:
        yield PaymentFact(
            event.workspace_id,
            invoice_id,
            event.subject,
            event.sequence,
            event.type,
            event.actor or context.SYSTEM,
            _amount_minor(event.type, data, allocated.get(invoice_id)),
            data.currency,
            event.time,
        )


def _amount_minor(type_: str, data: PaymentData, allocated_minor: int | None) -> int:
    """Of a refund or dispute its own amount, of money that came the part that the invoice took."""
    if type_ in _REFUNDS and data.refunds:
        return data.refunds[-1].amount_minor
    if type_ in _DISPUTES and data.disputes:
        return data.disputes[-1].amount_minor
    if type_ in _ALLOCATED and allocated_minor is not None:
        return allocated_minor
    return data.amount_minor
