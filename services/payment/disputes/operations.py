"""Disputes: the payer's bank takes money back, and gives it back when the dispute is won."""

from uuid import UUID

from services.payment.disputes.domain import disputing
from services.payment.disputes.domain.dispute import DisputeReport
from services.payment.payments.domain.payment import Payment
from services.payment.payments.operations import money_batches
from services.payment.payments.repository import payments
from shared.messaging.work import Work


async def follow_dispute(work: Work, payment_id: UUID, told: DisputeReport) -> Payment:
    """Let the payment follow what the provider says of one of its disputes; see disputing.follow.

    Taken money leaves unallocated money first, then the newest allocations, whose invoices ask for it again;
    won money settles them again. Records payment.updated with payment.disputed or payment.dispute_closed. The
    same word again changes nothing. Raises NotFound or PaymentNotSucceeded.
    """
    payment = await payments.get(work.tx, work.workspace_id, payment_id)
    invoice_ids = {allocation.invoice_id for allocation in payment.allocations}
    batch = await money_batches.lock_payment(work, payment_id, *invoice_ids)
    if disputing.follow(batch, payment_id, told):
        await money_batches.save(work, batch)
    return batch.payments[payment_id]
