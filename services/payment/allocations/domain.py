"""Allocations by hand: which part of a payment's money settles which invoice, changed after the fact."""

from uuid import UUID

from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Allocation, Payment
from services.payment.payments.domain.registration import ContactMismatch, CurrencyMismatch
from services.payment.receivables.domain.receivable import Receivable, ReceivableClosed, ReceivableStatus
from services.payment.refunds.domain.refund import PaymentNotSucceeded
from shared.kernel.errors import Conflict, Invalid


class ExceedsUnallocated(Invalid):
    """The payment does not have so much unallocated money."""

    code = "exceeds_unallocated"


class ExceedsDue(Invalid):
    """The invoice does not ask for so much."""

    code = "exceeds_due"


class NothingToAllocate(Conflict):
    """The payment has no unallocated money, or the invoice asks for none."""

    code = "nothing_to_allocate"


class AllocationReversed(Conflict):
    """The allocation was reversed: make a new one."""

    code = "allocation_reversed"


def allocate(
    batch: MoneyBatch,
    payment_id: UUID,
    invoice_id: UUID,
    amount_minor: int | None,
    serial: int,
    *,
    place: str = "",
) -> UUID:
    """Let so much unallocated money, or all that fits, settle the invoice; the new allocation's id.

    `place` is where in the request the fields stand that errors name.

    Raises PaymentNotSucceeded, ReceivableClosed, ContactMismatch, CurrencyMismatch, ExceedsUnallocated,
    ExceedsDue or NothingToAllocate.
    """
    payment, receivable = batch.payments[payment_id], batch.receivables[invoice_id]
    _require_match(payment, receivable, place)
    fits = min(payment.unallocated_minor, receivable.due_minor)
    if amount_minor is None and not fits:
        raise NothingToAllocate
    wanted = fits if amount_minor is None else amount_minor
    _require_room(payment, receivable, wanted, place)
    return batch.apply(payment_id, invoice_id, wanted, serial).id


def change(batch: MoneyBatch, allocation: Allocation, amount_minor: int) -> None:
    """Let the allocation be so much: more is taken from unallocated money, less goes back to it.

    Raises AllocationReversed, ReceivableClosed, ExceedsUnallocated or ExceedsDue.
    """
    if not allocation.live_minor:
        raise AllocationReversed
    payment, receivable = batch.payments[allocation.payment_id], batch.receivables[allocation.invoice_id]
    more = amount_minor - allocation.live_minor
    if more > 0:
        _require_room(payment, receivable, more)
        batch.raise_allocation(payment.id, allocation, more)
    elif more < 0:
        batch.take_back(payment.id, allocation, -more)


def reverse(batch: MoneyBatch, allocation: Allocation) -> None:
    """Take the allocation back, whole; a second time nothing happens."""
    if allocation.live_minor:
        batch.take_back(allocation.payment_id, allocation, allocation.live_minor)


def _require_match(payment: Payment, receivable: Receivable, place: str) -> None:
    if payment.state != "succeeded":
        raise PaymentNotSucceeded(field="payment_id", state=payment.state)
    if receivable.status is ReceivableStatus.CLOSED:
        raise ReceivableClosed(field=f"{place}invoice_id", number=receivable.number)
    if payment.contact_id != receivable.contact_id:
        raise ContactMismatch("The payment is another contact's.", field=f"{place}invoice_id")
    if payment.currency != receivable.currency:
        raise CurrencyMismatch(field=f"{place}invoice_id")


def _require_room(payment: Payment, receivable: Receivable, wanted_minor: int, place: str = "") -> None:
    if wanted_minor > payment.unallocated_minor:
        unallocated = payment.unallocated_minor
        raise ExceedsUnallocated(
            f"The payment has {unallocated} unallocated.",
            field=f"{place}amount_minor",
            unallocated_minor=unallocated,
        )
    if wanted_minor > receivable.due_minor:
        due = receivable.due_minor
        raise ExceedsDue(f"The invoice asks for {due}.", field=f"{place}amount_minor", due_minor=due)
