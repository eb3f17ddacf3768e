"""Refunds: begun for a payment, finished when its provider says how it went."""

from uuid import UUID

from services.payment.payments.operations import money_batches
from services.payment.provider_connections.operations import find_refusal
from services.payment.providers.provider import Amount
from services.payment.refunds.domain import refunding
from services.payment.refunds.domain.refund import MOVES, Refund, RefundRequest, RefundStatus
from services.payment.refunds.repository import refunds
from shared.messaging.work import Work


async def refund_payment(work: Work, payment_id: UUID, request: RefundRequest) -> Refund:
    """Give money of the payment back: at once where it was registered by hand, else once its provider did.

    The money is set aside here, so that no two refunds share it. Raises NotFound, PaymentNotSucceeded,
    NothingToRefund, RefundExceedsPayment, or AmountRefused where the provider cannot send so much.
    """
    batch = await money_batches.lock_payment(work, payment_id)
    refund = refunding.begin(batch, payment_id, request)
    payment = batch.payments[payment_id]
    refusal = find_refusal(payment.provider, Amount(refund.amount_minor, refund.currency), "amount_minor")
    if refusal:
        raise refusal
    if refunding.is_by_hand(payment):
        refund = refunding.finish(batch, refund, succeeded=True)
    await money_batches.save(work, batch)
    return refund


async def finish_refund(work: Work, refund_id: UUID, *, succeeded: bool, reason: str | None = None) -> Refund:
    """The provider gave the money back, or could not (for this reason): then it is credit balance again.

    It may say so of a refund that had succeeded: the payer's bank sent the money back. Call it within the
    transaction that stores what the provider said; a refund that is so already is given back as it is.
    Records payment.updated with payment.refunded or payment.refund_failed. Raises NotFound.
    """
    payment_id = (await refunds.get(work.tx, work.workspace_id, refund_id)).payment_id
    batch = await money_batches.lock_payment(work, payment_id)
    refund = next(refund for refund in batch.payments[payment_id].refunds if refund.id == refund_id)
    if (RefundStatus.SUCCEEDED if succeeded else RefundStatus.FAILED) in MOVES[refund.state]:
        refund = refunding.finish(batch, refund, succeeded=succeeded, reason=reason)
        await money_batches.save(work, batch)
    return refund
