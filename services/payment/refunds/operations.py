"""Refunds: begun for a payment, finished when its provider says how it went."""

from uuid import UUID

from services.payment.payments.operations import money_batches
from services.payment.provider_connections.operations import refused
from services.payment.providers.provider import Amount
from services.payment.refunds import repository as refunds
from services.payment.refunds.domain import refunding
from services.payment.refunds.domain.refund import MOVES, Refund, RefundRequest, RefundStatus
from shared.kernel.clock import Clock
from shared.kernel.errors import raise_not_found
from shared.postgres.pool import Connection


async def refund_payment(
    tx: Connection, workspace_id: UUID, payment_id: UUID, wish: RefundRequest, clock: Clock
) -> Refund:
    """Give money of the payment back: at once where it was registered by hand, else once its provider did.

    The money is set aside here, so that no two refunds share it. Raises NotFound, PaymentNotSucceeded,
    NothingToRefund, RefundExceedsPayment, or AmountRefused where the provider cannot send so much.
    """
    book = await money_batches.lock_payment(tx, workspace_id, payment_id, clock)
    refund = refunding.begin(book, payment_id, wish)
    payment = book.payments[payment_id]
    refusal = refused(payment.provider, Amount(refund.amount_minor, refund.currency), "amount_minor")
    if refusal:
        raise refusal
    if refunding.is_by_hand(payment):
        refund = refunding.finish(book, refund, succeeded=True)
    await money_batches.save(tx, book)
    return refund


async def finish_refund(
    tx: Connection, refund_id: UUID, succeeded: bool, clock: Clock, reason: str | None = None
) -> Refund:
    """The provider gave the money back, or could not (for this reason): then it is credit balance again.

    It may say so of a refund that had succeeded: the payer's bank sent the money back. Call it within the
    transaction that stores what the provider said; a refund that is so already is given back as it is.
    Records payment.updated with payment.refunded or payment.refund_failed. Raises NotFound.
    """
    found = await refunds.find_by_id(tx, refund_id) or raise_not_found("refund", refund_id)
    book = await money_batches.lock_payment(tx, found.workspace_id, found.payment_id, clock)
    refund = next(one for one in book.payments[found.payment_id].refunds if one.id == refund_id)
    if (RefundStatus.SUCCEEDED if succeeded else RefundStatus.FAILED) in MOVES[refund.state]:
        refund = refunding.finish(book, refund, succeeded=succeeded, reason=reason)
        await money_batches.save(tx, book)
    return refund
