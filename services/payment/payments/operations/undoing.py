"""Payments registered by mistake: undone, or moved to another contact, in one transaction each."""

from collections.abc import Sequence
from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.contacts import repository as contacts
from services.payment.payments.domain import undoing
from services.payment.payments.domain.payment import Payment
from services.payment.payments.domain.registration import NotKnownHere, Target, require_named_once
from services.payment.payments.operations import money_batches
from services.payment.payments.repository import payments
from shared.messaging.work import Work


async def void_payment(work: Work, payment_id: UUID, reason: str) -> Payment:
    """Undo the payment: its invoices ask again, its external reference is free, the ledger is reversed.

    Records payment.updated, payment.voided and, where credit balance goes with it, credit_balance.updated. A
    payment that is voided already is given back as it is. Raises NotFound, PaymentHasBankLine and what
    undoing.void raises.
    """
    batch = await money_batches.lock_payment(work, payment_id)
    line_id = await payments.matched_line(work.tx, work.workspace_id, payment_id)
    if line_id:
        raise undoing.PaymentHasBankLine(field="state", bank_line_id=str(line_id))
    undoing.void(batch, payment_id, reason)
    await money_batches.save(work, batch)
    return batch.payments[payment_id]


async def move_payment(
    work: Work,
    payment_id: UUID,
    contact_id: UUID,
    targets: Sequence[Target],
) -> Payment:
    """Give the payment to another contact, whose invoices the targets are; the rest is credit balance.

    Records payment.updated, payment.moved and credit_balance.updated. Raises NotFound, NotKnownHere,
    AllocatedTwice and what undoing.move raises.
    """
    require_named_once(targets)
    batch = await money_batches.lock_payment(work, payment_id, *(target.invoice_id for target in targets))
    missing = tuple(target for target in targets if target.invoice_id not in batch.receivables)
    if missing:
        raise NotKnownHere(missing)
    has_invoice = any(receivable.contact_id == contact_id for receivable in batch.receivables.values())
    if not has_invoice and not await contacts.is_known(work.tx, work.workspace_id, contact_id):
        raise NotKnownHere(contact_id=contact_id)
    serials = await allocations.serials(work.tx, len(targets)) if targets else []
    undoing.move(batch, payment_id, contact_id, targets, iter(serials))
    await money_batches.save(work, batch)
    return batch.payments[payment_id]
