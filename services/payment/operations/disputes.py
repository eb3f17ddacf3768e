"""Disputes: the payer's bank takes money back."""

from uuid import UUID

from services.payment.domain import refunding
from services.payment.domain.payment import Payment
from services.payment.operations import books
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def dispute_payment(
    tx: Connection, workspace_id: UUID, payment_id: UUID, amount_minor: int, clock: Clock
) -> Payment:
    """The payer's bank took so much (minor units) of the payment back, as far as we still hold it.

    Unallocated money goes first, then that of the newest allocations, whose invoices ask for it again.
    Records payment.updated and payment.disputed with one sequence. Each call takes more: the caller makes
    sure that one dispute calls once. Raises NotFound or PaymentNotSucceeded.
    """
    book = await books.lock_payment(tx, workspace_id, payment_id, clock)
    refunding.dispute(book, payment_id, amount_minor)
    await books.save(tx, book)
    return book.payments[payment_id]
