"""Payments registered by mistake: undone as if their money never came, or moved to whose money it is."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from services.payment.allocations import domain as allocating
from services.payment.ledger.domain import Accounts, transfer
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import Target
from services.payment.refunds.domain.refund import PaymentNotSucceeded, RefundStatus
from shared.events.payment import PaymentMoved, PaymentVoided
from shared.kernel.errors import Conflict


class PaymentIsTheProviders(Conflict):
    """A provider took this money: what goes back goes back as a refund."""

    code = "payment_is_the_providers"


class PaymentIsReleasedCredit(Conflict):
    """This is credit of a subscription that has stopped, no money that came in: nothing was registered."""

    code = "payment_is_released_credit"


class PaymentWasRefunded(Conflict):
    """Money of this payment went back to its payer, so it did come in: refund the rest instead."""

    code = "payment_was_refunded"


class PaymentWasDisputed(Conflict):
    """The payer's bank took money of this payment back, so it did come in."""

    code = "payment_was_disputed"


class PaymentHasBankLine(Conflict):
    """A bank's file tells of this money: undo the match of its line."""

    code = "payment_has_bank_line"


class RefundOnItsWay(Conflict):
    """Money of this payment is on its way back to its payer: wait for the refund to end."""

    code = "refund_on_its_way"


class AlreadyTheContacts(Conflict):
    """The payment is this contact's already: change its allocations instead."""

    code = "payment_is_the_contacts"


def void(batch: MoneyBatch, payment_id: UUID, reason: str) -> None:
    """Undo the payment whole: every invoice that it settled, the newest first, asks for its money again.

    What the contact had of it as credit balance goes too, wherever it was spent meanwhile: that is one of the
    allocations. Booked today, so that no closed day changes. A second time nothing happens. Raises
    PaymentIsTheProviders, PaymentIsReleasedCredit, PaymentNotSucceeded, PaymentWasRefunded or
    PaymentWasDisputed.
    """
    payment = batch.payments[payment_id]
    if payment.state == "voided":
        return
    _require_by_hand(payment)
    _require_all_here(payment)
    batch.free(payment_id, payment.amount_minor)
    payment = batch.payments[payment_id]
    occasion = batch.occasion(payment.workspace_id, "payment_void", payment_id)
    accounts = payment.accounts
    batch.transfers += transfer(
        accounts.credit, accounts.cash(payment.method), payment.amount_minor, occasion
    )
    now = batch.now(payment.workspace_id)
    batch.put_payment(
        replace(payment, state="voided", unallocated_minor=0, voided_at=now, void_reason=reason)
    )
    batch.say(PaymentVoided, payment_id)


def move(
    batch: MoneyBatch, payment_id: UUID, contact_id: UUID, targets: Sequence[Target], serials: Iterator[int]
) -> None:
    """Give what is left of the payment to another contact, and let it settle so much of their invoices.

    It leaves the invoices that it settled, the newest first. What had gone back before stays with the contact
    that it went back to. The same move a second time changes nothing. Raises PaymentIsTheProviders,
    PaymentIsReleasedCredit, PaymentNotSucceeded, RefundOnItsWay, AlreadyTheContacts and what
    allocating.allocate raises.
    """
    payment = batch.payments[payment_id]
    if payment.contact_id == contact_id:
        _require_done(payment, targets)
        return
    _require_by_hand(payment)
    if any(refund.state is RefundStatus.PENDING for refund in payment.refunds):
        raise RefundOnItsWay(field="state")
    batch.free(payment_id, payment.refundable_minor)
    payment = batch.payments[payment_id]
    theirs = Accounts(payment.workspace_id, payment.currency, contact_id)
    occasion = batch.occasion(payment.workspace_id, "payment_move", payment_id)
    batch.transfers += transfer(payment.accounts.credit, theirs.credit, payment.unallocated_minor, occasion)
    batch.put_payment(replace(payment, contact_id=contact_id, moved_from_contact_id=payment.contact_id))
    for target in targets:
        place = target.field.removesuffix("invoice_id")
        allocating.allocate(
            batch, payment_id, target.invoice_id, target.amount_minor, next(serials), place=place
        )
    batch.say(PaymentMoved, payment_id)


def _require_by_hand(payment: Payment) -> None:
    if payment.provider is not None:
        raise PaymentIsTheProviders(field="state", provider=payment.provider)
    if payment.is_released_credit:
        raise PaymentIsReleasedCredit(field="state")
    if payment.state != "succeeded":
        raise PaymentNotSucceeded(field="state", state=payment.state)


def _require_all_here(payment: Payment) -> None:
    if payment.refunded_minor:
        raise PaymentWasRefunded(
            f"{payment.refunded_minor} of this payment went back to its payer, so it did come in: "
            "refund the rest instead.",
            field="state",
            amount_refunded_minor=payment.refunded_minor,
            refund_ids=[
                str(refund.id) for refund in payment.refunds if refund.state is not RefundStatus.FAILED
            ],
        )
    if payment.disputed_minor:
        raise PaymentWasDisputed(field="state", amount_disputed_minor=payment.disputed_minor)


def _require_done(payment: Payment, targets: Sequence[Target]) -> None:
    live = {
        allocation.invoice_id: allocation.live_minor
        for allocation in payment.allocations
        if allocation.live_minor
    }
    if any(live.get(target.invoice_id) != target.amount_minor for target in targets):
        raise AlreadyTheContacts(field="contact_id")
