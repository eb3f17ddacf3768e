"""Allocations: made, changed and reversed; each move books itself and is told by payment.updated."""

from uuid import UUID

from services.payment.allocations import domain as allocating
from services.payment.allocations import repository as allocations
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Allocation
from services.payment.payments.domain.registration import NotKnownHere, Target
from services.payment.payments.operations import money_batches
from shared.kernel.errors import naming
from shared.messaging.work import Work


async def allocate_payment(work: Work, target: Target, payment_id: UUID) -> Allocation:
    """Let unallocated money of the payment settle the target's invoice, all that fits without an amount.

    Raises NotFound, NotKnownHere and what allocating.allocate raises.
    """
    with naming("payment_id"):
        batch = await money_batches.lock_payment(work, payment_id, target.invoice_id)
    if target.invoice_id not in batch.receivables:
        raise NotKnownHere((target,))
    [serial] = await allocations.serials(work.tx, 1)
    allocation_id = allocating.allocate(batch, payment_id, target.invoice_id, target.amount_minor, serial)
    await money_batches.save(work, batch)
    return _allocation(batch, payment_id, allocation_id)


async def change_allocation(work: Work, key: UUID | int, amount_minor: int) -> Allocation:
    """Give the allocation with this id or serial another amount; raises NotFound and what change raises."""
    batch, allocation = await _lock(work, key)
    allocating.change(batch, allocation, amount_minor)
    await money_batches.save(work, batch)
    return _allocation(batch, allocation.payment_id, allocation.id)


async def reverse_allocation(work: Work, key: UUID | int) -> Allocation:
    """Take the allocation with this id or serial back from its invoice; raises NotFound."""
    batch, allocation = await _lock(work, key)
    allocating.reverse(batch, allocation)
    await money_batches.save(work, batch)
    return _allocation(batch, allocation.payment_id, allocation.id)


async def _lock(work: Work, key: UUID | int) -> tuple[MoneyBatch, Allocation]:
    named = await allocations.get(work.tx, work.workspace_id, key)
    batch = await money_batches.lock_payment(work, named.payment_id, named.invoice_id)
    return batch, _allocation(batch, named.payment_id, named.id)


def _allocation(batch: MoneyBatch, payment_id: UUID, allocation_id: UUID) -> Allocation:
    return next(
        allocation for allocation in batch.payments[payment_id].allocations if allocation.id == allocation_id
    )
