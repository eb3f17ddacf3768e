"""Money that a payer's bank takes back, and gives back when the dispute is won: each once."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from services.payment.disputes.domain.dispute import MOVES, Dispute, DisputeReport, DisputeState, Part
from services.payment.ledger.domain import transfer
from services.payment.payments.domain.money_batch import MoneyBatch
from services.payment.payments.domain.payment import Allocation, Payment
from services.payment.refunds.domain.refund import PaymentNotSucceeded
from shared.events.payment import PaymentDisputeClosed, PaymentDisputed


def follow(batch: MoneyBatch, payment_id: UUID, told: DisputeReport) -> bool:
    """Let the payment follow what the provider says of one of its disputes; whether that changed anything.

    A dispute takes money once and gives it back once, however often and in what order it is told of. One that
    is heard of when it is won already never took any. Raises PaymentNotSucceeded.
    """
    payment = batch.payments[payment_id]
    if payment.state != "succeeded":
        raise PaymentNotSucceeded(state=payment.state)
    dispute = _find(payment, told.reference)
    if dispute is None:
        _open(batch, payment_id, told)
    elif told.status in MOVES[dispute.status]:
        _close(batch, payment_id, replace(dispute, reference=told.reference), told.status)
    elif dispute.reference != told.reference:
        _put(batch, payment_id, dispute, replace(dispute, reference=told.reference))
    else:
        return False
    return True


def _find(payment: Payment, reference: str) -> Dispute | None:
    """The dispute with this reference, or else one that was booked before references were kept."""
    by_reference = {dispute.reference: dispute for dispute in payment.disputes}
    return by_reference.get(reference) or by_reference.get("")


def _open(batch: MoneyBatch, payment_id: UUID, told: DisputeReport) -> None:
    payment = batch.payments[payment_id]
    now = batch.now(payment.workspace_id)
    # Of a dispute in the payer's currency nobody knows the part: what was charged may be taken.
    is_ours = told.currency in (None, payment.currency)
    amount_minor = told.amount_minor if is_ours else payment.amount_minor
    is_over = told.status is not DisputeState.OPEN
    dispute = Dispute(
        reference=told.reference,
        status=told.status,
        amount_minor=amount_minor,
        taken_minor=0,
        reason=told.reason,
        opened_at=now,
        closed_at=now if is_over else None,
    )
    if told.status is not DisputeState.WON:
        dispute = replace(dispute, taken_minor=amount_minor, parts=_take(batch, payment_id, amount_minor))
        batch.say(PaymentDisputed, payment_id)
    _put(batch, payment_id, None, dispute)
    if is_over:
        batch.say(PaymentDisputeClosed, payment_id)


def _close(batch: MoneyBatch, payment_id: UUID, dispute: Dispute, status: DisputeState) -> None:
    now = batch.now(batch.payments[payment_id].workspace_id)
    _put(batch, payment_id, dispute, replace(dispute, status=status, closed_at=now))
    if status is DisputeState.WON and dispute.taken_minor:
        _give_back(batch, payment_id, dispute)
    batch.say(PaymentDisputeClosed, payment_id)


def _take(batch: MoneyBatch, payment_id: UUID, amount_minor: int) -> tuple[Part, ...]:
    """All of it leaves the bank; what the payment no longer held is overdrawn. What left allocations."""
    before = batch.payments[payment_id]
    held = min(amount_minor, before.refundable_minor)
    overdrawn = amount_minor - held
    batch.free(payment_id, held)
    payment = batch.payments[payment_id]
    accounts, cash = payment.accounts, payment.accounts.cash(payment.method)
    occasion = batch.occasion(payment.workspace_id, "dispute", payment.id)
    batch.transfers += transfer(accounts.credit, cash, held, occasion)
    batch.transfers += transfer(accounts.overdrawn, cash, overdrawn, occasion)
    batch.put_payment(
        replace(
            payment,
            unallocated_minor=payment.unallocated_minor - held,
            disputed_minor=payment.disputed_minor + amount_minor,
            overdrawn_minor=payment.overdrawn_minor + overdrawn,
        )
    )
    return tuple(_parts(before, payment))


def _parts(before: Payment, after: Payment) -> Iterator[Part]:
    live = {allocation.id: allocation.live_minor for allocation in after.allocations}
    for allocation in before.allocations:
        gone = allocation.live_minor - live[allocation.id]
        if gone:
            yield Part(allocation.id, gone)


def _give_back(batch: MoneyBatch, payment_id: UUID, won: Dispute) -> None:
    """The money is the payment's again, and settles what it had settled, as far as that is still due."""
    payment = batch.payments[payment_id]
    cash = payment.accounts.cash(payment.method)
    occasion = batch.occasion(payment.workspace_id, "dispute", payment.id)
    batch.put_payment(replace(payment, disputed_minor=payment.disputed_minor - won.taken_minor))
    batch.come_back(payment_id, cash, won.taken_minor, occasion)
    for allocation, amount_minor in _to_restore(batch.payments[payment_id], won):
        receivable = batch.receivables.get(allocation.invoice_id)
        unallocated = batch.payments[payment_id].unallocated_minor
        fits = min(amount_minor, unallocated, receivable.due_minor if receivable else 0)
        if fits > 0:
            batch.raise_allocation(payment_id, allocation, fits)


def _to_restore(payment: Payment, won: Dispute) -> Iterator[tuple[Allocation, int]]:
    taken = {part.allocation_id: part.amount_minor for part in won.parts}
    for allocation in payment.allocations:
        if won.parts:
            yield allocation, taken.get(allocation.id, 0)
        else:
            # It was booked before its parts were kept.
            yield allocation, allocation.amount_minor - allocation.live_minor


def _put(batch: MoneyBatch, payment_id: UUID, before: Dispute | None, dispute: Dispute) -> None:
    payment = batch.payments[payment_id]
    # One that had no reference yet stands at the place of which it is the dispute.
    replaced = {dispute.reference} | ({""} if before and not _has(payment, dispute.reference) else set())
    others = tuple(existing for existing in payment.disputes if existing.reference not in replaced)
    batch.put_payment(replace(payment, disputes=(*others, dispute)))


def _has(payment: Payment, reference: str) -> bool:
    return any(dispute.reference == reference for dispute in payment.disputes)
