"""Disputes: the payer's bank takes money back, and gives it back when the dispute is won."""

from uuid import UUID

from services.payment.disputes.domain import disputing
from services.payment.disputes.domain.dispute import Told
from services.payment.payments.domain.payment import Payment
from services.payment.payments.operations import money_batches
from services.payment.payments.repository import payments
from shared.kernel.clock import Clock
from shared.postgres.pool import Connection


async def follow_dispute(
    tx: Connection, workspace_id: UUID, payment_id: UUID, told: Told, clock: Clock
) -> Payment:
    """Let the payment follow what the provider says of one of its disputes; see disputing.follow.

    Taken money leaves unallocated money first, then the newest allocations, whose invoices ask for it again;
    won money settles them again. Records payment.updated with payment.disputed or payment.dispute_closed. The
    same word again changes nothing. Raises NotFound or PaymentNotSucceeded.
    """
    known = await payments.get(tx, workspace_id, payment_id)
    settled = {allocation.invoice_id for allocation in known.allocations}
    book = await money_batches.lock_payment(tx, workspace_id, payment_id, clock, *settled)
    if disputing.follow(book, payment_id, told):
        await money_batches.save(tx, book)
    return book.payments[payment_id]
