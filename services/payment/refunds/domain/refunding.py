"""Money that goes back: unallocated money first, then that of the newest allocations."""

from dataclasses import replace
from uuid import UUID

from services.payment.ledger.domain import transfer
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Payment
from services.payment.refunds.domain.refund import (
    MOVES,
    NothingToRefund,
    PaymentNotSucceeded,
    Refund,
    RefundExceedsPayment,
    RefundRequest,
    RefundStatus,
)
from shared.events.payment import PaymentRefunded, PaymentRefundFailed
from shared.kernel.ids import new_id
from shared.kernel.moves import require_move


def begin(batch: MoneyBatch, payment_id: UUID, request: RefundRequest) -> Refund:
    """Set so much of the payment aside for its payer; the refund is pending.

    Raises PaymentNotSucceeded, NothingToRefund or RefundExceedsPayment.
    """
    payment = batch.payments[payment_id]
    amount_minor = _amount(payment, request)
    batch.free(payment_id, amount_minor)
    payment = batch.payments[payment_id]
    now = batch.now(payment.workspace_id)
    refund = Refund(
        workspace_id=payment.workspace_id,
        id=new_id(),
        version=1,
        created_at=now,
        updated_at=now,
        payment_id=payment_id,
        contact_id=payment.contact_id,
        state=RefundStatus.PENDING,
        amount_minor=amount_minor,
        currency=payment.currency,
        method=request.method or _way_back(payment),
        reason=request.reason,
        external_reference=request.external_reference,
        credit_note_id=request.credit_note_id,
    )
    occasion = batch.occasion(payment.workspace_id, "refund", refund.id)
    accounts = payment.accounts
    batch.transfers += transfer(accounts.credit, accounts.refunds, amount_minor, occasion)
    batch.put_payment(
        replace(
            payment,
            unallocated_minor=payment.unallocated_minor - amount_minor,
            refunded_minor=payment.refunded_minor + amount_minor,
        )
    )
    batch.put_refund(refund)
    return refund


def finish(batch: MoneyBatch, refund: Refund, *, succeeded: bool, reason: str | None = None) -> Refund:
    """The money has gone, or it is here (again) and is unallocated; `reason` says why it could not go.

    A refund may fail after it had succeeded: the payer's bank did not take the money and sent it back.
    Raises IllegalMove for what is finished otherwise.
    """
    state = RefundStatus.SUCCEEDED if succeeded else RefundStatus.FAILED
    require_move(MOVES, refund.state, state)
    payment = batch.payments[refund.payment_id]
    occasion = batch.occasion(payment.workspace_id, "refund", refund.id)
    accounts = payment.accounts
    if succeeded:
        batch.transfers += transfer(
            accounts.refunds, accounts.cash(refund.method), refund.amount_minor, occasion
        )
        batch.say(PaymentRefunded, payment.id)
    else:
        has_gone = refund.state is RefundStatus.SUCCEEDED
        source = accounts.cash(refund.method) if has_gone else accounts.refunds
        batch.put_payment(replace(payment, refunded_minor=payment.refunded_minor - refund.amount_minor))
        batch.come_back(payment.id, source, refund.amount_minor, occasion)
        batch.say(PaymentRefundFailed, payment.id)
    # One that is made and finished at once is stored once.
    version = refund.version if refund.id in batch.refunds else refund.version + 1
    now = batch.now(payment.workspace_id)
    finished = replace(refund, state=state, version=version, updated_at=now, failure_reason=reason)
    batch.put_refund(finished)
    return finished


def is_by_hand(payment: Payment) -> bool:
    """Whether no provider took the money, so that a person gives it back: such a refund succeeds at once."""
    return payment.provider is None


def _amount(payment: Payment, request: RefundRequest) -> int:
    _require_money(payment)
    left = payment.refundable_minor
    if not left:
        raise NothingToRefund
    if request.amount_minor is not None and request.amount_minor > left:
        raise RefundExceedsPayment(
            f"The payment still holds {left}.", field="amount_minor", refundable_minor=left
        )
    return left if request.amount_minor is None else request.amount_minor


def _way_back(payment: Payment) -> str:
    # Released credit did not come in by any way: a person sends it.
    return "bank_transfer" if payment.is_released_credit else payment.method


def _require_money(payment: Payment) -> None:
    if payment.state != "succeeded":
        raise PaymentNotSucceeded(state=payment.state)
