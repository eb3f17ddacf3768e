"""Allocations: made, changed and reversed; each move books itself and is told by payment.updated."""

from uuid import UUID

from services.payment.allocations import domain as allocating
from services.payment.allocations import repository as allocations
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Allocation
from services.payment.payments.domain.registration import NotKnownHere, Target
from services.payment.payments.operations import money_batches
from shared.kernel.clock import Clock
from shared.kernel.errors import naming
from shared.postgres.pool import Connection


async def allocate_payment(
    tx: Connection, workspace_id: UUID, target: Target, payment_id: UUID, clock: Clock
) -> Allocation:
    """Let unallocated money of the payment settle the target's invoice, all that fits without an amount.

    Raises NotFound, NotKnownHere and what allocating.allocate raises.
    """
    with naming("payment_id"):
        book = await money_batches.lock_payment(tx, workspace_id, payment_id, clock, target.invoice_id)
    if target.invoice_id not in book.receivables:
        raise NotKnownHere((target,))
    [serial] = await allocations.serials(tx, 1)
    made = allocating.allocate(book, payment_id, target.invoice_id, target.amount_minor, serial)
    await money_batches.save(tx, book)
    return _allocation(book, payment_id, made)


async def change_allocation(
    tx: Connection, workspace_id: UUID, key: UUID | int, amount_minor: int, clock: Clock
) -> Allocation:
    """Give the allocation with this id or serial another amount; raises NotFound and what change raises."""
    book, allocation = await _lock(tx, workspace_id, key, clock)
    allocating.change(book, allocation, amount_minor)
    await money_batches.save(tx, book)
    return _allocation(book, allocation.payment_id, allocation.id)


async def reverse_allocation(tx: Connection, workspace_id: UUID, key: UUID | int, clock: Clock) -> Allocation:
    """Take the allocation with this id or serial back from its invoice; raises NotFound."""
    book, allocation = await _lock(tx, workspace_id, key, clock)
    allocating.reverse(book, allocation)
    await money_batches.save(tx, book)
    return _allocation(book, allocation.payment_id, allocation.id)


async def _lock(
    tx: Connection, workspace_id: UUID, key: UUID | int, clock: Clock
) -> tuple[MoneyBatch, Allocation]:
    named = await allocations.get(tx, workspace_id, key)
    book = await money_batches.lock_payment(tx, workspace_id, named.payment_id, clock, named.invoice_id)
    return book, _allocation(book, named.payment_id, named.id)


def _allocation(book: MoneyBatch, payment_id: UUID, allocation_id: UUID) -> Allocation:
    return next(one for one in book.payments[payment_id].allocations if one.id == allocation_id)
