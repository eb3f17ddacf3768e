"""Payments: money that came in, the invoices that it settles, and what is left of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.payment.domain import receivable as receivable_rules
from services.payment.domain.receivable import Payables, Receivable, ReceivableClosed, Status
from services.payment.domain.registration import Registration, Target, contact_and_currency, total_minor
from shared.events.payment import AllocationData, PaymentData, PaymentState
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Allocation:
    """The part of a payment that settles one invoice, and what the receivable showed after it."""

    id: UUID
    serial: int
    payment_id: UUID
    invoice_id: UUID
    amount_minor: int
    live_minor: int
    receivable_due_minor: int
    receivable_paid_minor: int
    receivable_version: int


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in, at one version; amounts in minor units of `currency`."""

    workspace_id: UUID
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime
    contact_id: UUID
    state: PaymentState
    amount_minor: int
    unallocated_minor: int
    currency: str
    method: str
    external_reference: str | None
    paid_on: date
    note: str | None
    allocations: tuple[Allocation, ...] = ()


def register(
    workspace_id: UUID,
    registration: Registration,
    payables: Payables,
    default_currency: str,
    clock: Clock,
) -> tuple[Payment, list[Receivable]]:
    """Spread the money over its targets; what they do not ask for stays unallocated.

    Returns the payment and the receivables that it changed. Raises ReceivableClosed, ContactMismatch,
    CurrencyMismatch, TooManyDecimals or AllocationsExceedAmount.
    """
    contact_id, currency = contact_and_currency(registration, payables.receivables, default_currency)
    amount_minor = total_minor(registration, currency)
    payment_id, now = new_id(), clock.now()
    allocations, paid = _spread(payment_id, registration.targets, payables, amount_minor)
    payment = Payment(
        workspace_id=workspace_id,
        id=payment_id,
        version=1,
        created_at=now,
        updated_at=now,
        contact_id=contact_id,
        state="succeeded",
        amount_minor=amount_minor,
        unallocated_minor=amount_minor - sum(allocation.live_minor for allocation in allocations),
        currency=currency,
        method=registration.method,
        external_reference=registration.external_reference,
        paid_on=registration.paid_on or clock.today(),
        note=registration.note,
        allocations=tuple(allocations),
    )
    return payment, paid


def _spread(
    payment_id: UUID, targets: Sequence[Target], payables: Payables, left_minor: int
) -> tuple[list[Allocation], list[Receivable]]:
    allocations, paid = [], []
    for target, serial in zip(targets, payables.serials, strict=True):
        receivable = payables.receivables[target.invoice_id]
        if receivable.status is Status.CLOSED:
            raise ReceivableClosed(field=target.field, number=receivable.number)
        wanted = left_minor if target.amount_minor is None else target.amount_minor
        part = min(wanted, receivable.due_minor)
        if part > 0:
            after = receivable_rules.pay(receivable, part)
            paid.append(after)
            allocations.append(_allocation(payment_id, serial, after, part))
            left_minor -= part
    return allocations, paid


def _allocation(payment_id: UUID, serial: int, after: Receivable, amount_minor: int) -> Allocation:
    return Allocation(
        id=new_id(),
        serial=serial,
        payment_id=payment_id,
        invoice_id=after.invoice_id,
        amount_minor=amount_minor,
        live_minor=amount_minor,
        receivable_due_minor=after.due_minor,
        receivable_paid_minor=after.paid_minor,
        receivable_version=after.version,
    )


def release(payment: Payment, closed: Mapping[UUID, Receivable], now: datetime) -> Payment:
    """Take the money back from receivables that were closed: it is unallocated again."""
    allocations = tuple(_released(allocation, closed) for allocation in payment.allocations)
    return replace(
        payment,
        unallocated_minor=payment.amount_minor - sum(allocation.live_minor for allocation in allocations),
        allocations=allocations,
        version=payment.version + 1,
        updated_at=now,
    )


def _released(allocation: Allocation, closed: Mapping[UUID, Receivable]) -> Allocation:
    receivable = closed.get(allocation.invoice_id)
    if receivable is None or not allocation.live_minor:
        return allocation
    return replace(
        allocation,
        live_minor=0,
        receivable_due_minor=receivable.due_minor,
        receivable_paid_minor=receivable.paid_minor,
        receivable_version=receivable.version,
    )


def allocation_snapshot(allocation: Allocation) -> AllocationData:
    """The allocation as the public API and events show it."""
    paid, due = allocation.receivable_paid_minor, allocation.receivable_due_minor
    return AllocationData(
        id=allocation.id,
        serial=allocation.serial,
        invoice_id=allocation.invoice_id,
        amount_minor=allocation.live_minor,
        amount_due_minor=due,
        invoice_amount_paid_minor=paid,
        invoice_payment_status=receivable_rules.payment_status(paid, due),
        receivable_version=allocation.receivable_version,
    )


def snapshot(payment: Payment) -> PaymentData:
    """The payment as the public API and events show it."""
    return PaymentData(
        id=payment.id,
        version=payment.version,
        created_at=payment.created_at,
        updated_at=payment.updated_at,
        contact_id=payment.contact_id,
        state=payment.state,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        method=payment.method,
        external_reference=payment.external_reference,
        paid_on=payment.paid_on,
        note=payment.note,
        allocations=[allocation_snapshot(allocation) for allocation in payment.allocations],
        unallocated_minor=payment.unallocated_minor,
    )
