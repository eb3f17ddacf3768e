"""Money batches: rows are locked into one, the domain moves money in it, all of it is stored at once.

Every transaction locks in this order: receivables, payments, then (in save) credit balances.
"""

from uuid import UUID

from services.payment.allocations import repository as allocations
from services.payment.credit_balances.operations import add_credits
from services.payment.ledger.repository import ledger
from services.payment.payments.domain.money_batch import Changes, MoneyBatch
from services.payment.payments.repository import payments
from services.payment.receivables.repository import receivables
from services.payment.refunds.repository import refunds
from shared.messaging.work import Unit, Work


async def lock_payment(work: Work, payment_id: UUID, *invoice_ids: UUID) -> MoneyBatch:
    """A batch with the payment, the receivables that hold its money and those of these invoices.

    Raises NotFound for a payment that is not there; a receivable that is not there is not in the batch.
    """
    held = await receivables.lock_held(work.tx, work.workspace_id, payment_id, invoice_ids)
    payment = await payments.lock(work.tx, work.workspace_id, payment_id)
    batch = MoneyBatch(
        {work.workspace_id: work.clock},
        {receivable.invoice_id: receivable for receivable in held},
        {payment_id: payment},
    )
    holding = {allocation.invoice_id for allocation in payment.allocations if allocation.live_minor}
    if not holding <= batch.receivables.keys():
        # It settled another invoice meanwhile. Out of order, so nobody may be waited for.
        late = await receivables.lock_held(work.tx, work.workspace_id, payment_id, waits=False)
        batch.receivables |= {receivable.invoice_id: receivable for receivable in late}
    return batch


async def save(unit: Unit, batch: MoneyBatch) -> Changes:
    """Store what the batch's moves came to: rows, entries and events; what was stored."""
    changes = batch.changes()
    if changes.receivables:
        await receivables.save(unit.tx, changes.receivables)
    if changes.payments:
        await payments.save(unit.tx, changes.payments)
    if changes.allocations:
        await allocations.save(unit.tx, changes.allocations)
    if changes.refunds:
        await refunds.save(unit.tx, changes.refunds)
    if changes.transfers:
        await ledger.write(unit.tx, changes.transfers)
    unit.record(*changes.events)
    if changes.credits:
        await add_credits(unit, changes.credits)
    return changes
